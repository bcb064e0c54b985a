"""Ledger: what the requests of a session are expected to cost, as packed and had nothing ever been packed."""

from dataclasses import replace
from math import ceil

from ctxpack.caching import CacheModel, Forecast, cache_model
from ctxpack.caching.forecast import forecast_of
from ctxpack.caching.outlay import Outlay
from ctxpack.packing.report import Compacted, CompactionCause, Items, Report, Side, Totals
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
        given, packed = self._outlay(self._given, turn.given, now), self._outlay(self._packed, turn.packed, now)
        ahead = forecast_of(turn.packed, packed)
        tokens, money = (turn.given.tokens, turn.packed.tokens), (given.expected, packed.expected)
        self._totals = self._totals.plus(*tokens, *money)
        report = Report(
            self._policy,
            *tokens,
            ahead.exactness,
            *money,
            self._price.currency,
            compaction,
            self._totals,
            summary=turn.summary.by if turn.summary else "",
            fallback=turn.summary.reason if turn.summary else "",
            left_whole=turn.left_whole,
            items=Items(
                *turn.done,
                Side(turn.given.positions, given),
                Side(turn.packed.positions, packed),
            ),
        )
        return ahead, report

    def learn(self, hit_rate: float | None) -> None:
        """Weighs hits and misses by another rate from now on. O(1)."""
        for cache in (self._packed, self._given):
            cache.rules = replace(cache.rules, hit_rate=hit_rate)

    def unpacked(self, reason: str) -> Report:
        """The report of a request that is left as it is, and counted in no total."""
        return Report(self._policy, currency=self._price.currency, totals=self._totals, reason=reason)

    def lifetime(self, prompt: Fingerprint) -> int | None:
        """Seconds that the provider holds what sending a prompt writes; None where it publishes none. O(markers)."""
        return self._packed.rules.lifetime(self._packed.is_long(prompt))

    def ends_long(self, prompt: Fingerprint) -> bool:
        """Whether the end of a prompt is written with the longer class of lifetime. O(markers)."""
        return self._packed.ends_long(prompt)

    def compaction(
        self, before: Fingerprint, after: Fingerprint, rent: float, asked: float, cause: CompactionCause, alive: bool
    ) -> Compacted:
        """What a compaction costs and saves. O(blocks).

        Args:
            before: the prompt as it would be sent without.
            after: as it is sent.
            rent: as `Branch.rent`.
            asked: money for asking a summarizer.
            cause: why now.
            alive: whether the provider may still hold what was sent last.
        """
        rates = self._price.rates(before.tokens)
        rewritten = after.tokens - after.tokens_until(after.shared(before))
        cost = asked + (rates.rewriting(rewritten, self.ends_long(after)) if alive else 0.0)
        tokens = before.tokens - after.tokens
        gain = rates.cache_read * tokens
        return Compacted(cause, rent, cost, tokens, ceil(cost / gain) if gain > 0 else None)

    def _outlay(self, cache: CacheModel, prompt: Fingerprint, now: float) -> Outlay:
        outlay = Outlay(cache.predict(prompt, now), self._price)
        cache.observe(prompt, now)
        return outlay
