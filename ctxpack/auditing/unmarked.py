"""What cache markers would have let conversations read that set none, where the provider caches nothing else."""

from ctxpack.auditing.seen import Seen, cached
from ctxpack.providers import CacheRules, Price


def readable_tokens(before: Seen, now: Seen, rules: CacheRules) -> int:
    """Tokens of the prefix that two calls share and that nobody cached: an estimate; O(blocks).

    Never more than the earlier call was billed. 0 where a body is not known, where there are markers, where the prefix
    is too short to be cached, where its entry would have expired, or where usage sums several passes.
    """
    if before.is_summed or now.is_summed:
        return 0
    lifetime = rules.lifetime(False)
    if rules.family != "breakpoints" or (lifetime is not None and now.time - before.time > lifetime):
        return 0
    first, second = before.printed, now.printed
    if first is None or second is None or first.breakpoints or second.breakpoints:
        return 0
    if cached(before.call.usage) or cached(now.call.usage):
        return 0
    shared = second.tokens_until(second.shared(first))
    tokens = min(round(shared * now.call.usage.input / second.tokens), before.call.usage.input)
    return tokens if tokens >= rules.minimum else 0


def savings(readable: int, to_write: int, input_tokens: int, price: Price) -> float:
    """Money that reading a prefix saves, less what writing a part of it first costs more, in the price's currency."""
    rates = price.rates(input_tokens)
    return readable * (rates.input - rates.cache_read) - to_write * (rates.cache_write - rates.input)
