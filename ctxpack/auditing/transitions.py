"""Transitions: from one call of a conversation to the next, what the cache should have served, and why it did not."""

from dataclasses import asdict, dataclass
from functools import lru_cache

from ctxpack.auditing.calls import Call
from ctxpack.auditing.causes import MissCause, explain, what_breaks
from ctxpack.auditing.counters import Counters
from ctxpack.auditing.expected import expect
from ctxpack.auditing.losses import lost_tokens
from ctxpack.auditing.seen import Seen, cached
from ctxpack.auditing.unmarked import readable_tokens
from ctxpack.caching import CacheModel, cache_model
from ctxpack.errors import CtxpackError, UnknownModelError
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import CacheRules, Usage, cache_rules
from ctxpack.tokens.models import Exactness


@dataclass(frozen=True, slots=True)
class Transition:
    """Two calls of one conversation: one, and the last before it of the same model, or of any where there is none.

    Attributes:
        session: the conversation.
        earlier: id of the earlier call, or its file and line where the log has none.
        call: id of the later call, or its file and line.
        model: its model, as the log spells it.
        time: its start, unix seconds.
        gap: seconds since the earlier call's start; 0 where the log has it later.
        predicted: tokens that the cache should have served; None where no cache rule is known for the model, where a
            call's usage sums several passes, as with tools that the provider runs, or where the log has no bodies and
            the bills do not say what was cached.
        billed: tokens that it did serve.
        cause: why the two differ, None where they are equal.
        detail: names involved, never prompt text.
        lost: tokens billed anew that the earlier call had in the cache; 0 where nothing is predicted.
        exactness: "exact" where `predicted` and `lost` follow from what the provider billed, "estimate" where counted
            tokens are in either, or there are `readable` ones.
        lost_money: what `lost` was billed at list price, less what reading it would have cost; 0.0 where no price is
            known for the model.
        currency: of that money, "" where no price is known.
        readable: tokens that nobody cached and that cache markers would have let the later call read; an estimate.
        to_write: those of them that no call before the earlier one could have written.
    """

    session: str
    earlier: str
    call: str
    model: str
    time: float
    gap: float
    predicted: int | None
    billed: int
    cause: MissCause | None
    detail: str
    lost: int
    exactness: Exactness
    lost_money: float = 0.0
    currency: str = ""
    readable: int = 0
    to_write: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether the prediction equals the bill."""
        return self.predicted == self.billed

    @property
    def is_compared(self) -> bool:
        """Whether there is a prediction to compare with the bill, and either of them above 0."""
        return self.predicted is not None and max(self.predicted, self.billed) > 0

    @property
    def is_miss(self) -> bool:
        """Whether tokens were billed anew that the cache had held, predicted or not."""
        return self.lost > 0

    @property
    def is_finding(self) -> bool:
        """Whether there is anything to mend: not where a provider that promises no hit served less or more.

        Nor where all that differs is what ctxpack counts.
        """
        is_wrong = self.predicted is not None and not self.is_exact and self.exactness == "exact"
        return self.is_miss or self.readable > 0 or (is_wrong and self.cause != "best effort")

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON values."""
        return asdict(self)


