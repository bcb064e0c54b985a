"""Outlines: where messages and members stand, also after messages were replaced or rearranged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import BodyError
from ctxpack.prompts.outline import Outline, continued, outline

FRONT, BEHIND = b'{"model":"m" ,\n"tools":[]  , "messages" : [ ', b' ] ,"model":"n", "stop":null } \n'
MESSAGES = [b'{"a": 1}', b"{}", b'{"b":"\xc3\xa9"}']
BODY = FRONT + b" ,\n".join(MESSAGES) + BEHIND
OTHERS = st.sampled_from([b"{}", b'{"content": "longer than those that are there"}', b'{"c":[]}'])


def check(found: Outline) -> None:
    """It is what reading its body gives."""
    assert found == outline(found.data)


def test_where_everything_stands() -> None:
    found = outline(BODY)
    assert [found.message(index) for index in range(3)] == MESSAGES
    assert (found.raw("model"), found.raw("stop"), found.raw("tools")) == (b'"n"', b"null", b"[]")
    assert BODY[found.head["model"].start : found.head["model"].stop] == b'"m"'


def test_a_body_without_messages() -> None:
    found = outline(b'{"input": "x"}')
    assert (found.starts, found.stops, found.raw("input")) == ((), (), b'"x"')


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not a JSON object"),
        (b" [{}]", "is not a JSON object"),
        (b'{"messages": {}}', "messages is not a JSON array"),
        (b'{"a": 1', "body is not a JSON object"),
        (b'{"a": "\xff"}', "invalid UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
    ],
)
def test_what_is_no_body(data: bytes, reason: str) -> None:
    with pytest.raises(BodyError, match=reason):
        outline(data)


@given(st.dictionaries(st.integers(0, 2), OTHERS))
def test_some_messages_are_replaced(messages: dict[int, bytes]) -> None:
    found = outline(BODY).replaced(messages)
    assert found.data == FRONT + b" ,\n".join(messages.get(n, own) for n, own in enumerate(MESSAGES)) + BEHIND
    check(found)


@given(st.lists(OTHERS, min_size=1))
def test_all_messages_are_rearranged(messages: list[bytes]) -> None:
    found = outline(BODY).rearranged(messages)
    assert found.data == FRONT + b" ,\n".join(messages) + BEHIND, "parted as the first two were"
    check(found)
    single = outline(FRONT + b"{}" + BEHIND).rearranged(messages)
    assert single.data == FRONT + b",".join(messages) + BEHIND
    check(single)


def test_a_body_that_goes_on_keeps_what_is_known() -> None:
    earlier = outline(BODY)
    later = FRONT + b" ,\n".join([*MESSAGES[:2], b'{"b":"other"}', b"{}"]) + b' ], "user":"u"}'
    found = continued(later, earlier)
    assert found is not None
    assert found == (outline(later), 2)


@pytest.mark.parametrize(
    "later",
    [
        BODY.replace(b'"m"', b'"k"'),
        BODY.replace(b'"a": 1', b'"a": 2'),
        BODY.replace(b'"stop":null', b'"messages":[]'),
        BODY[:-3],
        BODY.replace(b"null", b'"\xff"'),
    ],
)
def test_a_body_that_shares_no_message_or_cannot_be_read_goes_on_from_none(later: bytes) -> None:
    assert continued(later, outline(BODY)) is None
