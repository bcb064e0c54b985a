"""Alternative: what the same conversations would have been billed with packing, and without, under one rule.

Both sides are simulated alike: by the provider's cache rules where the log holds the bodies that were sent; else equal
leading blocks of a conversation are read from the cache while the entry lives, and the rest is written. What a call was
billed beyond the tokens that the log holds is part of both sides, call by call: nothing is known of it that could be
packed. So the change between the sides says what packing does; neither side is a bill.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from typing import Literal, NamedTuple, Protocol

from ctxpack.auditing.calls import Call
from ctxpack.auditing.counters import Counters
from ctxpack.auditing.recent import Recent
from ctxpack.caching import CacheModel, cache_model
from ctxpack.errors import CtxpackError
from ctxpack.packing import Policy, Session
from ctxpack.packing.policy import policy as preset
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Price, Usage, bill, cache_rules


class Sender(Protocol):
    """Bills requests one after the other."""

    def send(self, prompt: Fingerprint, now: float, unlogged: int) -> Usage:
        """Usage of one request, sent at a time (unix seconds), with tokens that the log does not hold. O(blocks)."""


class Modelled:
    """The provider's own rules, for bodies that are what was sent: nothing is unlogged.

    Thread-safety: none.
    """

    def __init__(self, model: CacheModel) -> None:
        self._model = model

    def send(self, prompt: Fingerprint, now: float, unlogged: int) -> Usage:
        usage = self._model.predict(prompt, now).usage
        self._model.observe(prompt, now)
        return usage


class Replay:
    """The chain rule, for bodies without their markers: what one request sent, the next reads while it sends it again.

    Args:
        ttl: seconds that an entry lives after its last use; None for ever.
        is_long: whether entries are written with the long lifetime.

    Memory: one prompt. Thread-safety: none.
    """

    def __init__(self, ttl: float | None = None, is_long: bool = False) -> None:
        self._is_long = is_long
        self._ttl = ttl
        self._last: Fingerprint | None = None
        self._time = 0.0
        self._unlogged = 0

    def send(self, prompt: Fingerprint, now: float, unlogged: int = 0) -> Usage:
        """Usage of one request.

        Args:
            prompt: what the log holds of it.
            now: unix seconds.
            unlogged: its other tokens (system text, tools, what the client adds), taken to stand in front: as many as
                the request before had are read, whatever the prompts share.
        """
        tokens = unlogged + prompt.tokens
        read = self._held(prompt, now, unlogged)
        self._last, self._time, self._unlogged = prompt, now, unlogged
        written = tokens - read
        return Usage(cache_read=read, cache_write_long=written) if self._is_long else Usage(0, read, written)

    def _held(self, prompt: Fingerprint, now: float, unlogged: int) -> int:
        if self._last is None or (self._ttl is not None and now - self._time > self._ttl):
            return 0
        return min(self._unlogged, unlogged) + prompt.tokens_until(prompt.shared(self._last))


@dataclass(frozen=True, slots=True)
class Alternative:
    """Input bills of all replayed calls with prices in one currency, simulated.

    Attributes:
        policy: name of the packing's.
        calls: calls replayed.
        left_out: calls that could not be: no body, a body that is damaged, no price, no input billed.
        tokens_before: tokens sent without packing.
        tokens_after: tokens sent with it.
        expected_before: expected money for the input without packing.
        expected_after: the same with it.
        currency: of both; empty for calls without a price, which are all left out.
        exactness: always "estimate": both sides are simulated on the same trajectory.
    """

    policy: str
    calls: int = 0
    left_out: int = 0
    tokens_before: int = 0
    tokens_after: int = 0
    expected_before: float = 0.0
    expected_after: float = 0.0
    currency: str = ""
    exactness: Literal["estimate"] = field(default="estimate", init=False)

    @property
    def change(self) -> float:
        """Relative change of the input bill; -0.25 is a quarter less."""
        return self.expected_after / self.expected_before - 1 if self.expected_before else 0.0

    def plus(self, before: Usage, after: Usage, price: Price) -> "Alternative":
        """With one more call."""
        return replace(
            self,
            calls=self.calls + 1,
            tokens_before=self.tokens_before + before.input,
            tokens_after=self.tokens_after + after.input,
            expected_before=self.expected_before + bill(before, price).input,
            expected_after=self.expected_after + bill(after, price).input,
        )

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON values."""
        return asdict(self) | {"change": self.change}


