"""Budget: makes a prompt fit a number of tokens, or says how many it needs."""

from itertools import pairwise

from ctxpack.errors import BudgetError
from ctxpack.packing.branch import Branch
from ctxpack.packing.compacting import compact
from ctxpack.packing.editors import Editors
from ctxpack.packing.policy import Compaction, Policy, Summaries
from ctxpack.packing.removable import removable
from ctxpack.packing.removal import Remover
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.summaries.stretch import saving, stretch
from ctxpack.packing.summaries.writer import Writer
from ctxpack.packing.texts import Key, Text
from ctxpack.packing.turn import Turn

# Share of the budget that a compaction aims for: without room to grow, every later request would compact again.
_GOAL = 0.8
# Share of the budget that a summary may take.
_SUMMARY = 0.2


def fit(
    turn: Turn, branch: Branch, budget: int, policy: Policy, editors: Editors, writer: Writer
) -> tuple[Turn, Branch]:
    """Compacts more and more of the history, summarises it, then clips the largest results, until the prompt fits.

    O(bytes) a step. Nothing of it is done where the policy has neither compaction nor summaries: then nothing may be
    removed.

    Args:
        turn: its packed prompt is too large.
        branch: the decisions about it.
        budget: most tokens it may have.
        policy: how compactions and summaries work.
        editors: what takes texts out.
        writer: writes summaries.

    Returns:
        The turn and the decisions; others where a summary was made.

    Raises:
        BudgetError: it does not fit; says what the smallest prompt needs, and which block of it is largest.
        SummaryWanted: a summarizer is to be asked first.
    """
    rule = policy.compaction
    may_remove = rule is not None or policy.summaries is not None
    if may_remove and (rule is None or not _compact(turn, branch, budget, rule, editors)):
        plain = turn, branch
        turn, branch = _summarise(turn, branch, budget, policy.summaries or Summaries(), writer)
        _clip_all(turn, branch, budget, editors)
        if turn.packed.tokens > budget:
            turn, branch = _least(*plain, budget, editors)
    if turn.packed.tokens > budget:
        raise BudgetError(turn.packed.tokens, budget, *_largest(turn))
    return turn, branch


def _largest(turn: Turn) -> tuple[str, int]:
    """Where the largest block of the packed prompt stands in the body as given, and its tokens. O(blocks)."""
    ends = [position.tokens for position in turn.packed.positions]
    sizes = [stop - start for start, stop in pairwise([0, *ends])]
    tokens, block = max(zip(sizes, turn.packed.prompt.blocks, strict=True), key=lambda found: found[0])
    return turn.path(block), tokens


def _compact(turn: Turn, branch: Branch, budget: int, rule: Compaction, editors: Editors) -> bool:
    """Compacts with fewer and fewer turns kept; whether that leaves room to grow."""
    for keep_turns in range(rule.keep_turns, 0, -1):
        found = removable(turn.texts, branch, turn.packed, rule, keep_turns)
        if found.reasons and compact(branch, turn.texts, found, rule, editors.remover, editors.shaper):
            turn.write(branch, editors.counter)
            if turn.packed.tokens <= _GOAL * budget:
                return True
    return False


def _summarise(turn: Turn, branch: Branch, budget: int, rule: Summaries, writer: Writer) -> tuple[Turn, Branch]:
    """Summarises with fewer and fewer exchanges kept, until the prompt fits; as it is where no summary is shorter."""
    before, tokens = turn, min(rule.tokens, int(_SUMMARY * budget))
    for keep_turns in range(rule.keep_turns, 0, -1):
        if turn.packed.tokens <= budget:
            break
        found = stretch(turn.given.prompt, writer.condenser.policy, keep_turns)
        if found is None or saving(found, turn, tokens).tokens <= 0:
            continue
        summary = writer.summary(before, found, branch.query, tokens)
        if summary is not None:
            turn, branch = _shorter((turn, branch), writer.condenser.put(turn, branch, summary))
    return turn, branch


def _least(turn: Turn, branch: Branch, budget: int, editors: Editors) -> tuple[Turn, Branch]:
    """The shortest prompt: all results clipped, and if need be the shortest note in place of all that may go."""
    _clip_all(turn, branch, budget, editors)
    found = stretch(turn.given.prompt, editors.condenser.policy, 1)
    if turn.packed.tokens > budget and found is not None:
        noted = editors.condenser.put(turn, branch, editors.condenser.least(turn, found))
        turn, branch = _shorter((turn, branch), noted)
        _clip_all(turn, branch, budget, editors)
    return turn, branch


def _shorter(before: tuple[Turn, Branch], after: tuple[Turn, Branch]) -> tuple[Turn, Branch]:
    return after if after[0].packed.tokens < before[0].packed.tokens else before


def _clip_all(turn: Turn, branch: Branch, budget: int, editors: Editors) -> None:
    """Clips results until the prompt fits or none gets shorter."""
    over = turn.packed.tokens - budget
    while over > 0 and (clipped := _clip(branch, turn.texts, over, editors.remover)):
        branch.reshape(turn.texts, clipped, editors.shaper)
        over = turn.write(branch, editors.counter).tokens - budget


def _clip(branch: Branch, texts: list[Text], over: int, remover: Remover) -> dict[Key, Rewrite]:
    """Clips of results from the largest down, each by as much as is still too much; none where nothing gets shorter.

    What stands after them is shaped anew and may grow, where it pointed to a line that is gone: then once more.
    """
    clipped: dict[Key, Rewrite] = {}
    sizes = {text: remover.count(branch.packed(text)) for text in texts if text.is_result and not text.is_fixed}
    for text, now in sorted(sizes.items(), key=lambda item: -item[1]):
        if over <= 0:
            break
        whole = text.read()
        rewrite = (remover.clip(whole, now - over) if now > over else None) or remover.least(whole)
        if rewrite.tokens_after < now:
            clipped[text.key] = rewrite
            over -= now - rewrite.tokens_after
    return clipped
