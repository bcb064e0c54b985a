"""Spared: what pointers save as long as what they lead to stays in the prompt."""

from collections import defaultdict
from collections.abc import Mapping

from ctxpack.packing.branch import Branch
from ctxpack.packing.texts import Key, Text


def spared(text: Text, branch: Branch) -> int:
    """Tokens that pointers in a text spare, as far as they lead to results of its subject, if it has one. O(1)."""
    rewrite = branch.rewrites.get(text.key)
    if not text.call.subject or rewrite is None or rewrite.action != "pointers":
        return 0
    return rewrite.tokens_before - rewrite.tokens_after


def written_out(texts: list[Text], branch: Branch, gains: Mapping[Key, int]) -> int:
    """Tokens that stay after all where results go: of each part of a subject the first pointer to them is whole then.

    O(texts).

    Args:
        texts: of the prompt.
        branch: what was decided of them before.
        gains: tokens saved by each text that goes.
    """
    gone: dict[str, int] = {}
    whole: dict[str, dict[tuple[int, ...], int]] = defaultdict(dict)
    for text in texts:
        subject, part = text.call.subject, text.call.part
        if text.is_result and text.key in gains:
            gone[subject] = gone.get(subject, 0) + gains[text.key]
        elif subject in gone:
            whole[subject][part] = max(whole[subject].get(part, 0), spared(text, branch))
    return sum(min(sum(parts.values()), gone[subject]) for subject, parts in whole.items())


def spared_by_old(texts: list[Text], turns: list[int], branch: Branch, keep_turns: int) -> int:
    """Tokens that results of the latest turn spare by pointing to what was old then: else they would be whole.

    O(texts).

    Args:
        texts: of the prompt.
        turns: as `begun` counts them.
        branch: what was decided of them before.
        keep_turns: after how many turns a result is old.
    """
    latest: dict[str, int] = {}
    found = 0
    for text in texts:
        turn, subject = turns[text.block], text.call.subject
        if not text.is_result:
            continue
        if turn == turns[-1] and turn - latest.get(subject, turn) > keep_turns:
            found += spared(text, branch)
        else:
            latest[subject] = turn
    return found
