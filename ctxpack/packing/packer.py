"""Packer: the decisions of a session, request by request."""

from ctxpack.caching import Forecast
from ctxpack.packing.branch import Branch
from ctxpack.packing.branches import Branches
from ctxpack.packing.budget import fit
from ctxpack.packing.calibration import Calibration
from ctxpack.packing.compacting import compact
from ctxpack.packing.editors import Editors
from ctxpack.packing.floor import falls_below
from ctxpack.packing.journal import Journal, scope
from ctxpack.packing.ledger import Ledger
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import Policy
from ctxpack.packing.removable import is_due, removable
from ctxpack.packing.report import Compacted, CompactionCause, Report
from ctxpack.packing.served_reads import ServedReads
from ctxpack.packing.summaries.gate import SummaryGate
from ctxpack.packing.summaries.known import KnownSummaries
from ctxpack.packing.summaries.summarizer import Reply
from ctxpack.packing.summaries.summary import Summary
from ctxpack.packing.summaries.writer import Writer
from ctxpack.packing.terms import Terms
from ctxpack.packing.turn import Decided, RecentTurns, Turn
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import CacheRules, Price

# Turns that the next one may be made from, and bytes of text they may hold in all.
_TURNS = 4
_TURN_BYTES = 32 << 20
# Why new results are left whole, in fixed words.
_FLOOR = "packed, the prompt would be below the cache minimum, and cost more"


