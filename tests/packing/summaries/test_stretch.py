"""Stretches: what a summary of one would save."""

import pytest

from ctxpack.packing import Policy
from ctxpack.packing.summaries.stretch import saving, stretch
from ctxpack.packing.turn import Turn
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt

from ..conversations import MODELS, bodies, working

PLAIN = Policy("plain")


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_tools_and_instructions_stand_in_front_of_what_goes(dialect: str) -> None:
    """They are read as before, so that they are no part of what is written anew."""
    given = fingerprint(Prompt.parse(bodies(working(6), dialect)[-1]))
    found = stretch(given.prompt, PLAIN, 2)
    assert found is not None
    made = saving(found, Turn.start(given, given.counter, PLAIN), 100)
    ends = {
        block.message: position.tokens for block, position in zip(given.prompt.blocks, given.positions, strict=True)
    }
    assert made.before == ends[found.first - 1] > 1500
    assert made.tokens == ends[found.stop - 1] - made.before - 100
    assert made.left == given.tokens - made.tokens


def test_an_exchange_with_a_marker_on_a_message_stays() -> None:
    body = bodies(working(6), "openai.chat")[-1]
    found = stretch(Prompt.parse(body), PLAIN, 2)
    assert found is not None
    marked = found.dropped[1]
    assert body["messages"][marked]["role"] == "tool"
    body["messages"][marked] |= {"cache_control": {"type": "ephemeral"}}
    left = stretch(Prompt.parse(body), PLAIN, 2)
    assert left is not None
    assert set(found.dropped) - set(left.dropped) == {marked - 1, marked}
