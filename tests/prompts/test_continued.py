"""A prompt that continues another is the prompt that a whole parse gives, made of the earlier one's own parts."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack import Prompt
from ctxpack.errors import CtxpackError
from ctxpack.prompts.source import common_prefix
from tests.cassettes import recorded
from tests.prompts.bodies import CHAT, MESSAGES, check_equal

BODIES = st.sampled_from([CHAT, MESSAGES])
# Cuts and insertions that leave JSON now and then.
SCRAPS = st.sampled_from(
    [
        b"",
        b",",
        b"5",
        b".5",
        b"e5",
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b'"x":1',
        b' ,"messages":[]',
        b',"model":"gpt-4o"',
        b"\xff",
    ]
) | st.binary(max_size=3)


def check(earlier: Prompt, data: bytes) -> Prompt | None:
    """Parsed with and without the earlier prompt, the result or the error is the same."""
    whole, found = parsed(data, None), parsed(data, earlier)
    if isinstance(whole, Prompt) and isinstance(found, Prompt):
        check_equal(found, whole)
        return found
    assert found == whole
    return None


def parsed(data: bytes, earlier: Prompt | None) -> Prompt | str:
    """The prompt, or what is wrong with it."""
    try:
        return Prompt.parse(data, earlier=earlier)
    except CtxpackError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("body", [CHAT, MESSAGES], ids=["chat", "messages"])
def test_what_both_begin_with_is_kept(body: dict[str, Any]) -> None:
    earlier = Prompt.parse(body | {"messages": body["messages"][:2]})
    later = check(earlier, json.dumps(body, separators=(",", ":")).encode())
    assert later is not None
    for old, new in zip(earlier.messages, later.messages, strict=False):
        assert new is old
    for old, new in zip(earlier.definitions, later.definitions, strict=True):
        assert new is old


def test_messages_that_another_dialect_read_are_read_again() -> None:
    image = {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "u"}}]}
    call = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]}
    earlier = Prompt.parse({"model": "m", "messages": [image]})
    later = check(earlier, json.dumps({"model": "m", "messages": [image, call]}, separators=(",", ":")).encode())
    assert later is not None
    assert (earlier.dialect, later.dialect) == ("openai.chat", "anthropic.messages")
    assert (earlier.blocks[0].kind, later.blocks[0].kind) == ("other", "media")


def test_recorded_requests_continue_each_other() -> None:
    kept = 0
    for before, after in pairwise(recorded()):
        earlier = Prompt.parse(before.body)
        later = check(earlier, json.dumps(after.body, separators=(",", ":"), ensure_ascii=False).encode())
        assert later is not None
        kept += sum(new is old for old, new in zip(earlier.messages, later.messages, strict=False))
    assert kept > 100


@given(BODIES, st.data())
def test_whatever_is_changed(body: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(body).encode()
    start, stop = sorted([data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))])
    check(Prompt.parse(text), text[:start] + data.draw(SCRAPS) + text[stop:])


@given(BODIES, st.data())
def test_whatever_stands_behind_a_message(body: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(body).encode()
    earlier = Prompt.parse(text)
    stop = data.draw(st.sampled_from(earlier.outline.stops))
    check(earlier, text[:stop] + data.draw(SCRAPS) + text[stop:])
    check(earlier, text[:stop] + data.draw(SCRAPS) + b"]}")


BEHIND = [
    b'],"messages":[{"role":"user","content":"again"}]}',
    b'],"messages":null}',
    b'],"messages":[]}',
    b'],"model":"gpt-4.1","model":"gpt-5"}',
    b'],"tools":[],"max_completion_tokens":5}',
    b'],"system":"s","tools":null}',
    b',{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]}],"max_tokens":1}',
    b' , {"role":"user","content":"\xc3\xa9"} ] , "max_tokens":1 } \n',
    b".5]}",
    b"0]}",
    b"]}}",
    b"]",
    b'],"a":"\xff"}',
]


@pytest.mark.parametrize("behind", BEHIND, ids=range(len(BEHIND)))
@pytest.mark.parametrize("front", ['{"model":"gpt-4o",', '{"messages":5,"model":null,"tools":[],', "{"])
def test_members_behind_the_messages(front: str, behind: bytes) -> None:
    first = front.encode() + b'"messages":[{"role":"user","content":"x"}'
    check(Prompt.parse(first + b',{"role":"user","content":"y"}],"model":"o3"}'), first + behind)
    check(Prompt.parse(first + b"]}"), first + behind)


@given(st.binary(), st.binary(), st.binary())
def test_common_prefixes(shared: bytes, one: bytes, other: bytes) -> None:
    a, b = shared + one, shared + other
    expected = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    assert common_prefix(a, b) == expected


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_long_common_prefixes(length: int) -> None:
    assert common_prefix(b"x" * length + b"a", b"x" * length + b"b") == length
    assert common_prefix(b"x" * length, b"x" * (length + 5)) == length
    assert common_prefix(b"x" * (length + 5), b"x" * length) == length
