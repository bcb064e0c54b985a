"""Sections: messages and definitions in their own bytes, before and after a dialect reads them."""

import json
from typing import Any

import pytest

from ctxpack.errors import BodyError
from ctxpack.prompts import Section, Source
from ctxpack.prompts.sections import Fragment

ADDED = {"type": "text", "text": 'say "é"\n'}


def fragment(text: str, path: str = "messages[3]") -> Fragment:
    return Fragment(Source(text.encode()), path, 3)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ('"x"', [{"type": "text", "text": "x"}]),
        ('"\\u0022"', [{"type": "text", "text": '"'}]),
        ('[{"type":"image"}]', [{"type": "image"}]),
        ('[ {"type":"image"} \n]', [{"type": "image"}]),
        ("[]", []),
        ("[ ]", []),
    ],
)
def test_one_more_text_at_the_end(content: str, parts: list[Any]) -> None:
    front, behind = '{"role" : "user", "content": ', ' , "name":"n"}'
    written = Section(fragment(front + content + behind), ()).with_text(ADDED["text"]).decode()
    assert json.loads(written) == {"role": "user", "content": [*parts, ADDED], "name": "n"}
    assert written.startswith(front)
    assert written.endswith(behind)


def test_who_speaks_where_nothing_is_said() -> None:
    assert Section(fragment('{"content": null, "role": "assist\\u0061nt"}'), ()).role == "assistant"


@pytest.mark.parametrize(
    ("message", "types"),
    [
        ('{"role": "user"}', set()),
        ('{"content": "text"}', set()),
        (
            '{"content": [{"type": "text"}, {"type": null}, {"text": "x"}, "text", {"type": "image"}]}',
            {"text", "image"},
        ),
    ],
)
def test_types_of_parts(message: str, types: set[str]) -> None:
    assert fragment(message).part_types == types


def test_a_type_that_is_no_string_is_named_by_its_place() -> None:
    with pytest.raises(BodyError, match=r"^messages\[3\]\.content\[1\]\.type is not a JSON string"):
        _ = fragment('{"content": ["x", {"type": 5}]}').part_types


def test_definitions() -> None:
    tools = fragment('[{"name": "a"}, {}]', "tools")
    assert [list(members) for members in tools.items] == [["name"], []]
    assert fragment("null", "tools").items == ()
    with pytest.raises(BodyError, match=r"^tools\[1\] is not a JSON object"):
        _ = fragment('[{}, "a"]', "tools").items
