"""audit: logs in, one report out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import chain
from os import PathLike

from ctxpack.auditing.alternative import Alternative, Rerun
from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.losses import lost_money
from ctxpack.auditing.readers import read
from ctxpack.auditing.recent import keep
from ctxpack.auditing.totals import ModelTotals, money_of
from ctxpack.auditing.transitions import Conversation, Transition
from ctxpack.auditing.unmarked import savings
from ctxpack.errors import ReaderError, UnknownModelError
from ctxpack.providers import Bill, Price, Usage, bill, price

SCHEMA = 1
# Nothing is lost by these: their call is counted once, with its largest usage.
_MERGED = frozenset({Reason.STREAMED_PART, Reason.REPEATED_CALL})
# In what was left out by these there may be calls.
_UNREAD = frozenset(
    {
        *(Reason.NOT_A_LOG, Reason.UNREADABLE, Reason.NOT_JSON, Reason.TRUNCATED_LINE, Reason.UNKNOWN_RECORD),
        *(Reason.DIALECT, Reason.NO_MODEL, Reason.NO_USAGE, Reason.BAD_USAGE, Reason.BAD_TIME, Reason.COPY),
    }
)


@dataclass(frozen=True, slots=True)
class Audit:
    """What the logs say was billed, and what could have been.

    Attributes:
        models: totals by model, the dearest first.
        sessions: conversations seen.
        simulated: calls whose usage was computed, not billed.
        other_terms: priced calls whose usage names a service tier, a speed or a place that the list price is not for.
        transitions: every step from one call of a conversation to the next.
        lost_money: list price of the tokens that misses billed anew, less what reading them would have cost, by
            currency.
        marker_savings: list price of what cache markers would have saved where there are none, by currency (estimates).
        skips: what was left out, by reason.
        skipped: each of them; of the lines whose call is counted all the same, the first.
        alternatives: the same conversations packed, by policy and currency (estimates).
    """

    models: tuple[ModelTotals, ...]
    sessions: int
    simulated: int
    other_terms: dict[str, int]
    transitions: tuple[Transition, ...]
    lost_money: dict[str, float]
    marker_savings: dict[str, float]
    skips: dict[str, int]
    skipped: tuple[Skip, ...] = field(repr=False)
    alternatives: tuple[Alternative, ...] = ()

    @property
    def calls(self) -> int:
        return sum(model.calls for model in self.models)

    @property
    def usage(self) -> Usage:
        return sum((model.usage for model in self.models), Usage())

    @property
    def hit_rate(self) -> float:
        """Share of all input tokens that the cache served."""
        return self.usage.cache_read / self.usage.input if self.usage.input else 0.0

    @property
    def compared(self) -> int:
        """Transitions whose cache reads are predicted, where anything was predicted or read."""
        return sum(step.is_compared for step in self.transitions)

    @property
    def exact(self) -> int:
        """Of the compared transitions, those whose predicted cache reads equal the billed ones."""
        return sum(step.is_compared and step.is_exact for step in self.transitions)

    @property
    def unpredicted(self) -> int:
        """Transitions of which nothing is predicted."""
        return sum(step.predicted is None for step in self.transitions)

    @property
    def findings(self) -> tuple[Transition, ...]:
        """Transitions that lost cached tokens, had no cache markers, or broke what the provider promises."""
        return tuple(step for step in self.transitions if step.is_finding)

    @property
    def priced(self) -> int:
        """Calls whose list price is known."""
        return sum(model.calls for model in self.models if model.bill is not None)

    @property
    def bills(self) -> dict[str, Bill]:
        """List price of all priced calls, by currency."""
        sums: dict[str, Bill] = {}
        for model in self.models:
            if model.bill is not None:
                _add(sums, model.bill.currency, model.bill)
        return sums

    def to_dict(self) -> dict[str, object]:
        """The report as JSON-able values; `schema` names its form."""
        return {
            "schema": SCHEMA,
            "calls": self.calls,
            "priced_calls": self.priced,
            "sessions": self.sessions,
            "simulated_calls": self.simulated,
            "other_terms": self.other_terms,
            "usage": asdict(self.usage) | {"input": self.usage.input},
            "hit_rate": self.hit_rate,
            "bills": {name: money_of(total) for name, total in self.bills.items()},
            "models": [model.to_dict() for model in self.models],
            "transitions": len(self.transitions),
            "compared_transitions": self.compared,
            "exact_transitions": self.exact,
            "unpredicted_transitions": self.unpredicted,
            "findings": [step.to_dict() for step in self.findings],
            "lost_money": self.lost_money,
            "marker_savings": self.marker_savings,
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
            "skips": self.skips,
            "skipped": [asdict(skip) for skip in self.skipped if skip.reason not in _MERGED],
        }


def audit(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    policies: Iterable[str] = ("lossless", "balanced"),
    on_progress: Callable[[int], None] | None = None,
) -> Audit:
    """Reads logs and reports what they cost, why caches missed, and what packing would have billed.

    Args:
        paths: files or directories (Claude Code transcripts, records of requests with their usage; .gz too), pipes, or
            "-" for standard input; docs/auditing.md says what a record has.
        policies: packing policies to try on the same conversations; most of the time goes into them.
        on_progress: called now and then with the bytes read so far.

    Raises:
        ReaderError: a path does not exist, a file named is no log, or not one call could be read of all that was found.
        PolicyError: there is no policy of that name.

    Complexity: linear in the bodies' bytes. Memory: hashes, and the last prompts of the 1,024 conversations that went
    on last; one that goes on after as many others starts afresh. Thread-safety: safe.
    """
    given = [paths] if isinstance(paths, str | PathLike) else paths
    tally = _Tally([Rerun(name) for name in policies])
    for item in read(given, on_progress=on_progress):
        if isinstance(item, Call):
            tally.add(item)
        else:
            tally.leave_out(item)
    found = tally.result()
    if not found.calls:
        _refuse_unread(found.skipped)
    return found


def _refuse_unread(skipped: tuple[Skip, ...]) -> None:
    """Lets no audit say that nothing was billed where nothing could be read."""
    unread = [skip for skip in skipped if skip.reason.partition(":")[0] in _UNREAD]
    if not unread:
        return
    first, *others = dict.fromkeys(skip.path for skip in unread)
    where = f"{first} and {len(others)} more" if others else first
    reasons = Counter(skip.reason for skip in unread).most_common()
    raise ReaderError(f"{where}: no call could be read: {', '.join(f'{reason} ({n})' for reason, n in reasons)}")


class _Tally:
    def __init__(self, reruns: list[Rerun]) -> None:
        self._skips: Counter[str] = Counter()
        self._skipped: list[Skip] = []
        self._reruns = reruns
        self._sessions: set[str] = set()
        self._conversations: dict[str, Conversation] = {}
        self._calls: Counter[str] = Counter()
        self._usage: defaultdict[str, Usage] = defaultdict(Usage)
        self._bills: dict[str, Bill] = {}
        self._prices: dict[str, Price | None] = {}
        self._transitions: list[Transition] = []
        self._lost: defaultdict[str, float] = defaultdict(float)
        self._savings: defaultdict[str, float] = defaultdict(float)
        self._simulated = 0
        self._terms: Counter[str] = Counter()

    def add(self, call: Call) -> None:
        known = self._price(call.model)
        self._calls[call.model] += 1
        self._usage[call.model] += call.usage
        self._simulated += call.simulated
        if known is not None:
            _add(self._bills, call.model, bill(call.usage, known))
            self._terms.update(call.terms)
        step = self._conversation(call.session).step(call)
        if step is not None:
            self._transitions.append(step)
            self._charge(step, call, known)
        for rerun in self._reruns:
            rerun.add(call, known)

    def leave_out(self, skip: Skip) -> None:
        self._skips[skip.reason] += 1
        if skip.reason not in _MERGED or self._skips[skip.reason] == 1:
            self._skipped.append(skip)

    def result(self) -> Audit:
        models = [
            ModelTotals(name, self._calls[name], self._usage[name], self._bills.get(name)) for name in self._calls
        ]
        return Audit(
            models=tuple(sorted(models, key=lambda model: -(model.bill.total if model.bill else 0.0))),
            sessions=len(self._sessions),
            simulated=self._simulated,
            other_terms=dict(self._terms),
            transitions=tuple(self._transitions),
            lost_money=dict(self._lost),
            marker_savings=dict(self._savings),
            skips=dict(self._skips.most_common()),
            skipped=tuple(self._skipped),
            alternatives=tuple(chain.from_iterable(rerun.result() for rerun in self._reruns)),
        )

    def _conversation(self, session: str) -> Conversation:
        self._sessions.add(session)
        return keep(self._conversations, session, self._conversations.get(session) or Conversation())

    def _price(self, model: str) -> Price | None:
        if model not in self._prices:
            try:
                self._prices[model] = price(model)
            except UnknownModelError:
                self._prices[model] = None
        return self._prices[model]

    def _charge(self, step: Transition, call: Call, known: Price | None) -> None:
        if known is not None and step.is_miss:
            self._lost[known.currency] += lost_money(step.lost, call.usage, known)
        if known is not None and step.readable:
            self._savings[known.currency] += savings(step.readable, step.to_write, call.usage.input, known)


def _add(sums: dict[str, Bill], name: str, more: Bill) -> None:
    sums[name] = sums[name] + more if name in sums else more
