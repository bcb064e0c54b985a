"""Conversations without cache markers, on models that cache nothing without them."""

from dataclasses import replace
from pathlib import Path

import pytest

from ctxpack.auditing.calls import Call
from ctxpack.auditing.counters import Counters
from ctxpack.auditing.tables import tables
from ctxpack.auditing.transitions import Conversation
from ctxpack.providers import Usage
from tests.auditing.test_audit import LONG, audited, record, say
from tests.auditing.test_transitions import call, chat, claude, step

NONE = {"cache_control": None}
TURNS = [(LONG,), (LONG, "a", "b" * 80), (LONG, "a", "b" * 80, "c", "d")]
TOKENS = [6000, 6060, 6070]


def calls(*gaps: float, **more: object) -> list[Call]:
    times = (0.0, *gaps)
    return [
        call(claude(*said, **NONE | more), time, Usage(tokens))
        for said, time, tokens in zip(TURNS, times, TOKENS, strict=False)
    ]


def test_the_shared_prefix_of_every_call_could_have_been_read() -> None:
    conversation = Conversation(Counters())
    first, second, third = (conversation.step(one) for one in calls(60.0, 120.0))
    assert first is None
    assert second is not None
    assert third is not None
    assert (second.cause, third.cause) == ("no cache markers", "no cache markers")
    assert second.readable == second.to_write == pytest.approx(6000, abs=30)
    assert third.readable == pytest.approx(6060, abs=30)
    assert third.to_write == third.readable - second.readable
    assert second.is_finding
    assert second.exactness == third.exactness == "estimate"
    assert (second.lost, second.predicted, second.billed) == (0, 0, 0)


@pytest.mark.parametrize(
    "pair",
    [
        calls(301.0),
        calls(60.0, cache_control={"type": "ephemeral"}),
        [call(claude(*said, **NONE), 60.0 * n, Usage(3, 0, 6000)) for n, said in enumerate(TURNS[:2])],
        [call(claude(*said, **NONE), 60.0 * n, (Usage(6000), Usage(60, 6000))[n]) for n, said in enumerate(TURNS[:2])],
        [call(claude(text, **NONE), 60.0 * n, Usage(6000)) for n, text in enumerate((LONG, "x" + LONG))],
        [call(claude(*said, **NONE), 60.0 * n, Usage(50)) for n, said in enumerate((("a",), ("a", "b", "c")))],
        [call(chat(*said), 60.0 * n, Usage(6000)) for n, said in enumerate(TURNS[:2])],
        [call(claude(*said, **NONE), 60.0 * n, Usage(6000), rebuilt=True) for n, said in enumerate(TURNS[:2])],
        [replace(one, ran_tools=bool(n)) for n, one in enumerate(calls(60.0))],
    ],
    ids=[
        "expired",
        "marked",
        "cached all the same",
        "cached by another",
        "parted",
        "too short",
        "cached without markers",
        "unknown",
        "sum of several passes",
    ],
)
def test_nothing_could_have_been_read(pair: list[Call]) -> None:
    found = step(*pair[:2])
    assert (found.readable, found.to_write) == (0, 0)
    assert found.cause != "no cache markers"


def test_no_more_could_have_been_read_than_the_earlier_call_was_billed() -> None:
    first, second = calls(60.0)
    assert step(replace(first, usage=Usage(5_900)), second).readable == 5_900


def test_a_call_whose_body_is_not_known_shares_nothing_with_its_neighbours() -> None:
    first, second, third = calls(60.0, 120.0)
    for unknown in (replace(second, body=None), replace(second, rebuilt=True)):
        assert step(first, unknown).readable == step(first, unknown, third).readable == 0


def test_the_report_says_what_markers_would_have_saved(tmp_path: Path) -> None:
    lines = [
        record(n, say(*said), 60.0 * n, (tokens, 0, 0), **NONE)
        for n, (said, tokens) in enumerate(zip(TURNS, TOKENS, strict=True))
    ]
    found = audited(tmp_path, *lines, policies=())
    first, second = found.findings
    saved = (first.readable + second.readable) * (5 - 0.5) - second.readable * (6.25 - 5)
    assert found.marker_savings["USD"] == pytest.approx(saved / 1e6)
    assert found.to_dict()["marker_savings"] == found.marker_savings
    assert dict(tables(found)[0].rows)["cache markers would have saved"] == "0.04669 USD (estimate)"
    marked = audited(tmp_path, record(1, say(LONG), 0.0, (3, 0, 6000)), policies=())
    assert "cache markers would have saved" not in dict(tables(marked)[0].rows)
