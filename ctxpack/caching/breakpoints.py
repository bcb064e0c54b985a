"""Anthropic's rules: entries exist exactly at the request's own breakpoints.

Sources: the provider's prompt-caching page (2026-09), as the cache rules' data rows cite it.
"""

from collections.abc import Iterator

from ctxpack.caching.entries import Entries
from ctxpack.caching.prediction import CacheModel, Prediction
from ctxpack.prefix import Breakpoint, Fingerprint
from ctxpack.providers import CacheRules, Usage


class BreakpointCache(CacheModel):
    """Looks back from each breakpoint for an entry that an earlier request wrote exactly there.

    See CacheModel for thread-safety, memory and complexity.
    """

    def __init__(self, rules: CacheRules) -> None:
        self.rules = rules
        self._entries = Entries()

    def predict(self, prompt: Fingerprint, now: float) -> Prediction:
        hit = self._hit(prompt, now)
        read = prompt.positions[hit].tokens if hit >= 0 else 0
        above = [mark for mark in self._writable(prompt) if mark.block > hit]
        long_end = max(
            (prompt.positions[mark.block].tokens for mark in above if self.rules.is_long(mark.ttl)), default=read
        )
        end = max((prompt.positions[mark.block].tokens for mark in above), default=read)
        usage = Usage(
            uncached=prompt.tokens - end,
            cache_read=read,
            cache_write=end - long_end,
            cache_write_long=long_end - read,
        )
        return Prediction(usage, usage, 1.0)

    def observe(self, prompt: Fingerprint, now: float) -> None:
        hit = self._hit(prompt, now)
        if hit >= 0:
            self._entries.refresh(prompt.positions[hit].wire, now)
        for mark in self._writable(prompt):
            wire = prompt.positions[mark.block].wire
            if mark.block > hit:
                self._entries.write(wire, now, self.rules.lifetime(self.rules.is_long(mark.ttl)))
            else:
                self._entries.refresh(wire, now)

    def is_long(self, prompt: Fingerprint) -> bool:
        return any(self.rules.is_long(mark.ttl) for mark in prompt.breakpoints)

    def ends_long(self, prompt: Fingerprint) -> bool:
        return any(self.rules.is_long(mark.ttl) for mark in prompt.breakpoints[-1:])

    def _writable(self, prompt: Fingerprint) -> list[Breakpoint]:
        """Breakpoints whose prefix is long enough to be cached; a shorter one is silently ignored."""
        return [mark for mark in prompt.breakpoints if prompt.positions[mark.block].tokens >= self.rules.minimum]

    def _hit(self, prompt: Fingerprint, now: float) -> int:
        """The block on which the longest live entry ends, or -1."""
        for mark in reversed(self._writable(prompt)):
            for block in self._window(prompt, mark.block):
                if self._entries.holds(prompt.positions[block].wire, now):
                    return block
        return -1

    def _window(self, prompt: Fingerprint, last: int) -> Iterator[int]:
        """Blocks checked from a breakpoint backward; a run of calls, or of results, is one position."""
        positions = 0
        for block in range(last, -1, -1):
            if block == last or not self._joins(prompt, block):
                positions += 1
            if positions > self.rules.lookback:
                return
            yield block

    def _joins(self, prompt: Fingerprint, block: int) -> bool:
        """Whether a block belongs to the same run as the one after it."""
        kind, following = prompt.prompt.blocks[block].kind, prompt.prompt.blocks[block + 1].kind
        return self.rules.collapse_runs and kind == following and kind in ("tool_use", "tool_result")
