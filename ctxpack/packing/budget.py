"""Budget: makes a prompt fit a number of tokens, or says how many it needs."""

from collections.abc import Callable

from ctxpack.errors import BudgetError
from ctxpack.packing.branch import Branch, Key
from ctxpack.packing.compacting import compact
from ctxpack.packing.gate import removable
from ctxpack.packing.policy import Compaction
from ctxpack.packing.removal import Remover
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.texts import Text
from ctxpack.prefix import Fingerprint

# Share of the budget that a compaction aims for: without room to grow, every later request would compact again.
_GOAL = 0.8


def fit(
    write: Callable[[], Fingerprint],
    branch: Branch,
    texts: list[Text],
    budget: int,
    rule: Compaction | None,
    remover: Remover,
    shaper: Shaper,
) -> Fingerprint:
    """Compacts more and more of the history, then clips the largest results, until the prompt fits. O(bytes) a step.

    Args:
        write: gives the prompt as the branch's decisions make it.
        rule: how compactions work; None: nothing may be removed.

    Raises:
        BudgetError: it does not fit; says what the smallest prompt needs.
    """
    packed = write()
    if rule is None or packed.tokens <= budget:
        return _checked(packed, budget)
    for keep_turns in range(rule.keep_turns, 0, -1):
        found = removable(texts, branch, packed, rule, keep_turns)
        if found.keys and compact(branch, texts, found, rule, remover, shaper):
            packed = write()
            if packed.tokens <= _GOAL * budget:
                return packed
    while packed.tokens > budget and (clipped := _clip(branch, texts, packed.tokens - budget, remover)):
        branch.reshape(texts, clipped, shaper)
        packed = write()
    return _checked(packed, budget)


def _clip(branch: Branch, texts: list[Text], over: int, remover: Remover) -> dict[Key, Rewrite]:
    """Clips of results from the largest down, each by as much as is still too much; none where nothing gets shorter.

    What stands behind them is shaped anew and may grow, where it pointed to a line that is gone: then once more.
    """
    clipped: dict[Key, Rewrite] = {}
    sizes = {text: remover.count(branch.packed(text)) for text in texts if text.is_result and not text.source.fixed}
    for text, now in sorted(sizes.items(), key=lambda item: -item[1]):
        if over <= 0:
            break
        whole = text.read()
        rewrite = (remover.clip(whole, now - over) if now > over else None) or remover.least(whole, text.call)
        if rewrite.tokens_after < now:
            clipped[text.block, text.part] = rewrite
            over -= now - rewrite.tokens_after
    return clipped


def _checked(packed: Fingerprint, budget: int) -> Fingerprint:
    if packed.tokens > budget:
        raise BudgetError(packed.tokens, budget)
    return packed
