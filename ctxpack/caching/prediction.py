"""What every cache model is asked and told."""

from dataclasses import dataclass
from typing import Protocol

from ctxpack.prefix import Fingerprint
from ctxpack.providers import CacheRules, Usage


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a request will be billed for, before it is sent.

    Attributes:
        usage: input tokens by class if the cache serves what it is believed to hold; output is 0.
        missed: the same if it serves nothing.
        probability: chance that it serves: 1.0 where the provider promises it, or where nothing is held; None where it
            promises nothing and nobody has measured how often it serves, or past the lifetime that is counted on.
        possible: tokens that it may still serve past that lifetime, where it serves nothing that is counted on.
    """

    usage: Usage
    missed: Usage
    probability: float | None
    possible: int = 0


class CacheModel(Protocol):
    """A belief about one provider's cache, for one conversation.

    Thread-safety: none; its owner locks. Memory: bounded, hashes only.
    """

    rules: CacheRules

    def predict(self, prompt: Fingerprint, now: float) -> Prediction:
        """The usage of sending this prompt at a time (unix seconds). O(blocks)."""

    def observe(self, prompt: Fingerprint, now: float) -> None:
        """Takes note that the prompt was sent at a time (unix seconds). O(blocks)."""

    def is_long(self, prompt: Fingerprint) -> bool:
        """Whether any entry that the prompt writes gets the longer class of lifetime. O(markers)."""

    def ends_long(self, prompt: Fingerprint) -> bool:
        """Whether the end of the prompt is written with the longer class of lifetime. O(markers)."""
        return self.is_long(prompt)


def chance(rules: CacheRules, read: int) -> float | None:
    """Chance that `read` tokens that the cache is believed to hold are served; see Prediction."""
    if not read or not rules.best_effort:
        return 1.0
    return rules.hit_rate