class Conversation:
    """The calls of one conversation, one after the other.

    Anthropic bills a chain: what one call read and wrote is what the next one reads, as long as the entry lives, the
    model stays and the prompt continues. Where the bodies part, and for automatic caches, the prediction comes from the
    cache model and the bodies. Of models without a cache rule nothing is predicted.

    Attributes:
        size: bytes of the bodies that it keeps: of each model the last.

    Memory: these bodies and the cache models' hashes. Thread-safety: none.
    """

    def __init__(self, counters: Counters) -> None:
        self._last: Seen | None = None
        self._by_model: dict[str, Seen] = {}
        self._counters = counters
        self._models: dict[str, CacheModel] = {}
        self.size = 0

    @property
    def prompt(self) -> Prompt | None:
        """The body of the call that came last, as read."""
        return self._last.prompt if self._last else None

    def step(self, call: Call) -> Transition | None:
        """The transition to the next call; None for the first one."""
        # Caches are per model: what one has cached outlives a call to another.
        before = self._by_model.get(call.model, self._last)
        now = self._seen(call, before)
        replaced = self._by_model.get(call.model)
        self.size += call.size - (replaced.call.size if replaced else 0)
        self._last = self._by_model[call.model] = now
        return None if before is None else _transition(before, now, self._counters)

    def _seen(self, call: Call, before: Seen | None) -> Seen:
        time, earlier = call.time, None
        if before is not None:
            # Logs are not always in order, yet no call comes before the one that it goes on from.
            time, earlier = max(time, before.time), before.prompt
        long = _long(call.usage, before.long if before else 0)
        return self._modelled(Seen(call, time, _prompt(call, earlier), long, _rules(call.model)), before)

    def _modelled(self, now: Seen, before: Seen | None) -> Seen:
        """A call with what the cache model says of it; as it is where the log does not hold the body that was sent."""
        if now.prompt is None or now.call.rebuilt or now.rules is None:
            return now
        try:
            model = self._model(now.call.model, now.rules)
            counter = self._counters.of(now.prompt.model, now.prompt.dialect)
            printed = fingerprint(now.prompt, counter, before.printed if before else None)
            usage = model.predict(printed, now.time).usage
            seen = now._replace(printed=printed, read=usage.cache_read, held=cached(usage))
            if before is not None:
                readable = readable_tokens(before, seen, model.rules)
                seen = seen._replace(readable=readable, is_unreachable=_is_unreachable(before, seen, model))
            model.observe(printed, now.time)
        except CtxpackError:
            return now
        return seen

    def _model(self, name: str, rules: CacheRules) -> CacheModel:
        if name not in self._models:
            self._models[name] = cache_model(rules)
        return self._models[name]


def _transition(before: Seen, now: Seen, counters: Counters) -> Transition:
    last, call, broken = before.call, now.call, what_breaks(before, now)
    expected = expect(before, now, broken[0] if broken else None)
    lost = 0
    if expected is not None and (broken is not None or call.usage.cache_read < expected.tokens):
        lost = lost_tokens(before, now, counters)
    why = explain(broken, expected, lost, before, now) if expected is not None else None
    if why is None and now.readable:
        why = "no cache markers", f"about {now.readable} tokens could have been read"
    cause, detail = why or (None, "")
    # Not all that the earlier call had in the cache: how much of it the later one sent again is counted.
    is_part = 0 < lost < cached(last.usage) - call.usage.cache_read
    is_estimate = is_part or now.readable > 0 or (expected is not None and expected.is_counted)
    return Transition(
        session=call.session,
        earlier=last.id,
        call=call.id,
        model=call.model,
        time=call.time,
        gap=now.time - before.time,
        predicted=expected.tokens if expected is not None else None,
        billed=call.usage.cache_read,
        cause=cause,
        detail=detail,
        lost=lost,
        exactness="estimate" if is_estimate else "exact",
        readable=now.readable,
        to_write=max(now.readable - before.readable, 0),
    )


def _is_unreachable(before: Seen, now: Seen, model: CacheModel) -> bool:
    if not before.held or now.read or now.printed is None or not model.rules.max_breakpoints:
        return False
    return not model.predict(now.printed, before.time).usage.cache_read


def _long(usage: Usage, before: int) -> int:
    """Tokens held with the long lifetime, after a call that held some of them before.

    An entry holds all that stands in front of it; one that is only read lives on as it was written.
    """
    return usage.cache_read + usage.cache_write_long if usage.cache_write_long else min(usage.cache_read, before)


def _prompt(call: Call, earlier: Prompt | None) -> Prompt | None:
    if call.body is None or call.prompt is not None:
        return call.prompt
    try:
        return Prompt.parse(call.body, call.dialect, earlier)
    except CtxpackError:
        return None


@lru_cache(1024)
def _rules(model: str) -> CacheRules | None:
    try:
        return cache_rules(model)
    except UnknownModelError:
        return None
