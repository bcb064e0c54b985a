"""One conversation in shapes that mean the same to a model: the same is done to it in each."""

from collections.abc import Callable, Iterator

import pytest

from ctxpack.packing import Compaction, Packed, Policy, Session, Summaries

from . import laws
from .conversations import MODELS, bodies, working

Message = dict
Shape = Callable[[list[Message]], Iterator[Message]]

COMPACTING = Policy("compacting", compaction=Compaction(patience=0.5))
SUMMARISING = Policy("summarising", summaries=Summaries(tokens=1000, patience=0.5))


def as_parts(messages: list[Message]) -> Iterator[Message]:
    """Every text as a part."""
    for message in messages:
        content = message["content"]
        if isinstance(content, str):
            yield {**message, "content": [{"type": "text", "text": content}]}
        elif isinstance(content, list):
            yield {**message, "content": list(map(result_as_part, content))}
        else:
            yield message


def result_as_part(part: Message) -> Message:
    if part["type"] != "tool_result" or not isinstance(part["content"], str):
        return part
    return {**part, "content": [{"type": "text", "text": part["content"]}]}


def each_part_alone(messages: list[Message]) -> Iterator[Message]:
    """Every part in a message of its own."""
    for message in messages:
        content = message["content"]
        yield from (
            [message]
            if isinstance(content, str)
            else ({"role": message["role"], "content": [part]} for part in content)
        )


def each_call_alone(messages: list[Message]) -> Iterator[Message]:
    """Every call in a message of its own, behind what was said."""
    for message in messages:
        calls = message.get("tool_calls", ())
        if message["content"] is not None:
            yield {name: value for name, value in message.items() if name != "tool_calls"}
        yield from ({"role": "assistant", "content": None, "tool_calls": [call]} for call in calls)


def run(shape: Shape, dialect: str, policy: Policy) -> list[Packed]:
    requests = bodies(working(60), dialect)
    return laws.run(
        Session(MODELS[dialect], policy), [{**body, "messages": list(shape(body["messages"]))} for body in requests]
    )


def decisions(packed: Packed) -> list[object]:
    """What was done to which text. What a summary stands for has other bytes in another shape, and another handle."""
    entries = (entry for entry in packed.report.entries if entry.action != "summarised")
    done = [(entry.tool, entry.action, entry.reason, entry.tokens_before) for entry in entries]
    return [packed.report.compacted, packed.report.summary, *done]


@pytest.mark.parametrize("policy", [COMPACTING, SUMMARISING], ids=["compacting", "summarising"])
@pytest.mark.parametrize(
    ("shape", "dialect"),
    [
        (as_parts, "anthropic.messages"),
        (each_part_alone, "anthropic.messages"),
        (as_parts, "openai.chat"),
        (each_call_alone, "openai.chat"),
    ],
)
def test_the_same_is_done_in_every_shape(shape: Shape, dialect: str, policy: Policy) -> None:
    plain, other = (run(each, dialect, policy) for each in (iter, shape))
    assert any(one.report.compacted for one in plain)
    assert list(map(decisions, other)) == list(map(decisions, plain))
