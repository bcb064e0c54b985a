"""JSON inside larger texts: found, packed in its place, and nothing around it touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, Session
from ctxpack.packing.columns import restored
from ctxpack.packing.embedded import is_records, json_ranges
from ctxpack.packing.lines import LineIndex
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.tool_calls import ToolCall
from tests.packing.conversations import CLAUDE, Step, bodies

ROWS = [{"id": row, "state": "open", "owner": f"user {row % 3}"} for row in range(12)]
HEAD = "HTTP/1.1 200 OK\ncontent-type: application/json\n\n"


def shaped(text: str, call: ToolCall | None = None) -> str:
    shaper = Shaper(len, MemoryOriginals(), 3)
    found = shaper.shape(text, call or ToolCall("Bash", "curl -i localhost"), LineIndex(), "")
    if found is None:
        return text
    assert found.rewrite.recipe.apply(text) == found.text
    return found.text


@pytest.mark.parametrize("head", ["", HEAD, "[note] 12 rows\n[\nnone\n", '{"not": json\n'])
@pytest.mark.parametrize("foot", ["", "\n", "\nexit code 0\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_packed_in_its_place(head: str, foot: str, indent: int | None) -> None:
    text = head + json.dumps(ROWS, indent=indent) + foot
    packed = shaped(text)
    assert packed.startswith(head)
    assert packed.removesuffix("\n").endswith(foot.removesuffix("\n"))
    assert restored(packed.removeprefix(head).removesuffix(foot)) == ROWS
    assert len(packed) < 0.8 * len(text)


def test_what_an_edit_may_quote_is_not_packed() -> None:
    text = HEAD + json.dumps(ROWS, indent=2)
    assert shaped(text, ToolCall("Read", "answer.txt")) == text


def test_examples_in_prose_are_left_alone() -> None:
    text = "".join(f"Write this into setting {n}.\n" for n in range(40)) + json.dumps(ROWS, indent=2) + "\n"
    assert shaped(text) == text


@given(st.text(st.sampled_from('[]{}" \n1a:,')))
def test_ranges_are_within_the_text_and_few(text: str) -> None:
    ranges = list(json_ranges(text))
    assert len(ranges) <= 13
    for start, stop in ranges:
        assert 0 <= start < stop <= len(text)


def test_an_answer_with_headers_comes_back_whole() -> None:
    text = HEAD + json.dumps(ROWS, indent=2)
    step = Step("", False, [("call_1", "Bash", {"command": "curl -i localhost"})], [text])
    session = Session(CLAUDE)
    packed = session.pack(bodies([step, Step(asked="go on")], "anthropic.messages")[-1], now=0.0)
    [entry] = packed.report.entries
    assert entry.action == "columnar"
    assert session.original(entry.handle) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}\n{"a": 2}\n', True),
        ('     1→{"a": 1}\n     2→{"a": {"b"... [cut]\n', True),
        ('{"a": 1}', True),
        ('{"a": 1}\n\n{"a": 2}\n{"a": 3}\nthree lines\n', True),
        ('{"a": 1}\nnone\nof\nthese\n', False),
        ('{"a": 1}\n{"a": 2}\n{"a": 3}\nnot\nthese\n', False),
        ('{\n  "a": 1\n}\n', False),
        ('{"abc", 1},\n{"def", 2},\n', False),
        ('[{"a": 1}]', False),
        ("", False),
        ("\n\n", False),
    ],
)
def test_records_are_lines_of_objects(text: str, expected: bool) -> None:
    assert is_records(text) is expected
