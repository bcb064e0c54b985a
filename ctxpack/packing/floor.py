"""Floor: below its cache minimum a prompt is plain input, so that a shorter one may cost more than a longer one."""

from ctxpack.prefix import Fingerprint
from ctxpack.providers import CacheRules, Price

# Chance that the whole prompt is cached where only markers are and none of the body's says so: a gateway may add one
# behind us, and nothing tells whether one does. With even odds either mistake costs at most 45 % of the prompt.
_EVEN = 0.5


def falls_below(given: Fingerprint, packed: Fingerprint, price: Price, rules: CacheRules) -> bool:
    """Whether what the provider would cache becomes too short for that, and is expected to cost more uncached. O(1).

    What is compared is each later request: the whole prompt, and what ends at the body's last marker.
    """
    rates = price.rates(given.tokens)
    chance = _EVEN if rules.family == "breakpoints" else 1.0
    return any(
        cut < rules.minimum <= held
        and packed.tokens * rates.input > given.tokens * rates.input - odds * held * (rates.input - rates.cache_read)
        for held, cut, odds in ((given.tokens, packed.tokens, chance), (_marked(given), _marked(packed), 1.0))
    )


def _marked(prompt: Fingerprint) -> int:
    """Tokens up to the last marker."""
    return prompt.positions[prompt.breakpoints[-1].block].tokens if prompt.breakpoints else 0
