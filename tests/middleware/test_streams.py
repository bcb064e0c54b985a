"""Usage in server-sent events, whatever else stands in them."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.middleware import streams
from ctxpack.middleware.streams import listen, usage_of
from tests.packing.conversations import examples

USAGES = st.dictionaries(st.sampled_from(["input_tokens", "output_tokens", "prompt_tokens"]), st.integers(0, 9))


def sse(*events: object, end: str = "\n") -> bytes:
    return "".join(f"data: {json.dumps(event)}{end}{end}" for event in events).encode()


@examples()
@given(st.lists(st.tuples(USAGES, st.booleans())), st.sampled_from(["\n", "\r\n", "\r"]))
def test_later_counters_take_the_place_of_earlier_ones(
    given_usages: list[tuple[dict[str, Any], bool]], end: str
) -> None:
    expected: dict[str, object] = {}
    events: list[object] = [{"type": "ping"}]
    for usage, opens in given_usages:
        expected |= usage
        events += [{"message": {"usage": usage}} if opens else {"usage": usage}, {"usage": None}]
    assert usage_of(sse(*events, end=end)) == expected


@pytest.mark.parametrize(
    "event",
    [
        {"delta": {"text": '"usage": {"input_tokens": 1}'}},
        {"delta": {"usage": {"input_tokens": 1}}},
        {"usage": "none"},
        {"usage": [1]},
        {"message": "usage"},
        {"message": {"usage": 5}},
        ["usage"],
    ],
)
def test_what_an_answer_says_about_usage_is_none(event: object) -> None:
    assert usage_of(sse({"usage": {"input_tokens": 7}}, event)) == {"input_tokens": 7}


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_answer_that_is_not_streamed_names_its_usage(end: str) -> None:
    answer = {"choices": [{"message": {"content": '{"usage": {"prompt_tokens": 1}}'}}], "usage": {"prompt_tokens": 7}}
    assert usage_of((end + json.dumps(answer, indent=2) + end).encode()) == {"prompt_tokens": 7}


@pytest.mark.parametrize(
    "data", [b"", b"data:", b'data: {"usage"', b'{"usage": {"a": 1}', b'{"usage": 1}', b'\xff"usage"\ndata: \xff']
)
def test_what_is_no_event_is_passed_over(data: bytes) -> None:
    assert usage_of(data) == {}


class Chunks(httpx2.SyncByteStream):
    """A body that comes a hundred bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __iter__(self) -> Iterator[bytes]:
        return (self.data[at : at + 100] for at in range(0, len(self.data), 100))


def answered(data: bytes, encoding: str) -> dict[str, object]:
    """The usage that is found in an answer that comes like this."""
    found: list[dict[str, object]] = []
    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx2.Response(200, headers=headers, stream=Chunks(data))
    listen(response, found.append)
    assert b"".join(response.iter_raw()) == data
    return found[0]


@pytest.mark.parametrize("answer", [json.dumps({"usage": {"a": 1}}).encode(), sse({"usage": {"a": 1}}) * 1000])
def test_answers_are_unpacked(answer: bytes) -> None:
    assert answered(answer, "") == answered(gzip.compress(answer), "gzip") == {"a": 1}
    assert answered(zlib.compress(answer), "deflate") == {"a": 1}


def test_an_answer_that_unpacks_to_any_size_is_not_held() -> None:
    bomb = gzip.compress(b'{"usage": {"a": 1}, "text": "' + b"a" * (128 << 20) + b'"}', 1)
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    assert answered(bomb, "gzip") == {}
    assert answered(gzip.compress(bomb), "gzip, gzip") == {}
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 100 << 20


def test_of_an_answer_that_is_too_long_no_usage_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_LONGEST", 1000)
    assert answered(sse({"usage": {"a": 1}}), "") == {"a": 1}
    assert answered(sse({"usage": {"a": 1}}, *[{"text": "more"}] * 100), "") == {}
