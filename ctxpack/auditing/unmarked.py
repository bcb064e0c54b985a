"""What cache markers would have let conversations read that set none, where the provider caches nothing else."""

from ctxpack.auditing.calls import Call
from ctxpack.auditing.losses import cached
from ctxpack.prefix import Fingerprint
from ctxpack.providers import CacheRules, Price


def readable_tokens(
    last: Call, call: Call, before: Fingerprint | None, after: Fingerprint, rules: CacheRules, gap: float
) -> int:
    """Tokens of the prefix that two calls share and that nobody cached: an estimate; O(blocks).

    0 where there are markers, where the prefix is too short to be cached, or where its entry would have expired.
    """
    lifetime = rules.lifetime(False)
    if before is None or rules.family != "breakpoints" or (lifetime is not None and gap > lifetime):
        return 0
    if before.breakpoints or after.breakpoints or cached(last.usage) or cached(call.usage):
        return 0
    shared = 0
    for one, other in zip(before.positions, after.positions, strict=False):
        if one.wire != other.wire:
            break
        shared = other.tokens
    tokens = round(shared * call.usage.input / after.tokens)
    return tokens if tokens >= rules.minimum else 0


def savings(readable: int, to_write: int, input_tokens: int, price: Price) -> float:
    """Money that reading a prefix saves, less what writing a part of it first costs more, in the price's currency."""
    rates = price.rates(input_tokens)
    return readable * (rates.input - rates.cache_read) - to_write * (rates.cache_write - rates.input)
