"""Forecast: what the next request will be billed, before it is sent."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from ctxpack.caching.outlay import Outlay
from ctxpack.caching.prediction import CacheModel
from ctxpack.prefix import Fingerprint
from ctxpack.providers import Price, Usage, bill
from ctxpack.tokens.models import Exactness


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predicted usage and input bill of one request.

    Attributes:
        usage: input tokens by class if the cache serves what it holds; output is 0.
        probability: chance that it does, in a session by what `Session.record` was told, too; None where nobody knows,
            or it holds nothing.
        possible: tokens that a best-effort cache may still serve past the lifetime that is counted on; the money
            assumes that it does not.
        expected: money for the input, in `currency`: the bill of a hit and of a miss, weighted by the probability; the
            bill of a miss where that is unknown.
        without_cache: money for the same input if the provider had no cache.
        currency: the price's own.
        exactness: "exact" where the token counts equal the provider's, else "estimate".
        money: always "forecast": none of it was billed.
    """

    usage: Usage
    probability: float | None
    possible: int
    expected: float
    without_cache: float
    currency: str
    exactness: Exactness
    money: Literal["forecast"] = field(default="forecast", init=False)

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON values."""
        return asdict(self)


def forecast(prompt: Fingerprint, cache: CacheModel, price: Price, now: float) -> Forecast:
    """The forecast of sending a prompt at a time (unix seconds), under a belief about the cache. O(blocks)."""
    return forecast_of(prompt, Outlay(cache.predict(prompt, now), price))


def forecast_of(prompt: Fingerprint, outlay: Outlay) -> Forecast:
    """The forecast that an outlay makes. O(1)."""
    usage, price = outlay.prediction.usage, outlay.price
    return Forecast(
        usage=usage,
        probability=outlay.prediction.probability if usage.cache_read else None,
        possible=outlay.prediction.possible,
        expected=outlay.expected,
        without_cache=bill(Usage(uncached=usage.input), price).input,
        currency=price.currency,
        exactness=prompt.exactness,
    )
