"""Losses: what a miss billed anew of what the earlier call had in the cache, in tokens and in money."""

from collections import Counter

from ctxpack.auditing.counters import Counters
from ctxpack.auditing.seen import Seen, cached
from ctxpack.errors import CtxpackError
from ctxpack.prompts import Block, BlockCounter, Prompt
from ctxpack.prompts.source import common_prefix
from ctxpack.providers import Price, Usage


def billed_anew(usage: Usage) -> int:
    """Input tokens that the cache did not serve."""
    return usage.input - usage.cache_read


def lost_tokens(before: Seen, now: Seen, counters: Counters) -> int:
    """Tokens of the later call billed anew that the earlier one had in the cache; an estimate where prompts part.

    Never more than the call was billed anew, and where both bodies are known, without what only the later one has.
    O(bytes of the blocks that may differ) where anything may be lost, else O(1).
    """
    last, usage = before.call.usage, now.call.usage
    most = min(cached(last) - usage.cache_read, billed_anew(usage))
    if most <= 0 or not cached(last):
        return 0
    if before.prompt is None or now.prompt is None:
        return most
    return max(min(most, billed_anew(usage) - _new_tokens(now, before.prompt, now.prompt, counters)), 0)


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


def _new_tokens(now: Seen, before: Prompt, after: Prompt, counters: Counters) -> int:
    """Tokens of the later prompt that the earlier one did not have, as the provider counts; 0 where nobody can tell."""
    try:
        new = _new(before, after, counters.of(after.model, after.dialect))
    except CtxpackError:
        return 0
    # A rebuilt body lacks what the client added, so its own tokens are no measure of the provider's.
    own = now.printed.tokens if now.printed else 0
    return round(new if now.call.rebuilt or not own else new * now.call.usage.input / own)


def _new(before: Prompt, after: Prompt, counter: BlockCounter) -> float:
    start = after.shared(before)
    had = Counter((block.role, block.wire) for block in before.blocks[start:])
    places = {block.path: block for block in before.blocks[start:]}
    new = 0.0
    for previous, block in zip((None, *after.blocks)[start:], after.blocks[start:], strict=False):
        own = block.role, block.wire
        if had[own]:
            had[own] -= 1
        else:
            new += counter.tokens(block, previous) * (1 - _alike(places.get(block.path), block))
    return new


def _alike(earlier: Block | None, later: Block) -> float:
    """Share of a block that begins or ends like the one that stood in its place: all but a time stamp, say."""
    if earlier is None or earlier.kind != later.kind:
        return 0.0
    one, other = earlier.wire, later.wire
    start = common_prefix(one, other)
    end = common_prefix(one[start:][::-1], other[start:][::-1])
    return (start + end) / len(other)
