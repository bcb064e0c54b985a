"""Outlay: where in a prompt its expected bill falls."""

from dataclasses import dataclass

from ctxpack.caching.prediction import Prediction
from ctxpack.providers import Price, Usage


@dataclass(frozen=True, slots=True)
class Outlay:
    """Expected money of a prompt by position (forecast), in the price's currency.

    What is read stands first, then what is written, then the rest.

    Attributes:
        prediction: usage of a hit and of a miss, and the chance of each.
        price: the model's.

    Thread-safety: immutable.
    """

    prediction: Prediction
    price: Price

    @property
    def expected(self) -> float:
        """Expected money for the input: the bill of a hit and of a miss, weighted by the chance of each. O(1)."""
        return self.until(self.prediction.usage.input)

    def until(self, tokens: int) -> float:
        """Expected money for the first tokens of the prompt; of a miss where the chance is unknown. O(1)."""
        chance = self.prediction.probability or 0.0
        hit, miss = self.prediction.usage, self.prediction.missed
        return chance * _until(tokens, hit, self.price) + (1 - chance) * _until(tokens, miss, self.price)


def _until(tokens: int, usage: Usage, price: Price) -> float:
    rates = price.rates(usage.input)
    money = 0.0
    for size, rate in (
        (usage.cache_read, rates.cache_read),
        (usage.cache_write_long, rates.cache_write_long),
        (usage.cache_write, rates.cache_write),
        (usage.uncached, rates.input),
    ):
        money += min(size, tokens) * rate
        tokens -= min(size, tokens)
    return money
