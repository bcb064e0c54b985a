"""Losses: what a miss billed anew of what the earlier call had in the cache, in tokens and in money."""

from collections import Counter

from ctxpack.auditing.calls import Call
from ctxpack.errors import CtxpackError
from ctxpack.prompts import Block, Prompt
from ctxpack.prompts.source import common_prefix
from ctxpack.providers import Price, Usage


def cached(usage: Usage) -> int:
    """Tokens that a call leaves in the cache."""
    return usage.cache_read + usage.cache_write + usage.cache_write_long


def billed_anew(usage: Usage) -> int:
    """Input tokens that the cache did not serve."""
    return usage.input - usage.cache_read


def lost_tokens(last: Call, call: Call, before: Prompt | None, after: Prompt | None) -> int:
    """Tokens of the later call billed anew that the earlier one had in the cache; an estimate where prompts part.

    Never more than the call was billed anew, and where both bodies are known, without what only the later one has.
    O(bytes of the bodies) where anything may be lost, else O(1).
    """
    most = min(cached(last.usage) - call.usage.cache_read, billed_anew(call.usage))
    if most <= 0 or not cached(last.usage):
        return 0
    if before is None or after is None:
        return most
    return max(min(most, billed_anew(call.usage) - _new_tokens(call, before, after)), 0)


def lost_money(tokens: int, usage: Usage, price: Price) -> float:
    """What billing tokens anew cost beyond reading them, in the price's currency.

    They are the first ones that the call billed anew: what it wrote, before what it did not.
    """
    rates = price.rates(usage.input)
    money = 0.0
    for billed, rate in (
        (usage.cache_write_long, rates.cache_write_long),
        (usage.cache_write, rates.cache_write),
        (usage.uncached, rates.input),
    ):
        part = min(tokens, billed)
        money += part * (rate - rates.cache_read)
        tokens -= part
    return money


def _new_tokens(call: Call, before: Prompt, after: Prompt) -> int:
    """Tokens of the later prompt that the earlier one did not have, as the provider counts; 0 where nobody can tell."""
    try:
        new = _new(before, after)
        # A rebuilt body lacks what the client added, so its own tokens are no measure of the provider's.
        return round(new if call.rebuilt or not after.tokens else new * call.usage.input / after.tokens)
    except CtxpackError:
        return 0


def _new(before: Prompt, after: Prompt) -> float:
    had = Counter((block.role, block.wire) for block in before.blocks)
    places = {block.path: block for block in before.blocks}
    new = 0.0
    for block, tokens in zip(after.blocks, after.block_tokens, strict=True):
        own = block.role, block.wire
        if had[own]:
            had[own] -= 1
        else:
            new += tokens * (1 - _alike(places.get(block.path), block))
    return new


def _alike(earlier: Block | None, later: Block) -> float:
    """Share of a block that begins or ends like the one that stood in its place: all but a time stamp, say."""
    if earlier is None or earlier.kind != later.kind:
        return 0.0
    one, other = earlier.wire, later.wire
    start = common_prefix(one, other)
    end = common_prefix(one[start:][::-1], other[start:][::-1])
    return (start + end) / len(other)
