"""Budget: makes a prompt fit a number of tokens, or says how many it needs."""

from ctxpack.errors import BudgetError
from ctxpack.packing.branch import Branch, Key
from ctxpack.packing.compacting import compact
from ctxpack.packing.editors import Editors
from ctxpack.packing.gate import removable
from ctxpack.packing.policy import Compaction
from ctxpack.packing.removal import Remover
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.texts import Text
from ctxpack.packing.turn import Turn

# Share of the budget that a compaction aims for: without room to grow, every later request would compact again.
_GOAL = 0.8


def fit(turn: Turn, branch: Branch, budget: int, rule: Compaction | None, editors: Editors) -> None:
    """Compacts more and more of the history, then clips the largest results, until the prompt fits. O(bytes) a step.

    Args:
        turn: its packed prompt is too large.
        branch: the decisions about it.
        budget: most tokens it may have.
        rule: how compactions work; None: nothing may be removed.
        editors: what takes texts out.

    Raises:
        BudgetError: it does not fit; says what the smallest prompt needs.
    """
    if rule is not None and not _compact(turn, branch, budget, rule, editors):
        over = turn.packed.tokens - budget
        while over > 0 and (clipped := _clip(branch, turn.texts, over, editors.remover)):
            branch.reshape(turn.texts, clipped, editors.shaper)
            over = turn.write(branch, editors.counter).tokens - budget
    if turn.packed.tokens > budget:
        raise BudgetError(turn.packed.tokens, budget)


def _compact(turn: Turn, branch: Branch, budget: int, rule: Compaction, editors: Editors) -> bool:
    """Compacts with fewer and fewer turns kept; whether that leaves room to grow."""
    for keep_turns in range(rule.keep_turns, 0, -1):
        found = removable(turn.texts, branch, turn.packed, rule, keep_turns)
        if found.keys and compact(branch, turn.texts, found, rule, editors.remover, editors.shaper):
            turn.write(branch, editors.counter)
            if turn.packed.tokens <= _GOAL * budget:
                return True
    return False


def _clip(branch: Branch, texts: list[Text], over: int, remover: Remover) -> dict[Key, Rewrite]:
    """Clips of results from the largest down, each by as much as is still too much; none where nothing gets shorter.

    What stands behind them is shaped anew and may grow, where it pointed to a line that is gone: then once more.
    """
    clipped: dict[Key, Rewrite] = {}
    sizes = {text: remover.count(branch.packed(text)) for text in texts if text.is_result and not text.is_fixed}
    for text, now in sorted(sizes.items(), key=lambda item: -item[1]):
        if over <= 0:
            break
        whole = text.read()
        rewrite = (remover.clip(whole, now - over) if now > over else None) or remover.least(whole, text.call)
        if rewrite.tokens_after < now:
            clipped[text.block, text.part] = rewrite
            over -= now - rewrite.tokens_after
    return clipped
