"""Causes: why a call read more or less of the cache than the one before it leads to expect."""

from typing import Literal

from ctxpack.auditing.expected import Expected
from ctxpack.auditing.seen import Seen, cached
from ctxpack.errors import CtxpackError
from ctxpack.prefix import Divergence, diff
from ctxpack.prompts import Prompt

MissCause = Literal[
    "entry expired",
    "model changed",
    "compaction",
    "prompt changed",
    "entry out of reach",
    "no cache markers",
    "prompt rewritten outside the log",
    "best effort",
    "counted prediction",
    "read more than predicted",
]

Explanation = tuple[MissCause, str]

# A prompt that shrinks below this share of the one before was compacted or cleared by the client.
_SHRUNK = 0.5


def what_breaks(before: Seen, now: Seen) -> Explanation | None:
    """What, by the log alone, must end the chain. O(bytes of the bodies)."""
    last, call = before.call, now.call
    if call.model != last.model:
        return "model changed", f"{last.model} -> {call.model}"
    if call.segment != last.segment:
        return "compaction", "by the client"
    if parted := _parted(before.prompt, now.prompt):
        return "prompt changed", f"{parted.cause}: {parted.detail}"
    if expired := _expired(before, now):
        return "entry expired", expired
    if now.is_unreachable:
        return "entry out of reach", "no marker of the later request finds what the earlier one cached"
    return None


def explain(broken: Explanation | None, expected: Expected, lost: int, before: Seen, now: Seen) -> Explanation | None:
    """Why the bill is not what was expected; None where it is. O(1)."""
    last, usage = before.call.usage, now.call.usage
    more, served_all = usage.cache_read > expected.tokens, usage.cache_read >= cached(last)
    if usage.cache_read == expected.tokens and (broken is None or served_all):
        return None
    if broken is not None and not (more and served_all):
        return broken
    if not more and usage.input < _SHRUNK * last.input:
        return "compaction", "the prompt shrank"
    if now.rules is not None and now.rules.best_effort:
        return "best effort", "the provider served more than it promises" if more else "the provider promises no hit"
    if expected.is_counted and not lost:
        return "counted prediction", "counted tokens are not the provider's own"
    if more:
        return "read more than predicted", "another request cached more of the same prefix"
    is_known = before.prompt is not None and now.prompt is not None
    told = "the prompt goes on, but its" if is_known else "the log does not hold the prompts; the"
    return "prompt rewritten outside the log", f"{told} cached prefix was not used"


def _parted(before: Prompt | None, after: Prompt | None) -> Divergence | None:
    if before is None or after is None:
        return None
    try:
        return diff(before, after)
    except CtxpackError:
        return None


def _expired(before: Seen, now: Seen) -> str:
    gap = now.time - before.time
    lifetime = before.rules.lifetime(before.is_long) if before.rules else None
    # By the bodies: all that the last call cached is still there.
    is_alive = now.read is not None and 0 < before.held <= now.read
    if lifetime is None or gap <= lifetime or is_alive:
        return ""
    return f"{gap:.0f} s after the last use, {lifetime} s allowed"
