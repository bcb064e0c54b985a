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
from ctxpack.packing.turn import Decided, Turn

# Share of the budget that a compaction aims for: without room to grow, every later request would compact again.
_GOAL = 0.8
# Share of the budget that a summary may take.
_SUMMARY = 0.2


def fit(decided: Decided, budget: int, policy: Policy, editors: Editors, writer: Writer) -> Decided:
    """Compacts more and more of the history, summarises it, then clips the largest results, until the prompt fits.

    O(bytes) a step. Nothing of it is done where the policy has neither compaction nor summaries: then nothing may be
    removed.

    Args:
        decided: a turn whose packed prompt is too large, and the decisions about it.
        budget: most tokens it may have.
        policy: how compactions and summaries work.
        editors: what takes texts out.
        writer: writes summaries.

    Returns:
        The same; others where a summary was made.

    Raises:
        BudgetError: it does not fit; says what the smallest prompt needs, and which block of it is largest.
        SummaryWanted: a summarizer is to be asked first.
    """
    rule = policy.compaction
    may_remove = rule is not None or policy.summaries is not None
    if may_remove and (rule is None or not _compact(decided, budget, rule, editors)):
        plain, decided = decided, _summarise(decided, budget, policy.summaries or Summaries(), writer)
        _clip_all(decided, budget, editors)
        if decided.tokens > budget:
            decided = _least(plain, budget, editors)
    if decided.tokens > budget:
        raise BudgetError(decided.tokens, budget, *_largest(decided.turn))
    return decided


def _largest(turn: Turn) -> tuple[str, int]:
    """Where the largest block of the packed prompt stands in the body as given, and its tokens. O(blocks)."""
    ends = [position.tokens for position in turn.packed.positions]
    sizes = [stop - start for start, stop in pairwise([0, *ends])]
    tokens, block = max(zip(sizes, turn.packed.prompt.blocks, strict=True), key=lambda found: found[0])
    return turn.path(block), tokens


def _compact(decided: Decided, budget: int, rule: Compaction, editors: Editors) -> bool:
    """Compacts with fewer and fewer turns kept; whether that leaves room to grow."""
    turn, branch = decided
    for keep_turns in range(rule.keep_turns, 0, -1):
        found = removable(turn.texts, branch, turn.packed, rule, keep_turns)
        if found.reasons and compact(decided, found, rule, editors) and decided.tokens <= _GOAL * budget:
            return True
    return False


def _summarise(decided: Decided, budget: int, rule: Summaries, writer: Writer) -> Decided:
    """Summarises with fewer and fewer exchanges kept, until the prompt fits; as it is where no summary is shorter."""
    before, condenser, tokens = decided.turn, writer.condenser, min(rule.tokens, int(_SUMMARY * budget))
    for keep_turns in range(rule.keep_turns, 0, -1):
        if decided.tokens <= budget:
            break
        found = stretch(before.given.prompt, condenser.policy, keep_turns)
        if found is None or saving(found, decided, tokens).tokens <= 0:
            continue
        summary = writer.summary(before, found, decided.branch.query, tokens)
        if summary is not None:
            decided = _shorter(decided, condenser.put(decided, summary))
    return decided


def _least(decided: Decided, budget: int, editors: Editors) -> Decided:
    """The shortest prompt: all results clipped, and if need be the shortest note in place of all that may go."""
    _clip_all(decided, budget, editors)
    turn, condenser = decided.turn, editors.condenser
    found = stretch(turn.given.prompt, condenser.policy, 1)
    if decided.tokens > budget and found is not None:
        decided = _shorter(decided, condenser.put(decided, condenser.least(turn, found)))
        _clip_all(decided, budget, editors)
    return decided


def _shorter(before: Decided, after: Decided) -> Decided:
    return after if after.tokens < before.tokens else before


def _clip_all(decided: Decided, budget: int, editors: Editors) -> None:
    """Clips results until the prompt fits or none gets shorter."""
    turn, branch = decided
    while (over := decided.tokens - budget) > 0 and (clipped := _clip(branch, turn.texts, over, editors.remover)):
        branch.reshape(turn.texts, clipped, editors.shaper)
        turn.write(branch, editors.counter)


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
