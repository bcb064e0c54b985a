"""Packer: the decisions of a session, request by request."""

from collections import OrderedDict
from dataclasses import replace

from ctxpack.caching import Forecast, cache_model, forecast
from ctxpack.packing.branch import Branch
from ctxpack.packing.budget import fit
from ctxpack.packing.compacting import compact
from ctxpack.packing.editors import Editors
from ctxpack.packing.gate import is_due, removable
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import Policy
from ctxpack.packing.report import Entry, Report
from ctxpack.packing.texts import Text, texts
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Prompt, Span
from ctxpack.providers import CacheRules, Price

# Histories kept at once: many conversations, their subagents and rewinds. Finding one costs O(log blocks) each.
_BRANCHES = 256
# Share of its estimated saving that a compaction must reach.
_PROMISED = 0.5
# Prefixes recognised when a packed body comes back as input.
_SENT = 65_536


class Packer:
    """Packs prompts; see Session for what it promises.

    Thread-safety: none; its session locks.
    """

    def __init__(
        self, model: str, policy: Policy, price: Price, rules: CacheRules, originals: Originals, budget: int | None
    ) -> None:
        self._model = model
        self._policy = policy
        self._price = price
        self._rules = rules
        self._originals = originals
        self._budget = budget
        self._cache = cache_model(rules)
        self._unpacked = cache_model(rules)
        self._editors: dict[str, Editors] = {}
        self._branches: list[Branch] = []
        self._sent: OrderedDict[bytes, float] = OrderedDict()

    def pack(self, prompt: Prompt, now: float) -> tuple[Fingerprint, Forecast, Report]:
        """The packed prompt, what it will be billed, and what was done.

        Raises:
            BudgetError: it cannot be made to fit.
            StoreError: an original could not be kept.
        """
        editors = self._editors_for(prompt.dialect)
        given, found = fingerprint(prompt, editors.counter), texts(prompt)
        chain = [position.wire for position in given.positions]
        branch = self._branch(found, chain)
        before = replace(branch, rewrites=dict(branch.rewrites))
        try:
            packed, compacted = self._decided(branch, found, given, editors, now)
            return self._sent_off(given, packed, found, branch, compacted, now)
        except BaseException:
            # Nothing is sent: half of a decision must not outlive it.
            del self._branches[-1]
            self._branches.append(before.fork(found, len(before.chain)))
            raise

    def _decided(
        self, branch: Branch, found: list[Text], given: Fingerprint, editors: Editors, now: float
    ) -> tuple[Fingerprint, bool]:
        """The packed prompt, and whether it rewrites history that was sent before."""
        is_repeat = len(branch.chain) == len(given.positions)
        packed = self._extended(branch, found, given, editors)
        smaller = None if is_repeat else self._compacted(branch, found, given, packed, editors, now)
        compacted = smaller is not None
        packed = smaller or packed
        if self._budget is not None and packed.tokens > self._budget:
            packed = self._fitted(given, found, branch, editors, self._budget)
            compacted = True
        return packed, compacted

    def _branch(self, found: list[Text], chain: list[bytes]) -> Branch:
        """The branch that this body continues, a fork of one, or a new one; at the end of the list from now on."""
        branch = max(self._branches, key=lambda branch: branch.shared(chain), default=Branch())
        shared = branch.shared(chain)
        returned = next((i for i, wire in enumerate(chain) if wire not in self._sent), len(chain))
        if returned > shared:
            # What comes back as it was sent is in the cache as it is.
            rent = branch.rent if shared else 0.0
            branch = Branch(rent=rent, sent=self._sent[chain[returned - 1]])
            branch.adopt(found, chain[:returned])
        elif not shared:
            branch = Branch()
        elif shared < len(branch.chain):
            branch = branch.fork(found, shared)
        others = [other for other in self._branches if other is not branch]
        self._branches = [*others[1 - _BRANCHES :], branch]
        return branch

    def _extended(self, branch: Branch, found: list[Text], given: Fingerprint, editors: Editors) -> Fingerprint:
        """Shapes what is new, unless that would drop the prompt below the cache minimum and cost more."""
        known, chain = len(branch.chain), [position.wire for position in given.positions]
        before = dict(branch.rewrites)
        branch.extend(found, chain, editors.shaper)
        packed = _write(given, found, branch, editors)
        if branch.rewrites == before or not self._falls_below_minimum(given, packed):
            return packed
        plain = branch.fork(found, known)
        plain.adopt(found, chain)
        self._branches[-1] = plain
        branch.rewrites, branch.index = plain.rewrites, plain.index
        self._branches[-1] = branch
        return _write(given, found, branch, editors)

    def _falls_below_minimum(self, given: Fingerprint, packed: Fingerprint) -> bool:
        if not packed.tokens < self._rules.minimum <= given.tokens:
            return False
        rates = self._price.rates(given.tokens)
        return packed.tokens * rates.input > given.tokens * rates.cache_read

    def _compacted(
        self, branch: Branch, found: list[Text], given: Fingerprint, packed: Fingerprint, editors: Editors, now: float
    ) -> Fingerprint | None:
        """The prompt after a compaction, where one is due and saves about what it promised."""
        rule = self._policy.compaction
        if rule is None:
            return None
        candidates = removable(found, branch, packed, rule, rule.keep_turns)
        alive = self._is_alive(branch, packed, now)
        if not is_due(candidates, branch, packed, self._rules.minimum, alive, self._price, rule):
            return None
        before = replace(branch)
        if not compact(branch, found, candidates, rule, editors.remover, editors.shaper):
            return None
        smaller = _write(given, found, branch, editors)
        if packed.tokens - smaller.tokens >= _PROMISED * candidates.tokens:
            return smaller
        # Results in the kept turns pointed to what was removed, and had to be written out again.
        branch.rewrites, branch.index = before.rewrites, before.index
        return None

    def _is_alive(self, branch: Branch, packed: Fingerprint, now: float) -> bool:
        """Whether the provider may still hold what the branch sent last.

        Markers are not asked for: a gateway or a request-level default may add them behind us, and taking a live cache
        for a cold one costs more than the reverse.
        """
        is_long = any(mark.ttl in ("1h", "12h") for mark in packed.breakpoints)
        lifetime = self._rules.ttl_long if is_long else self._rules.ttl
        return branch.sent is not None and (lifetime is None or now - branch.sent <= lifetime)

    def _fitted(
        self, given: Fingerprint, found: list[Text], branch: Branch, editors: Editors, budget: int
    ) -> Fingerprint:
        def write() -> Fingerprint:
            return _write(given, found, branch, editors)

        return fit(write, branch, found, budget, self._policy.compaction, editors.remover, editors.shaper)

    def _sent_off(
        self,
        given: Fingerprint,
        packed: Fingerprint,
        found: list[Text],
        branch: Branch,
        compacted: bool,
        now: float,
    ) -> tuple[Fingerprint, Forecast, Report]:
        """Forecasts the request, then takes note that it is sent."""
        ahead = forecast(packed, self._cache, self._price, now)
        without = forecast(given, self._unpacked, self._price, now)
        branch.sent = now
        self._cache.observe(packed, now)
        self._unpacked.observe(given, now)
        for position in packed.positions:
            self._sent[position.wire] = now
            self._sent.move_to_end(position.wire)
        while len(self._sent) > _SENT:
            self._sent.popitem(last=False)
        report = Report(
            policy=self._policy.name,
            tokens_before=given.tokens,
            tokens_after=packed.tokens,
            exactness=ahead.tokens,
            expected_before=without.expected,
            expected_after=ahead.expected,
            currency=self._price.currency,
            entries=tuple(_entries(found, branch)),
            compacted=compacted,
        )
        return packed, ahead, report

    def _editors_for(self, dialect: str) -> Editors:
        if dialect not in self._editors:
            self._editors[dialect] = Editors.make(self._model, dialect, self._originals, self._policy)
        return self._editors[dialect]


def _write(given: Fingerprint, found: list[Text], branch: Branch, editors: Editors) -> Fingerprint:
    """The prompt as the branch's decisions make it; what is given where they change nothing. O(bytes)."""
    parts: dict[int, dict[Span, bytes]] = {}
    for text in found:
        if (text.block, text.part) in branch.rewrites:
            parts.setdefault(text.source.message, {})[text.span] = text.write(branch.packed(text))
    if not parts:
        return given
    messages = given.prompt.messages
    changed = {index: messages[index].replaced(written) for index, written in parts.items()}
    return fingerprint(given.prompt.replaced(changed), editors.counter)


def _entries(found: list[Text], branch: Branch) -> list[Entry]:
    pairs = ((text, branch.rewrites.get((text.block, text.part))) for text in found)
    return [
        Entry(text.source.path, rewrite.action, rewrite.handle, rewrite.tokens_before, rewrite.tokens_after)
        for text, rewrite in pairs
        if rewrite is not None
    ]
