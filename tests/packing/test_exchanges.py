"""Exchanges: where a conversation can be cut without parting a call from its result."""

import pytest

from ctxpack.packing.exchanges import exchanges
from ctxpack.prompts import Prompt

from .conversations import MODELS, Step, bodies

LATE = Step("", calls=[("call_1", "list", {})], results=["a"], asked="Meanwhile?", late=True)
PROMPT = [LATE, Step("", calls=[("call_2", "list", {})], results=["b"]), Step("Done.", asked="Thanks."), Step("Bye.")]


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_a_late_result_stands_in_the_exchange_of_its_call(dialect: str) -> None:
    prompt = Prompt.parse(bodies(PROMPT, dialect)[-1])
    found = exchanges(prompt)
    blocks = [[block for block in prompt.blocks if one.first <= block.message < one.stop] for one in found]
    calls, results = (
        [{block.call_id for block in own if block.kind == kind} for own in blocks]
        for kind in ("tool_use", "tool_result")
    )
    assert calls == results == [{"call_1", "call_2"}, set(), set()]
    assert [own[0].role for own in blocks] == ["assistant"] * 3
    assert found[-1].stop == len(prompt.messages)
