"""Pointers to lines of other texts and of the same one: what they say, and that they lead to what they stand for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, Session
from ctxpack.packing.calls import Call
from ctxpack.packing.lines import LineIndex, split
from ctxpack.packing.pointers import pointers
from ctxpack.packing.shaping import Shaper
from tests.packing.conversations import CLAUDE, Step, bodies, examples, numbered

TRACE = [f"    at step_{depth} (app/module_{depth * 7}.js:{depth * 31}:12)" for depth in range(9)]
FAILURES = "\n".join(line for case in range(4) for line in [f"  {case}) case {case} fails", *TRACE, ""])
NOTE = re.compile(r"\[ctxpack(?::[0-9a-f]+)? lines (\d+)-(\d+): same as(?: above, (\w+))?(?: lines (\d+)-(\d+))?\]")
MANY = st.lists(st.sampled_from([f"line {number} of a text that repeats itself" for number in range(6)]), max_size=60)


def words(text: str) -> int:
    return len(re.findall(r"\w+|\W", text))


def expanded(text: str, above: dict[str, str]) -> str:
    """What a patient reader makes of a text with pointers."""
    lines: list[str] = []
    for line in text.split("\n"):
        note = NOTE.fullmatch(line)
        if note is None:
            lines.append(line)
            continue
        assert int(note[1]) == len(lines) + 1
        source = lines if note[3] is None else above[note[3]].split("\n")
        first, last = (note[4], note[5]) if note[4] else (note[1], note[2])
        lines += source[int(first) - 1 : int(last)]
        assert int(note[2]) == len(lines)
    return "\n".join(lines)


@examples(200)
@given(MANY, MANY, st.integers(1, 4))
def test_a_reader_gets_every_line_back(other: list[str], own: list[str], least: int) -> None:
    above, text, index = "\n".join(["head", "head", *other]), "\n".join(own), LineIndex()
    index.add("log", split(above))
    lines = split(text)
    recipe = pointers(text, lines, index.runs(lines, least, least), index, "0123abcd", words)
    packed = recipe.apply(text)
    assert expanded(packed, {"log": above}) == text
    assert words(packed) <= words(text)
    assert len(re.findall("ctxpack:", packed)) <= 1


def test_blocks_that_repeat_in_a_commands_output_are_shown_once() -> None:
    step = Step("", False, [("call_1", "Bash", {"command": "npm test"})], [FAILURES])
    session = Session(CLAUDE)
    packed = session.pack(bodies([step, Step(asked="go on")], "anthropic.messages")[-1], now=0.0)
    [entry] = packed.report.entries
    assert entry.action == "pointers"
    assert entry.tokens_after < 0.5 * entry.tokens_before
    shown = packed.body["messages"][2]["content"][0]["content"]
    assert shown.split("\n")[11:15] == [
        "  1) case 1 fails",
        f"[ctxpack:{entry.handle} lines 13-22: same as lines 2-11]",
        "  2) case 2 fails",
        "[ctxpack lines 24-33: same as lines 2-11]",
    ]
    assert session.original(entry.handle) == FAILURES


@pytest.mark.parametrize(("repeats", "pointed"), [(5, False), (14, True)])
def test_a_file_is_shown_whole_unless_much_of_it_repeats(repeats: int, pointed: bool) -> None:
    block = [f"    assert total_{line} == expected_{line}, 'the totals differ'" for line in range(repeats)]
    text = "\n".join(["def one():", *block, "def two():", *block])
    shaper = Shaper(words, MemoryOriginals(), 3)
    shaped = shaper.shape(text, Call("Read", "a.py"), LineIndex(), "")
    assert (shaped is not None) == pointed


def test_the_head_of_a_numbered_file_names_the_handle() -> None:
    one = [f"value_{line} = compute({line * 37 % 101})" for line in range(40)]
    other = [*(f"other_{line} = find({line * 53 % 101})" for line in range(40)), *one[:12], "between = 1", *one[20:32]]
    made = [
        Step("", False, [("call_1", "Read", {"file_path": path})], [numbered(file)])
        for path, file in (("a.py", one), ("b.py", other))
    ]
    packed = Session(CLAUDE).pack(bodies(made, "anthropic.messages")[-1], now=0.0)
    shown = packed.body["messages"][4]["content"][0]["content"]
    head, *notes = [line for line in shown.split("\n") if "[ctxpack" in line]
    assert head == f"[ctxpack:{packed.report.entries[-1].handle} lines 1-65, every 10th numbered]"
    assert notes == [
        "[ctxpack lines 41-52: same as above, Read a.py lines 1-12]",
        "[ctxpack lines 54-65: same as above, Read a.py lines 21-32]",
    ]
