"""Simulation: the usage that a provider would have reported, by ctxpack's own counts and cache model."""

from dataclasses import replace

from ctxpack.caching import cache_model
from ctxpack.prefix import fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Usage, cache_rules


class Simulation:
    """One provider's side of one conversation. Thread-safety: none; the cache remembers what was sent."""

    def __init__(self, model: str, dialect: str) -> None:
        self._dialect = dialect
        self._counter = BlockCounter(model, dialect)
        self._cache = cache_model(cache_rules(model))

    def usage(self, body: bytes, answered: bytes, now: float) -> Usage:
        """Usage of a request.

        Args:
            body: the request.
            answered: the same body with the model's answer as one more message.
            now: when it is sent, unix seconds.
        """
        prefix = fingerprint(Prompt.parse(body, self._dialect), self._counter)
        predicted = self._cache.predict(prefix, now).usage
        self._cache.observe(prefix, now)
        return replace(predicted, output=self._output(answered))

    def _output(self, answered: bytes) -> int:
        blocks = Prompt.parse(answered, self._dialect).blocks
        answer = [block for block in blocks if block.message == blocks[-1].message]
        # Each behind one of the same message: the framing belongs to the prompt, not to the answer.
        return sum(self._counter.tokens(block, answer[-1]) for block in answer)
