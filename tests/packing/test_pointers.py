"""Pointers to lines of other texts and of the same one: what they say, and that they lead to what they stand for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, Session
from ctxpack.packing.lines import LineIndex, split
from ctxpack.packing.pointers import pointers
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.tool_calls import ToolCall
from tests.packing.conversations import CLAUDE, Step, bodies, examples, numbered

TRACE = [f"    at step_{depth} (app/module_{depth * 7}.js:{depth * 31}:12)" for depth in range(9)]
FAILURES = "\n".join(line for case in range(4) for line in [f"  {case}) case {case} fails", *TRACE, ""])
NOTE = re.compile(
    r"\[ctxpack(?::[0-9a-f]+)? lines (?P<ours>\d+-\d+): same(?P<where>| as above, \w+| as)"
    r"(?:,? (?:lines )?(?P<theirs>\d+-\d+)(?P<many>, over and over)?)?\]"
)
MANY = st.lists(st.sampled_from([f"line {number} of a text that repeats itself" for number in range(6)]), max_size=60)
FILE = [f"value_{line} = compute(input_{line * 37 % 101})" for line in range(60)]
EDITS = st.lists(
    st.tuples(st.integers(0, 59), st.sampled_from([[], ["changed = 1"], ["new = 1", "new = 2"]])), max_size=8
)


def words(text: str) -> int:
    return len(re.findall(r"\w+|\W", text))


def expanded(text: str, above: dict[str, list[str]]) -> str:
    """What a patient reader makes of a text with pointers."""
    lines: list[str] = []
    source: list[str] = []
    for line in text.split("\n"):
        note = NOTE.fullmatch(line)
        if note is None:
            lines.append(line)
            continue
        if note["where"]:
            source = above.get(note["where"].removeprefix(" as above, "), lines)
        first, last = map(int, (note["theirs"] or note["ours"]).split("-"))
        start, stop = map(int, note["ours"].split("-"))
        wanted = source[first - 1 : last]
        assert start == len(lines) + 1
        assert note["many"] or stop - start == last - first
        lines += [wanted[at % len(wanted)] for at in range(stop + 1 - start)]
    return "\n".join(lines)


def check_pointers(above: dict[str, list[str]], own: list[str], least: int) -> None:
    index, text = LineIndex(), "\n".join(own)
    for label, shown in above.items():
        index.add(label, split("\n".join(shown)))
    lines = split(text)
    for apart in (False, True):
        recipe = pointers(text, lines, index.runs(lines, least, least), index, "0123abcd", words, apart=apart)
        packed = recipe.apply(text)
        assert expanded(packed, above) == text
        assert words(packed) <= words(text)
        assert len(re.findall("ctxpack:", packed)) <= 1
        assert all(note["where"] for note in map(NOTE.fullmatch, packed.split("\n")) if note and apart)


@examples(200)
@given(MANY, MANY, MANY, st.integers(1, 4))
def test_a_reader_gets_every_line_back(one: list[str], other: list[str], own: list[str], least: int) -> None:
    check_pointers({"log": ["head", "head", *one], "build": other}, own, least)


@examples(100)
@given(EDITS, EDITS, st.integers(1, 4))
def test_a_reader_gets_every_line_of_an_edited_file_back(
    earlier: list[tuple[int, list[str]]], later: list[tuple[int, list[str]]], least: int
) -> None:
    once = edited(FILE, earlier)
    check_pointers({"first": FILE, "second": once}, edited(once, later), least)


def edited(file: list[str], edits: list[tuple[int, list[str]]]) -> list[str]:
    lines = list(file)
    for at, new in edits:
        lines[at : at + 1] = new
    return lines


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
        "[ctxpack lines 24-33: same, 2-11]",
    ]
    assert session.original(entry.handle) == FAILURES


@pytest.mark.parametrize("block", [["Waiting for the server."], ["Waiting for the server.", "", "Not there."]])
def test_lines_that_come_over_and_over_are_shown_once(block: list[str]) -> None:
    size, text = len(block), "\n".join(["start", *(block * 40), "done", *(block * 10)])
    step = Step("", False, [("call_1", "Bash", {"command": "npm start"})], [text])
    packed = Session(CLAUDE).pack(bodies([step, Step(asked="go on")], "anthropic.messages")[-1], now=0.0)
    [entry] = packed.report.entries
    assert packed.body["messages"][2]["content"][0]["content"].split("\n") == [
        "start",
        *block,
        f"[ctxpack:{entry.handle} lines {size + 2}-{40 * size + 1}: same as lines 2-{size + 1}, over and over]",
        "done",
        *block,
        f"[ctxpack lines {41 * size + 3}-{50 * size + 2}: same, {40 * size + 3}-{41 * size + 2}, over and over]",
    ]


@pytest.mark.parametrize(("repeats", "pointed"), [(5, False), (14, True)])
def test_a_file_is_shown_whole_unless_much_of_it_repeats(repeats: int, pointed: bool) -> None:
    block = [f"    assert total_{line} == expected_{line}, 'the totals differ'" for line in range(repeats)]
    text = "\n".join(["def one():", *block, "def two():", *block])
    shaper = Shaper(words, MemoryOriginals(), 3)
    shaped = shaper.shape(text, ToolCall("Read", "a.py"), LineIndex(), "")
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
        "[ctxpack lines 54-65: same, 21-32]",
    ]


def pointed(text: str, index: LineIndex) -> list[str]:
    """Lines of a text with pointers, to runs of three lines and more."""
    lines = split(text)
    recipe = pointers(text, lines, index.runs(lines, 3, 99), index, "0123abcd", words, apart=False)
    return recipe.apply(text).split("\n")


def test_a_pointer_names_its_text_again_behind_one_to_another() -> None:
    """Short notes for a file with changed lines: each is about the text that the pointer in front of it names."""
    index, blocks = LineIndex(), [FILE[:20], FILE[20:40], FILE[40:60]]
    index.add("Read a.py", split("\n".join([*blocks[0], "gone = 0", *blocks[1]])))
    index.add("Read b.py", split("\n".join(blocks[2])))
    text = "\n".join([*blocks[0][:9], "changed = 1", *blocks[0][10:], *blocks[1], *blocks[2], *blocks[1]])
    assert pointed(text, index) == [
        "[ctxpack:0123abcd lines 1-9: same as above, Read a.py]",
        "changed = 1",
        "[ctxpack lines 11-20: same]",
        "[ctxpack lines 21-40: same, 22-41]",
        "[ctxpack lines 41-60: same as above, Read b.py lines 1-20]",
        "[ctxpack lines 61-80: same as above, Read a.py lines 22-41]",
    ]


def test_a_pointer_names_no_lines_across_the_edge_of_a_numbered_window() -> None:
    """Around what a reader numbers, lines go by their places: "lines 1458-65" would name none."""
    window = [f"{number}:{line}" for number, line in enumerate(FILE, 1458)]
    around = ["(Open file: /testbed/src/app/fields.py)", "(Current directory: /testbed/src/app)", "bash-$"]
    earlier = ["[File: fields.py (1998 lines total)]", "(1457 more lines above)", *window, *around]
    index, text = LineIndex(), "\n".join(["Text replaced.", *earlier])
    index.add("open fields.py", split("\n".join(earlier)))
    assert pointed(text, index) == [
        "Text replaced.",
        *earlier[:2],
        "[ctxpack:0123abcd lines 1458-1517: same as above, open fields.py]",
        "[ctxpack lines 64-66: same, 63-65]",
    ]
