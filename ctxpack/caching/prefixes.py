"""Automatic prefixes (OpenAI before GPT-5.6, Ark): the longest prefix seen before, rounded down."""

from ctxpack.caching.entries import Entries
from ctxpack.caching.prediction import CacheModel, Prediction, chance
from ctxpack.prefix import Fingerprint
from ctxpack.providers import CacheRules, Usage


class PrefixCache(CacheModel):
    """Finds the longest prefix, in whole blocks, that an earlier request sent.

    A lower bound where two prompts part inside a block: the provider matches tokens, not blocks.
    See CacheModel for thread-safety, memory and complexity.
    """

    def __init__(self, rules: CacheRules) -> None:
        self.rules = rules
        self._entries = Entries()

    def predict(self, prompt: Fingerprint, now: float) -> Prediction:
        read = self._read(prompt, now)
        possible = 0 if read else self._read(prompt, now - self._grace(prompt))
        usage = Usage(uncached=prompt.tokens - read, cache_read=read)
        probability = None if possible else chance(self.rules, read)
        return Prediction(usage, Usage(uncached=prompt.tokens), probability, possible)

    def observe(self, prompt: Fingerprint, now: float) -> None:
        ttl = self.rules.lifetime(self.is_long(prompt))
        for position in prompt.positions:
            self._entries.write(position.wire, now, ttl)

    def is_long(self, prompt: Fingerprint) -> bool:
        return self.rules.is_long(_retention(prompt))

    def _grace(self, prompt: Fingerprint) -> int:
        """Seconds that entries of the prompt's class may live beyond the lifetime that is counted on."""
        return (self.rules.longest(_retention(prompt)) or 0) - (self.rules.lifetime(self.is_long(prompt)) or 0)

    def _read(self, prompt: Fingerprint, now: float) -> int:
        matched = self._matched(prompt, now)
        return self._reported(matched) if matched >= self.rules.minimum else 0

    def _reported(self, matched: int) -> int:
        held = matched - matched % (self.rules.spacing or 1)
        return held - held % self.rules.granularity

    def _matched(self, prompt: Fingerprint, now: float) -> int:
        for position in reversed(prompt.positions):
            if self._entries.holds(position.wire, now):
                return position.tokens
        return 0


def _retention(prompt: Fingerprint) -> object:
    return prompt.prompt.setting("prompt_cache_retention")
