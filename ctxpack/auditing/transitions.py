"""Transitions: from one call of a conversation to the next, what the cache should have served, and why it did not."""

from dataclasses import asdict, dataclass
from typing import Literal

from ctxpack.auditing.calls import Call
from ctxpack.auditing.losses import cached, lost_tokens
from ctxpack.auditing.seen import Seen
from ctxpack.auditing.unmarked import readable_tokens
from ctxpack.caching import CacheModel, cache_model
from ctxpack.errors import CtxpackError, UnknownModelError
from ctxpack.prefix import Divergence, diff, fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import CacheRules, cache_rules

MissCause = Literal[
    "entry expired",
    "model changed",
    "compaction",
    "prompt changed",
    "entry out of reach",
    "no cache markers",
    "prompt rewritten outside the log",
    "best effort",
    "read more than predicted",
]

_Reason = tuple[MissCause, str]

# A prompt that shrinks below this share of the one before was compacted or cleared by the client.
_SHRUNK = 0.5


@dataclass(frozen=True, slots=True)
class Transition:
    """Two neighbouring calls of one conversation.

    Attributes:
        session: the conversation.
        call: id of the later call.
        time: its start, unix seconds.
        gap: seconds since the earlier call's start; 0 where the log has it later.
        predicted: tokens that the cache should have served.
        billed: tokens that it did serve.
        cause: why the two differ, None where they are equal.
        detail: names involved, never prompt text.
        lost: tokens billed anew that the earlier call had in the cache; an estimate where the bodies part.
        readable: tokens that nobody cached and that cache markers would have let the later call read; an estimate.
        to_write: those of them that no call before the earlier one could have written.
    """

    session: str
    call: str
    time: float
    gap: float
    predicted: int
    billed: int
    cause: MissCause | None
    detail: str
    lost: int
    readable: int = 0
    to_write: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether the prediction equals the bill."""
        return self.predicted == self.billed

    @property
    def is_miss(self) -> bool:
        """Whether tokens were billed anew that the cache had held, predicted or not."""
        return self.lost > 0

    @property
    def is_finding(self) -> bool:
        """Whether there is anything to mend: not where a provider that promises no hit gave none."""
        is_wrong = not self.is_exact and self.cause != "best effort"
        return self.is_miss or self.readable > 0 or is_wrong

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


class Conversation:
    """The calls of one conversation, one after the other.

    Anthropic bills a chain: what one call read and wrote is what the next one reads, as long as the entry lives, the
    model stays and the prompt continues. Where the bodies part, and for automatic caches, the prediction comes from the
    cache model and the bodies.

    Memory: one body and the cache model's hashes. Thread-safety: none.
    """

    def __init__(self) -> None:
        self._last: Seen | None = None
        self._counters: dict[tuple[str, str], BlockCounter] = {}
        self._models: dict[str, CacheModel] = {}

    def step(self, call: Call) -> Transition | None:
        """The transition to the next call; None for the first one."""
        before, now = self._last, self._seen(call, self._last)
        self._last = now
        return None if before is None else _transition(before, now)

    def _seen(self, call: Call, before: Seen | None) -> Seen:
        time, earlier, is_long = call.time, None, call.usage.cache_write_long > 0
        if before is not None:
            # Logs are not always in order, yet no call comes before the one that it goes on from.
            time, earlier = max(time, before.time), before.prompt
            # Entries that a call only read live on as they were written.
            is_long = is_long or (before.is_long and not call.usage.cache_write)
        return self._modelled(Seen(call, time, _prompt(call, earlier), is_long), before)

    def _modelled(self, now: Seen, before: Seen | None) -> Seen:
        """A call with what the cache model says of it; as it is where the log does not hold the body that was sent."""
        if now.prompt is None or now.call.rebuilt:
            return now
        try:
            model = self._model(now.call.model)
            printed = fingerprint(now.prompt, self._counter(now.prompt), before.printed if before else None)
            usage = model.predict(printed, now.time).usage
            seen = now._replace(printed=printed, read=usage.cache_read, held=cached(usage))
            if before is not None:
                readable = readable_tokens(before, seen, model.rules)
                seen = seen._replace(readable=readable, is_unreachable=_is_unreachable(before, seen, model))
            model.observe(printed, now.time)
        except CtxpackError:
            return now
        return seen

    def _model(self, name: str) -> CacheModel:
        if name not in self._models:
            self._models[name] = cache_model(cache_rules(name))
        return self._models[name]

    def _counter(self, prompt: Prompt) -> BlockCounter:
        key = prompt.model, prompt.dialect
        if key not in self._counters:
            self._counters[key] = prompt.counter()
        return self._counters[key]


def _transition(before: Seen, now: Seen) -> Transition:
    last, call, reason = before.call, now.call, _break(before, now)
    if reason is None and now.is_unreachable:
        reason = "entry out of reach", "no marker of the later request finds what the earlier one cached"
    predicted = _predicted(before, now, reason)
    cause, detail = _cause(reason, predicted, last, call)
    if cause is None and now.readable:
        cause, detail = "no cache markers", f"about {now.readable} tokens could have been read"
    return Transition(
        session=call.session,
        call=call.id,
        time=call.time,
        gap=now.time - before.time,
        predicted=predicted,
        billed=call.usage.cache_read,
        cause=cause,
        detail=detail,
        lost=0 if cause == "read more than predicted" else lost_tokens(last, call, before.prompt, now.prompt),
        readable=now.readable,
        to_write=max(now.readable - before.readable, 0),
    )


def _is_unreachable(before: Seen, now: Seen, model: CacheModel) -> bool:
    if not before.held or now.read or now.printed is None or not model.rules.max_breakpoints:
        return False
    return not model.predict(now.printed, before.time).usage.cache_read


def _predicted(before: Seen, now: Seen, reason: _Reason | None) -> int:
    if now.read is not None and (now.call.dialect != "anthropic.messages" or reason is not None):
        return now.read
    if reason is not None and reason[0] in ("entry expired", "model changed"):
        return 0
    return cached(before.call.usage)


def _prompt(call: Call, earlier: Prompt | None) -> Prompt | None:
    if call.body is None:
        return None
    try:
        return Prompt.parse(call.body, call.dialect, earlier)
    except CtxpackError:
        return None


def _parted(before: Prompt | None, after: Prompt | None) -> Divergence | None:
    if before is None or after is None:
        return None
    try:
        return diff(before, after)
    except CtxpackError:
        return None


def _break(before: Seen, now: Seen) -> _Reason | None:
    """What, by the log alone, must end the chain."""
    last, call, gap = before.call, now.call, now.time - before.time
    if call.model != last.model:
        return "model changed", f"{last.model} -> {call.model}"
    if call.segment != last.segment:
        return "compaction", "by the client"
    if parted := _parted(before.prompt, now.prompt):
        return "prompt changed", f"{parted.cause}: {parted.detail}"
    rules = _rules(last.model)
    lifetime = rules.lifetime(before.is_long) if rules else None
    # By the bodies: all that the last call cached is still there.
    is_alive = now.read is not None and 0 < before.held <= now.read
    if lifetime is not None and gap > lifetime and not is_alive:
        return "entry expired", f"{gap:.0f} s after the last use, {lifetime} s allowed"
    return None


def _rules(model: str) -> CacheRules | None:
    try:
        return cache_rules(model)
    except UnknownModelError:
        return None


def _cause(reason: _Reason | None, predicted: int, last: Call, call: Call) -> tuple[MissCause | None, str]:
    billed = call.usage.cache_read
    if predicted == billed and (reason is None or billed >= cached(last.usage)):
        return None, ""
    served_anyway = billed > predicted and billed >= cached(last.usage)
    if reason is not None and not served_anyway:
        return reason
    if billed > predicted:
        return "read more than predicted", "another request cached more of the same prefix"
    if call.usage.input < _SHRUNK * last.usage.input:
        return "compaction", "the prompt shrank"
    rules = _rules(call.model)
    if rules is None:
        return "best effort", "no cache rule is known for the model"
    if rules.best_effort:
        return "best effort", "the provider promises no hit"
    return "prompt rewritten outside the log", "the prompt goes on, but its cached prefix was not used"