class Rerun:
    """Sends each conversation once more, not packed, and packed by each policy.

    To each model on its own, as caches and sessions are.

    Raises:
        PolicyError: there is no policy of a name.

    Thread-safety: none. Memory: for each model of an open conversation a prompt, and a session and a prompt by policy.
    """

    def __init__(self, policies: Iterable[str | Policy], counters: Counters) -> None:
        self._policies = [preset(policy) for policy in policies]
        self._counters = counters
        self._runs: Recent[tuple[str, int], dict[str, _Run]] = Recent()
        self._sums: list[dict[str, Alternative]] = [{} for _ in self._policies]

    def add(self, call: Call, prompt: Prompt | None, price: Price | None) -> None:
        """Takes in the next call of a log, and its body as read; None where there is none. O(bytes of the body)."""
        if not self._policies:
            return
        currency = price.currency if price else ""
        sent = self._send(call, prompt) if prompt and price else None
        for number, policy in enumerate(self._policies):
            sums = self._sums[number].get(currency) or Alternative(policy.name, currency=currency)
            after = sent.packed[number] if sent else None
            if price is None or sent is None or after is None:
                self._sums[number][currency] = replace(sums, left_out=sums.left_out + 1)
            else:
                self._sums[number][currency] = sums.plus(sent.plain, after, price)

    def result(self) -> tuple[Alternative, ...]:
        """The sums so far, by policy and currency."""
        return tuple(chain.from_iterable(sums.values() for sums in self._sums))

    def _send(self, call: Call, prompt: Prompt) -> "_Sent | None":
        """None where the call cannot be replayed."""
        try:
            return self._run(call).send(call, prompt)
        except CtxpackError:
            return None

    def _run(self, call: Call) -> "_Run":
        key = (call.session, call.segment)
        # A conversation goes through its segments in order: the one before is over.
        self._runs.drop((call.session, call.segment - 1))
        runs = self._runs.get(key) or {}
        if call.model not in runs:
            runs[call.model] = _Run(call, self._policies, self._counters)
        runs[call.model].size = call.size
        self._runs.keep(key, runs, sum(run.size for run in runs.values()))
        return runs[call.model]


def _sender(first: Call) -> Sender:
    rules = cache_rules(first.model)
    if not first.rebuilt:
        return Modelled(cache_model(rules))
    is_long = first.usage.cache_write_long > 0
    return Replay(rules.lifetime(is_long), is_long)


class _Sent(NamedTuple):
    """Usage of one request without packing, and with it by policy; None where it could not be packed."""

    plain: Usage
    packed: list[Usage | None]


class _Run:
    """One conversation with one model; `size` is the bytes of its last body."""

    size = 0

    def __init__(self, first: Call, policies: list[Policy], counters: Counters) -> None:
        self._counter = counters.of(first.model, first.dialect)
        self._given: Fingerprint | None = None
        self._plain = _sender(first)
        self._packed = [_PackedRun(first, policy, self._counter) for policy in policies]

    def send(self, call: Call, prompt: Prompt) -> _Sent:
        self._given = fingerprint(prompt, self._counter, self._given)
        unlogged = max(call.usage.input - self._given.tokens, 0) if call.rebuilt else 0
        plain = self._plain.send(self._given, call.time, unlogged)
        return _Sent(plain, [packed.send(call, unlogged) for packed in self._packed])


class _PackedRun:
    """The same packed by one policy."""

    def __init__(self, first: Call, policy: Policy, counter: BlockCounter) -> None:
        self._session = Session(first.model, policy)
        self._counter = counter
        self._sent: Fingerprint | None = None
        self._sender = _sender(first)

    def send(self, call: Call, unlogged: int) -> Usage | None:
        try:
            packed = self._session.pack(call.body or b"", now=call.time)
            prompt = Prompt.parse(packed.dump(), call.dialect, self._sent.prompt if self._sent else None)
            self._sent = fingerprint(prompt, self._counter, self._sent)
            return self._sender.send(self._sent, call.time, unlogged)
        except CtxpackError:
            return None
