"""Terms: a compaction or a summary is made only where it is expected to lower the bill.

Rent or buy: each request that re-reads removable tokens pays rent for them; once the rent since the last compaction
reaches `patience` times the price of rewriting the prompt after the cut, the compaction is bought. So the bill never
exceeds the best possible schedule's by more than a bounded factor, whatever the number of requests still to come. Rent
is the difference of whole requests, so that steps of the price (above 200,000 tokens, say) and cache minimums are part
of it. A result that comes again and points to what was old pays back what writing it whole would have cost: an agent
that reads its files over and over loses none of them. Where a horizon is given, the requests still to come are
believed, and the factor stays bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ctxpack.packing.ages import begun
from ctxpack.prefix import Fingerprint
from ctxpack.providers import Price

# Less than this share of a request's money is not worth a note for each text, even where the cache is cold.
_WORTHWHILE = 0.1
# How far a horizon is believed: half the rent is enough where the requests to come repay the cost, and twice as much is
# asked for where they do not. A wrong one then costs at most three times the best schedule: ski rental with a
# prediction.
_TRUST = 0.5
# Share of its estimate that a saving must reach.
_PROMISED = 0.5


@dataclass(frozen=True, slots=True)
class Saving:
    """What taking texts or messages out now would save (estimate).

    Attributes:
        tokens: that every later request would have fewer.
        left: tokens of the prompt that would be left.
        before: tokens of the prompt in front of the first of what goes.
    """

    tokens: int
    left: int
    before: int

    def is_reached(self, before: Fingerprint, after: Fingerprint) -> bool:
        """Whether a prompt that takes another one's place saves about that much."""
        # A price step or a cache minimum may pay for a longer prompt; none is ever sent.
        return before.tokens - after.tokens >= max(1, _PROMISED * self.tokens)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a decision is reckoned with; all money is in the price's currency.

    Attributes:
        price: the model's; steps of it re-price the whole request.
        minimum: tokens below which the provider caches nothing.
        ends_long: whether a prompt's end is written with the longer class of lifetime, which may have its own price.
        horizon: requests that the conversation is expected to have in all; None: not known.
    """

    price: Price
    minimum: int
    ends_long: Callable[[Fingerprint], bool]
    horizon: int | None = None

    def reading(self, tokens: int) -> float:
        """Money for a request to read a prompt of so many tokens again; plain input where that is below the minimum."""
        rates = self.price.rates(tokens)
        return tokens * (rates.cache_read if tokens >= self.minimum else rates.input)

    def rent(self, saving: Saving, packed: Fingerprint) -> float:
        """Money that one request spends because what could be taken out is there; 0 where it is cheaper so."""
        return max(self.reading(packed.tokens) - self.reading(saving.left), 0.0)

    def owed(self, paid: float, saving: Saving, spared: int, packed: Fingerprint) -> float:
        """The rent after one request more, less the price of writing so many tokens that it spared; never below 0."""
        written = self.price.rates(packed.tokens).rewriting(spared, self.ends_long(packed))
        return max(paid + self.rent(saving, packed) - written, 0.0)

    def rewriting(self, saving: Saving, packed: Fingerprint) -> float:
        """Money for writing what stands after the cut anew instead of reading it."""
        return self.price.rates(saving.left).rewriting(max(saving.left - saving.before, 0), self.ends_long(packed))

    def asking(self, packed: Fingerprint, tokens: int, alive: bool) -> float:
        """Money for a summary of so many tokens by the model itself: the prompt once more, from a cache that is alive.

        The instruction after it is a hundred tokens: not counted.
        """
        rates = self.price.rates(packed.tokens)
        return (rates.cache_read if alive else rates.input) * packed.tokens + rates.output * tokens

    def trusted(self, packed: Fingerprint, rent: float, cost: float) -> float:
        """How much sooner than without a horizon to buy, as a factor of patience."""
        if self.horizon is None:
            return 1.0
        later = self.horizon - begun(packed.prompt)[-1]
        return _TRUST if later * rent >= cost else 1 / _TRUST


def pays(
    saving: Saving,
    paid: float,
    packed: Fingerprint,
    alive: bool,
    terms: Terms,
    patience: float,
    extra: float = 0.0,
) -> bool:
    """Whether to buy now, after so much rent was paid.

    Args:
        saving: what it would save.
        paid: rent since the last time.
        packed: the prompt as it would be sent without.
        alive: whether the provider may still hold what was sent last.
        terms: what to reckon with.
        patience: how many times the cost the rent must reach.
        extra: what it costs beside rewriting the prompt.
    """
    rent = terms.rent(saving, packed)
    if not terms.price.rates(packed.tokens).input:
        # A model that costs nothing, such as one's own: nothing is saved.
        return False
    if rent < _WORTHWHILE * terms.reading(packed.tokens):
        return False
    cost = extra + (terms.rewriting(saving, packed) if alive else 0.0)
    return paid >= patience * terms.trusted(packed, rent, cost) * cost
