"""Budget: makes a prompt fit a number of tokens, or says how many it needs."""

from collections.abc import Callable

from ctxpack.errors import BudgetError
from ctxpack.packing.branch import Branch
from ctxpack.packing.compacting import compact
from ctxpack.packing.gate import removable
from ctxpack.packing.policy import Compaction
from ctxpack.packing.removal import Remover
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.texts import Text
from ctxpack.prefix import Fingerprint


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
            if packed.tokens <= budget:
                return packed
    return _checked(_clip(write, packed, branch, texts, budget, remover), budget)


def _clip(
    write: Callable[[], Fingerprint],
    packed: Fingerprint,
    branch: Branch,
    texts: list[Text],
    budget: int,
    remover: Remover,
) -> Fingerprint:
    """Clips results from the largest down, each by as much as is still too much."""
    results = [text for text in texts if text.is_result and not text.source.fixed]
    for text in sorted(results, key=lambda text: -remover.count(branch.packed(text))):
        over = packed.tokens - budget
        if over <= 0:
            break
        key = (text.block, text.part)
        if key in branch.rewrites and branch.rewrites[key].action in ("removed", "clipped"):
            continue
        clipped = remover.clip(text.read(), max(remover.count(branch.packed(text)) - over, 0))
        clipped = clipped or remover.remove(text.read(), text.call, 0.0)
        if clipped is not None:
            branch.rewrites[key] = clipped
            packed = write()
    return packed


def _checked(packed: Fingerprint, budget: int) -> Fingerprint:
    if packed.tokens > budget:
        raise BudgetError(packed.tokens, budget)
    return packed