class Packer:
    """Packs prompts; see Session for what it promises.

    Thread-safety: none; its session locks.
    """

    def __init__(
        self,
        model: str,
        policy: Policy,
        price: Price,
        rules: CacheRules,
        originals: Originals,
        budget: int | None,
        has_summarizer: bool = False,
    ) -> None:
        self._model = model
        self._policy = policy
        self._price = price
        self._rules = rules
        self._originals = originals
        self._budget = budget
        self._ledger = Ledger(policy.name, price, rules)
        self._terms = Terms(price, rules.minimum, self._ledger.ends_long, policy.horizon)
        rule = policy.summaries
        self._gate = None if rule is None else SummaryGate(rule, self._terms, has_summarizer)
        self._editors: dict[str, Editors] = {}
        self._recent = RecentTurns(_TURNS, _TURN_BYTES)
        decided_by = scope(model, policy)
        self._journal = Journal(originals, decided_by)
        self._branches = Branches(self._journal)
        self._calibration = Calibration()
        self._served = ServedReads(originals, decided_by)
        may_summarise = policy.summaries is not None or (budget is not None and policy.compaction is not None)
        self._summaries = KnownSummaries(originals, decided_by) if may_summarise else None

    def pack(
        self, data: bytes, now: float, answer: Reply = None, dialect: str | None = None
    ) -> tuple[Fingerprint, Forecast, Report]:
        """The packed prompt, what it will be billed, and what was done.

        Args:
            data: the body.
            now: unix seconds.
            answer: as `Writer.answer`.
            dialect: of the body; None for what its shape shows.

        Raises:
            SummaryWanted: a summarizer is to be asked first; nothing was decided.
            BodyError: the body is not one of a known dialect.
            BudgetError: it cannot be made to fit.
            StoreError: an original could not be kept.
        """
        earlier = self._recent.nearest(data)
        prompt = Prompt.parse(data, dialect, earlier.given.prompt if earlier else None)
        editors = self._editors_for(prompt.dialect)
        given = fingerprint(prompt, editors.counter, earlier.given if earlier else None)
        turn = Turn.start(given, editors.counter, self._policy, earlier, self._summary_of(given))
        branch = self._branches.continued_by(turn)
        before = branch.saved_state()
        try:
            writer = Writer(editors.condenser, answer)
            decided, compaction = self._decide(Decided(turn, branch), editors, writer, now)
            self._journal.write(decided, before if decided.branch is branch else Branch(), now)
            sent = self._sent_off(decided, compaction, now)
        except BaseException:
            # Nothing is sent: half of a decision must not outlive it.
            branch.back_to(before, turn.texts)
            raise
        for continued in (branch, decided.branch):
            continued.made.clear()
        self._recent.add(decided.turn, earlier)
        return sent

    def learn(self, calibration: Calibration) -> None:
        """Forecasts the next requests by what was billed; decides nothing by it. O(1). Thread-safety: safe."""
        self._calibration = calibration

    def unpacked(self, reason: str) -> Report:
        """The report of a request that is left as it is."""
        return self._ledger.unpacked(reason)

    def _decide(
        self, decided: Decided, editors: Editors, writer: Writer, now: float
    ) -> tuple[Decided, Compacted | None]:
        """Makes the packed prompt; what it is made of, and how that rewrites history that was sent before."""
        is_repeat = len(decided.branch.chain) == len(decided.turn.chain)
        self._extend(decided, editors)
        before, alive = decided.turn.packed, self._is_alive(decided, now)
        rent = None
        if not is_repeat:
            summarised = self._summarise(decided, writer, alive)
            rent = self._compact(decided, editors, alive) if summarised is None else decided.branch.summary_rent
            decided = summarised or decided
        cause: CompactionCause | None = None if rent is None else "rent" if alive else "cold cache"
        if self._budget is not None and decided.tokens > self._budget:
            rent, cause = rent or decided.branch.rent, "budget"
            decided = fit(decided, self._budget, self._policy, editors, writer)
        if cause is None:
            return decided, None
        summary, after = decided.turn.summary, decided.turn.packed
        asked = self._terms.asking(before, summary.tokens_after, alive) if writer.has_asked and summary else 0.0
        return decided, self._ledger.compaction(before, after, rent or 0.0, asked, cause, alive)

    def _summary_of(self, given: Fingerprint) -> Summary | None:
        """The summary that holds for a body; none is looked for where the policy makes none."""
        if self._summaries is None:
            return None
        found = self._summaries.find(given.prompt.dialect, [position.wire for position in given.positions])
        return found if found is not None and found.fits(len(given.prompt.messages)) else None

    def _summarise(self, decided: Decided, writer: Writer, alive: bool) -> Decided | None:
        """Summarises old messages where the policy asks for it and that is due."""
        return None if self._gate is None else self._gate.passed(decided, writer, alive)

    def _extend(self, decided: Decided, editors: Editors) -> None:
        """Shapes what is new, unless that would drop the prompt below the cache minimum and cost more.

        A budget goes before the bill.
        """
        turn, branch = decided
        before = branch.saved_state()
        branch.extend(turn.texts, turn.chain, editors.shaper)
        turn.write(branch, editors.counter)
        must_shrink = self._budget is not None and turn.given.tokens > self._budget
        if must_shrink or branch.rewrites == before.rewrites:
            return
        if not falls_below(turn.given, turn.packed, self._price, self._rules):
            return
        branch.back_to(before, turn.texts)
        branch.adopt(turn.texts, turn.chain)
        turn.write(branch, editors.counter)
        turn.left_whole = _FLOOR

    def _compact(self, decided: Decided, editors: Editors, alive: bool) -> float | None:
        """Compacts where that is due and saves about what it promised; the rent that was paid, None where not."""
        rule, (turn, branch) = self._policy.compaction, decided
        if rule is None:
            return None
        packed = turn.packed
        found = removable(turn.texts, branch, packed, rule, rule.keep_turns)
        if not is_due(found, branch, packed, alive, self._terms, rule):
            return None
        before = branch.saved_state()
        if not compact(decided, found, rule, editors):
            return None
        if found.saving.is_reached(packed, turn.packed):
            return before.rent
        # Results in the kept turns pointed to what was removed, and had to be written out again.
        branch.back_to(before, turn.texts)
        # Not at every request from now on.
        branch.rent = 0.0
        turn.write(branch, editors.counter)
        return None

    def _is_alive(self, decided: Decided, now: float) -> bool:
        """Whether the provider may still hold what was sent last of the conversation, by whichever process.

        An answer says that something was. Markers are not asked for: a gateway or a request-level default may add them
        behind us. Taking a live cache for a cold one costs more than the reverse.
        """
        turn, sent = decided.turn, decided.branch.sent
        if sent is None:
            return turn.is_answered(len(turn.base.positions))
        lifetime = self._ledger.lifetime(turn.packed)
        return lifetime is None or now - sent <= lifetime

    def _sent_off(
        self, decided: Decided, compaction: Compacted | None, now: float
    ) -> tuple[Fingerprint, Forecast, Report]:
        """Forecasts the request, then takes note that it is sent."""
        turn = decided.turn
        if self._rules.best_effort:
            self._ledger.learn(self._served.with_earlier(self._calibration).hit_rate(self._rules.hit_rate))
        if self._summaries is not None:
            self._summaries.note(turn.dialect, turn.ends, turn.summary)
            self._summaries.note(turn.dialect, [turn.packed.positions[-1].wire], None)
        sent = turn.packed, *self._ledger.enter(turn, compaction, now)
        self._branches.sent_off(decided, now)
        return sent

    def _editors_for(self, dialect: str) -> Editors:
        if dialect not in self._editors:
            self._editors[dialect] = Editors.make(self._model, dialect, self._originals, self._policy)
        return self._editors[dialect]
