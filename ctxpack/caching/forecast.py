"""Forecast: what the next request will be billed, before it is sent."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from ctxpack.caching.prediction import CacheModel, Prediction
from ctxpack.prefix import Fingerprint
from ctxpack.providers import Price, Usage, bill
from ctxpack.tokens.models import Exactness


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predicted usage and input bill of one request.

    Attributes:
        usage: input tokens by class if the cache serves what it holds; output is 0.
        probability: chance that it does; None where nobody knows.
        expected: money for the input, in `currency`: the bill of a hit and of a miss, weighted by the probability; the
            bill of a miss where that is unknown.
        uncached: money for the same input if the provider had no cache.
        currency: the price's own.
        tokens: "exact" where the token counts equal the provider's, else "estimate".
        kind: always "forecast": no part of it was billed.
    """

    usage: Usage
    probability: float | None
    expected: float
    uncached: float
    currency: str
    tokens: Exactness
    kind: Literal["forecast"] = field(default="forecast", init=False)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def forecast(prompt: Fingerprint, model: CacheModel, price: Price, now: float) -> Forecast:
    """The forecast of sending a prompt at a time (unix seconds), under a belief about the cache. O(blocks)."""
    return priced(prompt, model.predict(prompt, now), price)


def priced(prompt: Fingerprint, prediction: Prediction, price: Price) -> Forecast:
    """The forecast that a prediction makes at a price. O(1)."""
    return Forecast(
        usage=prediction.usage,
        probability=prediction.probability,
        expected=expected_bill(prediction, price),
        uncached=bill(Usage(uncached=prediction.usage.input), price).input,
        currency=price.currency,
        tokens=prompt.exactness,
    )


def expected_bill(prediction: Prediction, price: Price) -> float:
    """Money for the input, hit and miss weighted by the chance of each; a miss where the chance is unknown."""
    hit, miss = bill(prediction.usage, price).input, bill(prediction.missed, price).input
    probability = prediction.probability or 0.0
    return probability * hit + (1 - probability) * miss
