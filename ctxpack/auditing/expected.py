"""Expected: what the cache should serve a call, after the one before it."""

from typing import NamedTuple

from ctxpack.auditing.seen import Seen, cached
from ctxpack.providers import CacheRules


class Expected(NamedTuple):
    """A prediction.

    Attributes:
        tokens: that the cache should serve.
        is_counted: whether they were counted in the bodies; else they follow from what the provider billed before.
    """

    tokens: int
    is_counted: bool = False


def expect(before: Seen, now: Seen, broken: str | None) -> Expected | None:
    """What a call should read, where `broken` names what ends the chain; None where nobody can tell. O(1)."""
    if now.rules is None or before.is_summed or now.is_summed:
        return None
    if broken is None and _chains(before, now, now.rules):
        return Expected(cached(before.call.usage))
    if broken == "entry expired" and (long := _outlives(before, now, now.rules)):
        return Expected(long)
    if now.read is not None:
        return Expected(now.read, is_counted=now.read > 0)
    if broken in ("entry expired", "model changed"):
        return Expected(0)
    least = cached(before.call.usage)
    # No bill says what automatic prefixes were written: without the bodies, only that more is held than was read.
    return None if now.rules.family == "prefix" and now.call.usage.cache_read >= least else Expected(least)


def _chains(before: Seen, now: Seen, rules: CacheRules) -> bool:
    """Whether a call reads what the earlier one was billed as having cached.

    So it does at Anthropic, and where the cache model lets it read just that, if the log reports writes.
    """
    if rules.family == "breakpoints" and now.call.dialect == "anthropic.messages":
        return True
    usage = before.call.usage
    is_reported = usage.cache_write + usage.cache_write_long > 0 or before.held == before.read
    return rules.family != "prefix" and 0 < before.held == now.read and is_reported


def _outlives(before: Seen, now: Seen, rules: CacheRules) -> int:
    """Tokens with the long lifetime that are still there."""
    lifetime = rules.lifetime(True)
    return 0 if lifetime is None or now.time - before.time > lifetime else before.long
