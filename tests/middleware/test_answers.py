"""Usage in answers and server-sent events, whatever else stands in them, and what a proxy does with it."""

import json
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.middleware.answers import usage_of
from ctxpack.middleware.sessions import Sessions
from tests.packing.conversations import examples

from .conversations import openai_messages

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


@pytest.mark.parametrize("damaged", [b'{"usage": {"\xff": 1}}', b'{"usage": ' + b"[" * 100_000])
def test_a_damaged_answer_names_no_usage(damaged: bytes) -> None:
    assert usage_of(damaged) == {}
    assert usage_of(b"%bdata: %b\n" % (sse({"usage": {"input_tokens": 7}}), damaged)) == {"input_tokens": 7}


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_answer_that_is_not_streamed_names_its_usage(end: str) -> None:
    answer = {"choices": [{"message": {"content": '{"usage": {"prompt_tokens": 1}}'}}], "usage": {"prompt_tokens": 7}}
    assert usage_of((end + json.dumps(answer, indent=2) + end).encode()) == {"prompt_tokens": 7}


@pytest.mark.parametrize(
    "data", [b"", b"data:", b'data: {"usage"', b'{"usage": {"a": 1}', b'{"usage": 1}', b'\xff"usage"\ndata: \xff']
)
def test_what_is_no_event_is_passed_over(data: bytes) -> None:
    assert usage_of(data) == {}


def test_a_proxy_packs_bytes_and_learns_from_the_events_that_it_passes_on() -> None:
    sessions = Sessions()
    body = json.dumps({"model": "gpt-4o", "messages": openai_messages(3)}).encode()
    sent = anyio.run(sessions.pack_async, body, "openai.chat")
    assert sent is not None
    assert len(sent.packed.body) < len(body)
    usage = {"prompt_tokens": 900, "completion_tokens": 4}
    sessions.answered(sent)(usage_of(sse({"usage": None}, {"usage": usage}) + b"data: [DONE]\n\n"))
    assert sessions.calibrations["gpt-4o"].usage.uncached == 900
    assert sessions.totals["USD"].requests == 1
