"""Ages: from when on a text is old enough to be taken out.

What later turns still quote depends on what became of a text. A result that a newer one replaces is hardly quoted ever
again. A read is quoted until the work on its file is done; files that were read together are worked on together, one
after the other, so a read that waits for its turn is not old while the work on the others goes on. The output of
commands is quoted for a few turns.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from ctxpack.packing.calls import Call
from ctxpack.packing.policy import Compaction
from ctxpack.packing.texts import Text


@dataclass(frozen=True, slots=True)
class _Use:
    """A call that names a subject: its block, its turn, and the call."""

    block: int
    turn: int
    call: Call


class _Stay(NamedTuple):
    """From which turn on an age counts, how many turns a text stays, and how a report says that it is over."""

    since: int
    turns: int
    over: str = "older than"


def old(texts: list[Text], turns: list[int], rule: Compaction, sooner: int = 0) -> list[tuple[Text, str]]:
    """Results and arguments that are old by a rule, each with the reason why. O(texts).

    Args:
        texts: of a prompt, in order.
        turns: for each block how many assistant turns have begun, its own included.
        rule: how many turns what stays.
        sooner: turns by which all of it is old sooner, as far as the latest one.
    """
    if not texts:
        return []
    uses, together = _uses(texts, turns), _together(texts, turns)
    found = []
    for text in texts:
        if text.is_arguments or text.is_result:
            stay = _stay(text, turns[text.block], uses, together, rule)
            most = max(stay.turns - sooner, 1)
            if turns[-1] - stay.since >= most:
                found.append((text, f"{stay.over} {most} turns"))
    return found


def _uses(texts: list[Text], turns: list[int]) -> dict[str, list[_Use]]:
    uses: dict[str, list[_Use]] = defaultdict(list)
    for text in texts:
        if text.is_arguments and text.call.subject:
            uses[text.call.subject].append(_Use(text.block, turns[text.block], text.call))
    return uses


def _together(texts: list[Text], turns: list[int]) -> dict[int, set[str]]:
    """By turn, the subjects that were read in it."""
    together: dict[int, set[str]] = defaultdict(set)
    for text in texts:
        if text.is_arguments and text.call.is_read:
            together[turns[text.block]].add(text.call.subject)
    return together


def _stay(text: Text, turn: int, uses: dict[str, list[_Use]], together: dict[int, set[str]], rule: Compaction) -> _Stay:
    of_subject = uses.get(text.call.subject, [])
    if text.is_arguments and of_subject:
        return _Stay(of_subject[-1].turn, rule.keep_arguments, "no call on it for")
    if text.is_arguments:
        return _Stay(turn, rule.keep_turns)
    later = [use for use in of_subject if use.block > text.block]
    if text.call.is_write or any(use.call.replaces(text.call) for use in later):
        return _Stay(turn, min(rule.keep_replaced, rule.keep_turns), "replaced, and older than")
    if not text.call.is_read:
        return _Stay(turn, min(rule.keep_commands, rule.keep_turns))
    worked_on = max((uses[subject][-1].turn for subject in together[turn] if subject in uses), default=turn)
    if later or worked_on == turn:
        return _Stay(turn, rule.keep_turns)
    return _Stay(worked_on, rule.keep_turns + rule.keep_turns // 2, "no call on files read with it for")
