"""Alternative: what the same conversations would have been billed with packing, and without, under one rule.

Both sides are simulated alike: by the provider's cache rules where the log holds the bodies that were sent; else equal
leading blocks of a conversation are read from the cache while the entry lives, and the rest is written. So the change
between the sides says what packing does; neither side is a bill.
"""

from dataclasses import asdict, dataclass, field
from typing import Literal, Protocol

from ctxpack.auditing.calls import Call
from ctxpack.auditing.recent import keep
from ctxpack.caching import CacheModel, cache_model
from ctxpack.errors import CtxpackError
from ctxpack.packing import Session, Totals
from ctxpack.packing.policy import policy as preset
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Price, Usage, bill, cache_rules


class Sender(Protocol):
    """Bills requests one after the other."""

    def send(self, prompt: Fingerprint, now: float) -> Usage:
        """Usage of one request, sent at a time (unix seconds). O(blocks)."""


class Modelled:
    """The provider's own rules, for bodies that are what was sent.

    Thread-safety: none.
    """

    def __init__(self, model: CacheModel) -> None:
        self._model = model

    def send(self, prompt: Fingerprint, now: float) -> Usage:
        usage = self._model.predict(prompt, now).usage
        self._model.observe(prompt, now)
        return usage


class Replay:
    """The chain rule, for bodies without their markers: what one request sent, the next reads while it sends it again.

    Args:
        constant: tokens in front of every prompt that never change (system text and tools that the log does not hold).
        is_long: whether entries are written with the long lifetime.
        ttl: seconds that an entry lives after its last use; None for ever.

    Memory: one prompt. Thread-safety: none.
    """

    def __init__(self, constant: int = 0, ttl: float | None = None, is_long: bool = False) -> None:
        self._constant = constant
        self._is_long = is_long
        self._ttl = ttl
        self._last: Fingerprint | None = None
        self._time = 0.0

    def send(self, prompt: Fingerprint, now: float) -> Usage:
        tokens = self._constant + prompt.tokens_until(len(prompt.positions))
        read = self._held(prompt, now)
        self._last, self._time = prompt, now
        written = tokens - read
        return Usage(cache_read=read, cache_write_long=written) if self._is_long else Usage(0, read, written)

    def _held(self, prompt: Fingerprint, now: float) -> int:
        if self._last is None or (self._ttl is not None and now - self._time > self._ttl):
            return 0
        return self._constant + prompt.tokens_until(prompt.shared(self._last))


@dataclass(frozen=True, slots=True)
class Alternative:
    """Input bills of all replayed calls, simulated; money in `currency`.

    Attributes:
        policy: of the packing.
        calls: calls replayed.
        left_out: calls that could not be (no body, a body that is damaged, no price, another currency).
        tokens_before: tokens sent without packing.
        tokens_after: tokens sent with it.
        expected_before: expected money for the input without packing.
        expected_after: the same with it.
        currency: of both; the first call's.
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

    def to_dict(self) -> dict[str, object]:
        return asdict(self) | {"change": self.change}


class Rerun:
    """Sends each conversation once more, packed and not.

    Raises:
        PolicyError: there is no policy of that name.

    Thread-safety: none. Memory: one session and two prompts for each open conversation.
    """

    def __init__(self, policy: str) -> None:
        self._policy = preset(policy).name
        self._runs: dict[tuple[str, int], _Run] = {}
        self._totals = Totals()
        self._left_out = 0
        self._currency = ""

    def add(self, call: Call, price: Price | None) -> None:
        """Takes in the next call of a log. O(bytes of its body)."""
        if call.body is None or price is None or self._currency not in ("", price.currency):
            self._left_out += 1
            return
        try:
            before, after = self._run(call).send(call)
        except CtxpackError:
            self._left_out += 1
            return
        self._currency = price.currency
        money = bill(before, price).input, bill(after, price).input
        self._totals = self._totals.plus(before.input, after.input, *money)

    def result(self) -> Alternative:
        """The sums so far."""
        totals = self._totals
        return Alternative(
            self._policy,
            totals.requests,
            self._left_out,
            totals.tokens_before,
            totals.tokens_after,
            totals.expected_before,
            totals.expected_after,
            self._currency,
        )

    def _run(self, call: Call) -> "_Run":
        key = (call.session, call.segment)
        # A conversation goes through its segments in order: the one before is over.
        self._runs.pop((call.session, call.segment - 1), None)
        return keep(self._runs, key, self._runs.get(key) or _Run(call, self._policy))


def _sender(first: Call, counted: int) -> Sender:
    rules = cache_rules(first.model)
    if not first.rebuilt:
        return Modelled(cache_model(rules))
    is_long = first.usage.cache_write_long > 0
    return Replay(max(first.usage.input - counted, 0), rules.lifetime(is_long), is_long)


class _Run:
    def __init__(self, first: Call, policy: str) -> None:
        self._session = Session(first.model, policy)
        self._counter = BlockCounter(first.model, first.dialect)
        self._given = self._fingerprint(first.body or b"", first.dialect, None)
        self._sent: Fingerprint | None = None
        counted = self._given.tokens_until(len(self._given.positions))
        self._plain, self._packed = _sender(first, counted), _sender(first, counted)

    def send(self, call: Call) -> tuple[Usage, Usage]:
        body = call.body or b""
        self._given = self._fingerprint(body, call.dialect, self._given)
        packed = self._session.pack(body, now=call.time)
        self._sent = self._fingerprint(packed.dump(), call.dialect, self._sent)
        return self._plain.send(self._given, call.time), self._packed.send(self._sent, call.time)

    def _fingerprint(self, body: bytes, dialect: str, earlier: Fingerprint | None) -> Fingerprint:
        prompt = Prompt.parse(body, dialect, earlier.prompt if earlier else None)
        return fingerprint(prompt, self._counter, earlier)
