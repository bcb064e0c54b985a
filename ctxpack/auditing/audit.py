"""audit: logs in, one report out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from os import PathLike

from ctxpack.auditing.alternative import Rerun
from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.counters import Counters
from ctxpack.auditing.losses import lost_money
from ctxpack.auditing.readers import read
from ctxpack.auditing.recent import Recent
from ctxpack.auditing.report import MERGED, Audit, add_bill
from ctxpack.auditing.totals import ModelTotals
from ctxpack.auditing.transitions import Conversation, Transition
from ctxpack.auditing.unmarked import savings
from ctxpack.errors import ReaderError, UnknownModelError
from ctxpack.packing import Policy
from ctxpack.prompts import Prompt
from ctxpack.providers import Bill, Price, Usage, bill, price

# In what was left out by these there may be calls; and what to do about it.
_UNREAD: dict[str, str] = {
    **dict.fromkeys((Reason.NOT_A_LOG, Reason.UNREADABLE, Reason.UNREADABLE_REST, Reason.COPY), ""),
    **dict.fromkeys((Reason.NOT_JSON, Reason.TRUNCATED_LINE, Reason.UNKNOWN_RECORD, Reason.BAD_USAGE), ""),
    Reason.PACKED: "unpack it",
    Reason.DIALECT: "only openai.chat and anthropic.messages are read",
    Reason.NO_MODEL: "log the `model` that was asked",
    Reason.NO_USAGE: "log the `usage`, or the whole `response`",
    Reason.BAD_TIME: "log Unix time or ISO 8601",
}

# What such tools cost is not in the price of tokens.
_TOOLS = "tools that the provider ran"


def audit(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    policies: str | Policy | Iterable[str | Policy] = ("lossless", "balanced"),
    on_progress: Callable[[int], None] | None = None,
) -> Audit:
    """Reads logs and reports what they cost, why caches missed, and what packing would have billed.

    Args:
        paths: files or directories (Claude Code transcripts, records of requests with their usage; .gz too), pipes, or
            "-" for standard input; docs/auditing.md says what a record has.
        policies: packing policies to try on the same conversations, presets by name or your own, () for none; most of
            the time goes into them.
        on_progress: called now and then with the bytes read so far.

    Raises:
        ReaderError: no path is given, one does not exist, a file named is no log, or not one call could be read of all
            that was found.
        PolicyError: there is no preset of that name.

    Complexity: linear in the bodies' bytes. Memory: hashes, and the last prompts of the conversations that went on
    last, 1,024 of them and 64 MiB of bodies at most; one that goes on after as many others starts afresh.
    Thread-safety: safe.
    """
    given = [paths] if isinstance(paths, str | PathLike) else paths
    wanted = [policies] if isinstance(policies, str | Policy) else policies
    tally = _Tally(wanted)
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
    unread = [skip for skip in skipped if _kind(skip) in _UNREAD]
    if not unread:
        return
    first, others = unread[0], len({skip.path for skip in unread}) - 1
    where = f"{first.place} and {others} more" if others else first.place
    reasons = Counter(skip.reason for skip in unread).most_common()
    told = ", ".join(f"{reason} ({n})" for reason, n in reasons)
    hints = dict.fromkeys((first.detail, *(_UNREAD[_kind(skip)] for skip in unread)))
    raise ReaderError("; ".join((f"{where}: no call could be read: {told}", *filter(None, hints))))


def _kind(skip: Skip) -> str:
    return skip.reason.partition(":")[0]


class _Tally:
    def __init__(self, policies: Iterable[str | Policy]) -> None:
        self._counters = Counters()
        self._rerun = Rerun(policies, self._counters)
        self._skips: Counter[str] = Counter()
        self._skipped: list[Skip] = []
        self._sessions: set[str] = set()
        self._conversations: Recent[str, Conversation] = Recent()
        self._calls: Counter[str] = Counter()
        self._usage: defaultdict[str, Usage] = defaultdict(Usage)
        self._bills: dict[str, Bill] = {}
        self._prices: dict[str, Price | None] = {}
        self._transitions: list[Transition] = []
        self._savings: defaultdict[str, float] = defaultdict(float)
        self._simulated = 0
        self._terms: Counter[str] = Counter()

    def add(self, call: Call) -> None:
        known = self._price(call)
        self._calls[call.model] += 1
        self._usage[call.model] += call.usage
        self._simulated += call.simulated
        if known is not None:
            add_bill(self._bills, call.model, bill(call.usage, known))
            self._terms.update(call.terms)
            if call.ran_tools:
                self._terms[_TOOLS] += 1
        self._sessions.add(call.session)
        self._rerun.add(call, self._step(call, known), known)

    def _step(self, call: Call, known: Price | None) -> Prompt | None:
        """Takes the call for the next one of its conversation; its body as read, None where there is none."""
        if not call.usage.input:  # it failed: the provider neither read it nor cached anything
            return None
        conversation = self._conversations.get(call.session) or Conversation(self._counters)
        step = conversation.step(call)
        self._conversations.keep(call.session, conversation, conversation.size)
        if step is not None:
            self._transitions.append(step if known is None else self._charged(step, call.usage, known))
        return conversation.prompt

    def leave_out(self, skip: Skip) -> None:
        self._skips[skip.reason] += 1
        if skip.reason not in MERGED or self._skips[skip.reason] == 1:
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
            marker_savings=dict(self._savings),
            skips=dict(self._skips.most_common()),
            skipped=tuple(self._skipped),
            alternatives=self._rerun.result(),
        )

    def _price(self, call: Call) -> Price | None:
        known = self._list_price(call.model)
        # Steps look at the input of one request, which nobody can tell from the sum of several passes.
        return replace(known, long_context=()) if known and call.ran_tools else known

    def _list_price(self, model: str) -> Price | None:
        if model not in self._prices:
            try:
                self._prices[model] = price(model)
            except UnknownModelError:
                self._prices[model] = None
        return self._prices[model]

    def _charged(self, step: Transition, usage: Usage, known: Price) -> Transition:
        if step.readable:
            self._savings[known.currency] += savings(step.readable, step.to_write, usage.input, known)
        return replace(step, lost_money=lost_money(step.lost, usage, known), currency=known.currency)
