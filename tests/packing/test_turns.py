"""What one request leaves for the next changes its cost, never its bytes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import Packed, Policy, Session
from ctxpack.packing.turn import RecentTurns, Turn
from ctxpack.prefix import fingerprint
from ctxpack.prompts import BlockCounter, Prompt

from . import laws
from .conversations import CLAUDE, MODELS, bodies, working
from .forgetting import forgetting
from .policies import BOTH, BOTH_AT_ONCE, COMPACTING, KEEPING_LITTLE
from .strategies import conversations, dialects
from .test_markers import marked


def sent(session: Session, requests: list[bytes]) -> list[Packed]:
    return [session.pack(data, now=float(number)) for number, data in enumerate(requests)]


@pytest.mark.parametrize("policy", [KEEPING_LITTLE, BOTH_AT_ONCE], ids=["compacting", "both"])
@given(conversations, conversations, dialects, st.data())
def test_remembered_turns_change_nothing(
    policy: Policy, one: Any, other: Any, dialect: str, data: st.DataObject
) -> None:
    histories = [[laws.dumped(body) for body in bodies(steps, dialect)] for steps in (one, other)]
    requests = data.draw(st.permutations([request for history in histories for request in history]))
    found = sent(Session(MODELS[dialect], policy), requests)
    expected = sent(forgetting(MODELS[dialect], policy), requests)
    assert [packed.dump() for packed in found] == [packed.dump() for packed in expected]
    assert [packed.report for packed in found] == [packed.report for packed in expected]
    assert [packed.forecast for packed in found] == [packed.forecast for packed in expected]


@pytest.mark.parametrize("policy", ["lossless", COMPACTING, BOTH], ids=["lossless", "compacting", "both"])
@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_long_sessions_with_moving_markers(policy: Any, dialect: str) -> None:
    requests = [laws.dumped(marked(body, 1)) for body in bodies(working(24, size=30), dialect)]
    found, expected = (sent(make(MODELS[dialect], policy), requests) for make in (Session, forgetting))
    assert [packed.dump() for packed in found] == [packed.dump() for packed in expected]
    assert [packed.report for packed in found] == [packed.report for packed in expected]


def turn(text: str) -> Turn:
    prompt = Prompt.parse({"model": CLAUDE, "max_tokens": 1, "messages": [{"role": "user", "content": text}]})
    counter = BlockCounter(CLAUDE, prompt.dialect)
    return Turn.start(fingerprint(prompt, counter), counter, Policy("plain"))


def test_the_nearest_turn_is_the_one_that_shares_most() -> None:
    recent, turns = RecentTurns(4, 1 << 20), [turn(text) for text in ("a", "abc", "ab")]
    for one in turns:
        recent.add(one, None)
    assert recent.nearest(turn("abcd").given.prompt.dump()) is turns[1]
    replaced = turn("abcde")
    recent.add(replaced, turns[1])
    assert recent.nearest(turn("abc").given.prompt.dump()) is replaced


def test_turns_stay_within_their_bounds() -> None:
    recent = RecentTurns(2, 4 * 1000)
    for text in ("a", "b", "c"):
        recent.add(turn(text), None)
    assert len(recent._turns) == 2
    recent.add(turn("x" * 850), None)
    assert len(recent._turns) == 1
    recent.add(turn("x" * 1000), None)
    assert recent.nearest(b"") is None
