"""Originals by handle: whole, by lines, by pattern, and as a tool of an agent."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack import Session
from ctxpack.errors import BodyError, HandleError
from ctxpack.packing import MemoryOriginals, retrieval_tool
from tests.packing.conversations import CLAUDE

TEXT = "alpha\nBeta one\n\nbeta two\nlast"


@pytest.fixture
def session() -> Session:
    return Session(CLAUDE, store=MemoryOriginals())


def test_lines_by_number_and_pattern(session: Session) -> None:
    handle = session._originals.put(TEXT)
    assert session.lines(handle, 2, 3) == "2\tBeta one\n3\t"
    assert session.lines(handle, pattern="BETA") == "2\tBeta one\n4\tbeta two"
    assert session.lines(handle, 3, pattern="b*t*o") == "4\tbeta two"
    assert session.lines(handle, pattern="o*b") == ""
    assert session.lines(handle, 99) == ""


@given(
    st.lists(st.text("ab*.\t", max_size=5), max_size=6).map("\n".join),
    st.integers(1, 7),
    st.none() | st.integers(1, 7),
    st.text("ab*", max_size=4),
)
def test_lines_are_those_of_a_regex(text: str, first: int, last: int | None, pattern: str) -> None:
    session = Session(CLAUDE, store=MemoryOriginals())
    meant = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if n >= first and (last is None or n <= last)]
    expected = "\n".join(f"{n}\t{line}" for n, line in lines if meant.search(line))
    assert session.lines(session._originals.put(text), first, last, pattern) == expected


def test_calls_of_the_tool_are_answered(session: Session) -> None:
    handle = session._originals.put(TEXT)
    assert session.answer({"handle": f" {handle} "}) == TEXT
    assert session.answer({"handle": handle, "last": 1}) == "1\talpha"
    assert session.answer({"handle": handle, "first": None, "pattern": "last"}) == "5\tlast"
    for arguments in ({}, {"handle": 5}, {"handle": handle, "first": "x"}, {"handle": handle, "pattern": 1}):
        with pytest.raises(HandleError):
            session.answer(arguments)
    with pytest.raises(HandleError, match="00000000"):
        session.answer({"handle": "00000000"})


def test_a_pattern_of_many_stars_is_no_bomb(session: Session) -> None:
    handle = session._originals.put("a" * 200_000)
    assert session.lines(handle, pattern="*".join("a" * 2000) + "*b") == ""


def test_tool_definitions() -> None:
    anthropic, openai = retrieval_tool("anthropic.messages"), retrieval_tool("openai.chat")
    function = openai["function"]
    assert isinstance(function, dict)
    assert anthropic["input_schema"] == function["parameters"]
    assert anthropic["name"] == function["name"]
    with pytest.raises(BodyError, match="gemini"):
        retrieval_tool("gemini")
