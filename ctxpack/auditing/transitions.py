"""Transitions: from one call of a conversation to the next, what the cache should have served, and why it did not."""

from dataclasses import asdict, dataclass, replace
from typing import Literal

from ctxpack.auditing.calls import Call
from ctxpack.auditing.losses import cached, lost_tokens
from ctxpack.auditing.unmarked import readable_tokens
from ctxpack.caching import CacheModel, cache_model
from ctxpack.errors import CtxpackError, UnknownModelError
from ctxpack.prefix import Divergence, Fingerprint, diff, fingerprint
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
        self._last: Call | None = None
        self._prompt: Prompt | None = None
        self._printed: Fingerprint | None = None
        self._counters: dict[tuple[str, str], BlockCounter] = {}
        self._models: dict[str, CacheModel] = {}
        self._held = 0
        self._is_alive = False
        self._is_unreachable = False
        self._is_long = False
        self._readable = 0

    def step(self, call: Call) -> Transition | None:
        """The transition to the next call; None for the first one."""
        last, before, was_long, logged = self._last, self._prompt, self._is_long, call.time
        if last is not None and logged < last.time:
            # Logs are not always in order, yet no call comes before the one that it goes on from.
            call = replace(call, time=last.time)
        if call.usage.cache_write or call.usage.cache_write_long:
            # Entries that a call only read live on as they were written.
            self._is_long = call.usage.cache_write_long > 0
        prompt = _prompt(call, before)
        written, self._readable = self._readable, 0
        modelled = self._from_model(call, prompt)
        self._last, self._prompt = call, prompt
        if last is None:
            return None
        gap = call.time - last.time
        parted = _parted(before, prompt)
        reason = _break(last, call, gap, parted, was_long, self._is_alive)
        if reason is None and self._is_unreachable:
            reason = "entry out of reach", "no marker of the later request finds what the earlier one cached"
        predicted = _predicted(last, call, reason, modelled)
        cause, detail = _cause(reason, predicted, call, last)
        if cause is None and self._readable:
            cause, detail = "no cache markers", f"about {self._readable} tokens could have been read"
        return Transition(
            session=call.session,
            call=call.id,
            time=logged,
            gap=gap,
            predicted=predicted,
            billed=call.usage.cache_read,
            cause=cause,
            detail=detail,
            lost=0 if cause == "read more than predicted" else lost_tokens(last, call, before, prompt),
            readable=self._readable,
            to_write=max(self._readable - written, 0),
        )

    def _from_model(self, call: Call, prompt: Prompt | None) -> int | None:
        """Reads predicted from content; None where the log does not hold the body that was sent."""
        held, self._held = self._held, 0
        self._is_alive = self._is_unreachable = False
        if prompt is None or call.rebuilt:
            return None
        try:
            model = self._models.setdefault(call.model, cache_model(cache_rules(call.model)))
            printed = self._printed
            prefix = self._printed = fingerprint(prompt, self._counter(prompt), printed)
            if self._last is not None:
                gap = call.time - self._last.time
                self._readable = readable_tokens(self._last, call, printed, prefix, model.rules, gap)
            usage = model.predict(prefix, call.time).usage
            self._is_alive = 0 < held <= usage.cache_read
            if held and not usage.cache_read and model.rules.max_breakpoints and self._last is not None:
                # Whether it finds nothing of what the call before it cached, however soon it had come.
                self._is_unreachable = not model.predict(prefix, self._last.time).usage.cache_read
            model.observe(prefix, call.time)
        except CtxpackError:
            return None
        self._held = cached(usage)
        return usage.cache_read

    def _counter(self, prompt: Prompt) -> BlockCounter:
        key = prompt.model, prompt.dialect
        if key not in self._counters:
            self._counters[key] = prompt.counter()
        return self._counters[key]


def _predicted(last: Call, call: Call, reason: tuple[MissCause, str] | None, modelled: int | None) -> int:
    if modelled is not None and (call.dialect != "anthropic.messages" or reason is not None):
        return modelled
    if reason is not None and reason[0] in ("entry expired", "model changed"):
        return 0
    return cached(last.usage)


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


def _break(
    last: Call, call: Call, gap: float, parted: Divergence | None, is_long: bool, is_alive: bool
) -> tuple[MissCause, str] | None:
    """What, by the log alone, must end the chain.

    Args:
        is_long: whether what the last call had in the cache was written with the long lifetime.
        is_alive: whether, by the bodies, all that the last call cached still is.
    """
    if call.model != last.model:
        return "model changed", f"{last.model} -> {call.model}"
    if call.segment != last.segment:
        return "compaction", "by the client"
    if parted is not None:
        return "prompt changed", f"{parted.cause}: {parted.detail}"
    rules = _rules(last.model)
    lifetime = rules.lifetime(is_long) if rules else None
    if lifetime is not None and gap > lifetime and not is_alive:
        return "entry expired", f"{gap:.0f} s after the last use, {lifetime} s allowed"
    return None


def _rules(model: str) -> CacheRules | None:
    try:
        return cache_rules(model)
    except UnknownModelError:
        return None


def _cause(
    reason: tuple[MissCause, str] | None, predicted: int, call: Call, last: Call
) -> tuple[MissCause | None, str]:
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
