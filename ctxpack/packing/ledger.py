"""Ledger: what the requests of a session are expected to cost, as packed and had nothing ever been packed."""

from math import ceil

from ctxpack.caching import CacheModel, Forecast, Prediction, cache_model
from ctxpack.caching.forecast import priced
from ctxpack.caching.outlay import Outlay
from ctxpack.packing.report import Cause, Compacted, Items, Report, Side, Totals
from ctxpack.packing.turn import Turn
from ctxpack.prefix import Fingerprint
from ctxpack.providers import CacheRules, Price


class Ledger:
    """Two beliefs about the provider's cache: of what was sent, and of what would have been sent without packing.

    Thread-safety: none; its session locks. Memory: bounded, hashes only.
    """

    def __init__(self, policy: str, price: Price, rules: CacheRules) -> None:
        self._policy = policy
        self._price = price
        self._packed = cache_model(rules)
        self._given = cache_model(rules)
        self._totals = Totals()

    def enter(self, turn: Turn, compaction: Compacted | None, now: float) -> tuple[Forecast, Report]:
        """Forecasts a request and takes note that it is sent. O(blocks)."""
        given, packed = self._predicted(self._given, turn.given, now), self._predicted(self._packed, turn.packed, now)
        without, ahead = priced(turn.given, given, self._price), priced(turn.packed, packed, self._price)
        tokens, money = (turn.given.tokens, turn.packed.tokens), (without.expected, ahead.expected)
        self._totals = self._totals.plus(*tokens, *money)
        report = Report(
            self._policy,
            *tokens,
            ahead.tokens,
            *money,
            self._price.currency,
            compaction,
            self._totals,
            summary=turn.summary.by if turn.summary else "",
            fallback=turn.summary.reason if turn.summary else "",
            items=Items(
                *turn.done,
                Side(turn.given.positions, Outlay(given, self._price)),
                Side(turn.packed.positions, Outlay(packed, self._price)),
            ),
        )
        return ahead, report

    def lifetime(self, prompt: Fingerprint) -> int | None:
        """Seconds that the provider holds what sending a prompt writes; None where it publishes none. O(markers)."""
        return self._packed.rules.lifetime(self._packed.is_long(prompt))

    def compacted(
        self, before: Fingerprint, after: Fingerprint, rent: float, asked: float, cause: Cause, alive: bool
    ) -> Compacted:
        """What a compaction costs and saves. O(blocks).

        Args:
            before: the prompt as it would be sent without.
            after: as it is sent.
            rent: money for re-reading what could go since the last one.
            asked: money for asking a summarizer.
            cause: why now.
            alive: whether the provider may still hold what was sent last.
        """
        rates = self._price.rates(before.tokens)
        rewritten = after.tokens - _shared(before, after)
        cost = asked + (rates.rewriting(rewritten) if alive else 0.0)
        tokens = before.tokens - after.tokens
        gain = rates.cache_read * tokens
        return Compacted(cause, rent, cost, tokens, ceil(cost / gain) if gain > 0 else None)

    def _predicted(self, cache: CacheModel, prompt: Fingerprint, now: float) -> Prediction:
        prediction = cache.predict(prompt, now)
        cache.observe(prompt, now)
        return prediction


def _shared(before: Fingerprint, after: Fingerprint) -> int:
    """Tokens of the leading blocks that two prompts have in common."""
    tokens = 0
    for one, other in zip(before.positions, after.positions, strict=False):
        if one.wire != other.wire:
            break
        tokens = other.tokens
    return tokens
