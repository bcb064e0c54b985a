"""Seen: one call of a conversation, and what its body shows."""

from typing import NamedTuple

from ctxpack.auditing.calls import Call
from ctxpack.prefix import Fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import CacheRules, Usage


class Seen(NamedTuple):
    """A call, after the one before it.

    Attributes:
        call: as logged.
        time: its start, unix seconds; that of the call before where the log has it earlier.
        prompt: None where there is no body that can be read.
        long: tokens that it has in the cache with the long lifetime.
        rules: the model's, None where no row covers it.
        printed: None, as `read`, where the cache model says nothing of the body.
        read: tokens that the cache model serves it.
        held: tokens that the cache model holds of it.
        readable: as of a Transition.
        is_unreachable: whether it finds nothing of what the call before it cached, however soon it had come.
    """

    call: Call
    time: float
    prompt: Prompt | None
    long: int
    rules: CacheRules | None
    printed: Fingerprint | None = None
    read: int | None = None
    held: int = 0
    readable: int = 0
    is_unreachable: bool = False

    @property
    def is_summed(self) -> bool:
        """Whether its usage may be the sum of several passes. It never says whether the provider ran code."""
        sections = self.prompt.definitions if self.prompt else ()
        tools = (block for section in sections for block in section.blocks if block.kind == "tool")
        return self.call.ran_tools or any(tool.name == "code_execution" for tool in tools)

    @property
    def is_long(self) -> bool:
        """Whether all that it has in the cache has the long lifetime."""
        return 0 < cached(self.call.usage) <= self.long


def cached(usage: Usage) -> int:
    """Tokens that a call leaves in the cache."""
    return usage.cache_read + usage.cache_write + usage.cache_write_long
