"""Stretches: what a summary of one would save."""

import json

import pytest

from ctxpack.packing import Policy, Session, Summaries
from ctxpack.packing.branch import Branch
from ctxpack.packing.summaries import gate
from ctxpack.packing.summaries.stretch import saving, stretch
from ctxpack.packing.turn import Decided, Turn
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt

from ..conversations import CLAUDE, MODELS, Step, bodies, numbered, working

PLAIN = Policy("plain")


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_tools_and_instructions_stand_in_front_of_what_goes(dialect: str) -> None:
    """They are read as before, so that they are no part of what is written anew."""
    given = fingerprint(Prompt.parse(bodies(working(6), dialect)[-1]))
    found = stretch(given.prompt, PLAIN, 2)
    assert found is not None
    made = saving(found, Decided(Turn.start(given, given.counter, PLAIN), Branch()), 100)
    ends = {
        block.message: position.tokens for block, position in zip(given.prompt.blocks, given.positions, strict=True)
    }
    assert made.before == ends[found.first - 1] > 1500
    assert made.tokens == ends[found.stop - 1] - made.before - 100
    assert made.left == given.tokens - made.tokens


def test_what_later_pages_point_to_is_no_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is read page by page, twice: were the first time summarised, the pages would be whole the second."""
    lines = [f"value_{line} = compute_{line * 3 % 7}(input_{line})" for line in range(400)]
    pages = [
        Step(f"Page {at}.", False, [("call", "Read", {"file_path": "a.py", "offset": at + 1})], [page])
        for at in range(0, 400, 100)
        for page in [numbered(lines[at : at + 100], at + 1)]
    ]
    promised: list[int] = []
    monkeypatch.setattr(gate, "pays", lambda saving, *_: promised.append(saving.tokens))
    rule = Policy("summarising", summaries=Summaries(tokens=100, keep_turns=4))
    requests = bodies(pages * 2, "anthropic.messages")
    Session(CLAUDE, rule).pack(requests[-1], now=0.0)
    apart = json.loads(json.dumps(requests[-1]).replace("a.py", "b.py", 4))
    Session(CLAUDE, rule).pack(apart, now=0.0)
    assert promised[0] < 0.1 * promised[1]


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
