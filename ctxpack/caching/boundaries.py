"""OpenAI from GPT-5.6: entries exist at explicit markers and at message endings that the provider picks.

Sources: the provider's prompt-caching guide (2026-10-02), as the cache rules' data rows cite it.
"""

from ctxpack.caching.entries import Entries
from ctxpack.caching.prediction import CacheModel, Prediction, chance
from ctxpack.prefix import Breakpoint, Fingerprint
from ctxpack.providers import CacheRules, Usage


class BoundaryCache(CacheModel):
    """Looks for an entry at the boundaries of a prompt, never at any other common prefix.

    See CacheModel for thread-safety, memory and complexity.
    """

    def __init__(self, rules: CacheRules) -> None:
        self.rules = rules
        self._entries = Entries()

    def predict(self, prompt: Fingerprint, now: float) -> Prediction:
        read = self._read(prompt, now)
        return Prediction(self._usage(prompt, read), self._usage(prompt, 0), chance(self.rules, read))

    def observe(self, prompt: Fingerprint, now: float) -> None:
        ttl = self.rules.lifetime(self.is_long(prompt))
        for block in self._lookups(prompt):
            self._entries.refresh(prompt.positions[block].wire, now)
        for block in self._writes(prompt):
            self._entries.write(prompt.positions[block].wire, now, ttl)

    def is_long(self, prompt: Fingerprint) -> bool:
        return any(map(self.rules.is_long, (_options(prompt).get("ttl"), *(mark.ttl for mark in _marks(prompt)))))

    def _usage(self, prompt: Fingerprint, read: int) -> Usage:
        end = max((prompt.positions[block].tokens for block in self._writes(prompt)), default=0)
        written = end - read
        long = self.is_long(prompt)
        return Usage(
            uncached=prompt.tokens - read - written,
            cache_read=read,
            cache_write=0 if long else written,
            cache_write_long=written if long else 0,
        )

    def _read(self, prompt: Fingerprint, now: float) -> int:
        held = (prompt.positions[b] for b in self._lookups(prompt))
        return max((position.tokens for position in held if self._entries.holds(position.wire, now)), default=0)

    def _writes(self, prompt: Fingerprint) -> list[int]:
        """Blocks at whose end it writes: the latest ending and markers, and the opening where there is room."""
        marks = [mark.block for mark in _marks(prompt)]
        if _explicit(prompt):
            return self._long_enough(prompt, marks[-self.rules.max_breakpoints :])
        most = self.rules.max_breakpoints
        ends = dict.fromkeys([*_endings(prompt)[-1:], *marks[1 - most :], *_developer_end(prompt)])
        return self._long_enough(prompt, list(ends)[:most])

    def _lookups(self, prompt: Fingerprint) -> list[int]:
        """Blocks at whose end an entry is looked for."""
        marks = [mark.block for mark in _marks(prompt)]
        first, latest = self.rules.first_markers, self.rules.latest_markers or len(marks)
        near = [*marks[:first], *marks[-latest:]]
        if _explicit(prompt):
            return near
        return [*_developer_end(prompt), *near, *_endings(prompt)[-1 - self.rules.lookback :]]

    def _long_enough(self, prompt: Fingerprint, blocks: list[int]) -> list[int]:
        return [block for block in blocks if prompt.positions[block].tokens >= self.rules.minimum]


def _marks(prompt: Fingerprint) -> list[Breakpoint]:
    """The markers that count: the provider takes none on tools, where a gateway's may stand."""
    return [mark for mark in prompt.breakpoints if prompt.prompt.blocks[mark.block].kind != "tool"]


def _endings(prompt: Fingerprint) -> list[int]:
    """Blocks that end a user message, or the last tool response of a consecutive group."""
    blocks = prompt.prompt.blocks
    ends = [i for i, block in enumerate(blocks) if i + 1 == len(blocks) or blocks[i + 1].message != block.message]
    return [
        i
        for i in ends
        if blocks[i].role == "user"
        or (blocks[i].role == "tool" and (i + 1 == len(blocks) or blocks[i + 1].role != "tool"))
    ]


def _developer_end(prompt: Fingerprint) -> list[int]:
    """The last block of the developer or system messages that open the prompt, if there are any."""
    opening = -1
    for index, block in enumerate(prompt.prompt.blocks):
        if block.role not in ("tools", "system", "developer"):
            break
        if block.message >= 0:
            opening = index
    return [opening] if opening >= 0 else []


def _options(prompt: Fingerprint) -> dict[str, object]:
    options = prompt.prompt.setting("prompt_cache_options")
    return options if isinstance(options, dict) else {}


def _explicit(prompt: Fingerprint) -> bool:
    return _options(prompt).get("mode") == "explicit"
