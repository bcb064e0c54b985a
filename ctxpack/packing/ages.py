"""Ages: from when on a text is old enough to be taken out.

What later turns still quote depends on what became of a text. A result that a newer one replaces is hardly quoted ever
again, nor is what a write put into a file that was written anew since. A read is quoted until the work on its file is
done; files that were read together are worked on together, one after the other, so a read that waits for its turn is
not old while the work on the others goes on. The output of commands is quoted for a few turns.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from ctxpack.packing.policy import Compaction
from ctxpack.packing.texts import Key, Text
from ctxpack.packing.tool_calls import ToolCall
from ctxpack.prompts import Prompt


@dataclass(slots=True)
class _Later:
    """The calls on a subject behind some place.

    Attributes:
        asked: tool, action and part of each; no part where it asks for all of the subject.
        has_write: whether one of them writes the whole of it.
    """

    asked: set[tuple[str, str, tuple[int, ...]]] = field(default_factory=set)
    has_write: bool = False

    def add(self, call: ToolCall) -> None:
        self.asked.add((call.name, call.action, call.part if call.is_read else ()))
        self.has_write = self.has_write or call.is_write

    def replaces(self, call: ToolCall) -> bool:
        """Whether one of them makes the result of a call in front of them out of date: it asks again, or wrote."""
        again = any((call.name, call.action, part) in self.asked for part in ((), call.part))
        return again or (self.has_write and call.is_read)


class _Subjects(NamedTuple):
    """What became of the subjects of calls.

    Attributes:
        turns: by subject, the turn of the latest call on it.
        worked_on: by turn, the latest one with a call on a subject that was read in it.
        used: the texts of results behind which a call names their subject.
        replaced: those of them that such a call makes out of date, and arguments of writes in front of another one.
    """

    turns: dict[str, int]
    worked_on: dict[int, int]
    used: set[Key]
    replaced: set[Key]


class _Stay(NamedTuple):
    """From which turn on an age counts, how many turns a text stays, and how a report says that it is over."""

    since: int
    turns: int
    over: str = "older than"

    @property
    def end(self) -> int:
        return self.since + self.turns


def old(texts: list[Text], turns: list[int], rule: Compaction, sooner: int = 0) -> list[tuple[Text, str]]:
    """Results and arguments that are old by a rule, each with the reason why. O(texts).

    Args:
        texts: of a prompt, in order.
        turns: as `begun` counts them.
        rule: how many turns what stays.
        sooner: turns by which all of it is old sooner, as far as the latest one.
    """
    if not texts:
        return []
    found, subjects = [], _subjects(texts, turns)
    for text in texts:
        if text.is_arguments or text.is_result:
            stay = _stay(text, turns[text.block], subjects, rule)
            most = max(stay.turns - sooner, 1)
            if turns[-1] - stay.since >= most:
                found.append((text, f"{stay.over} {most} turns"))
    return found


def begun(prompt: Prompt) -> list[int]:
    """For each block how many assistant turns have begun, its own included. O(blocks).

    Assistant messages side by side are one turn: some clients send each call in a message of its own.
    """
    turns, latest = [0], None
    for block in prompt.blocks:
        speaks = block.role == "assistant"
        turns.append(turns[-1] + (speaks and latest not in (block.message, block.message - 1)))
        latest = block.message if speaks else latest
    return turns[1:]


def _subjects(texts: list[Text], turns: list[int]) -> _Subjects:
    """O(texts): the latest first, so that all later calls on a subject are known where a result of one stands."""
    found = _Subjects({}, {}, set(), set())
    later: dict[str, _Later] = defaultdict(_Later)
    for text in reversed(texts):
        call, turn, key = text.call, turns[text.block], text.key
        if text.is_result and call.subject in later:
            found.used.add(key)
            if later[call.subject].replaces(call):
                found.replaced.add(key)
        elif text.is_arguments and call.subject:
            if call.is_write and later[call.subject].has_write:
                found.replaced.add(key)
            later[call.subject].add(call)
            latest = found.turns.setdefault(call.subject, turn)
            if call.is_read:
                found.worked_on[turn] = max(found.worked_on.get(turn, turn), latest)
    return found


def _stay(text: Text, turn: int, subjects: _Subjects, rule: Compaction) -> _Stay:
    replaced = _Stay(turn, min(rule.keep_replaced, rule.keep_turns), "replaced, and older than")
    if text.is_arguments and text.call.subject:
        unused = _Stay(subjects.turns[text.call.subject], rule.keep_arguments, "no call on it for")
        return min(unused, replaced, key=lambda stay: stay.end) if text.key in subjects.replaced else unused
    if text.key in subjects.replaced or (text.is_result and text.call.is_write):
        return replaced
    if text.is_arguments:
        return _Stay(turn, rule.keep_turns)
    if not text.call.is_read:
        return _Stay(turn, min(rule.keep_commands, rule.keep_turns))
    worked_on = subjects.worked_on.get(turn, turn)
    if text.key in subjects.used or worked_on == turn:
        return _Stay(turn, rule.keep_turns)
    return _Stay(worked_on, rule.keep_turns + rule.keep_turns // 2, "no call on files read with it for")
