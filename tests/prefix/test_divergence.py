"""Divergence: where and why, on planted faults."""

import copy
import json
from typing import Any

import pytest

import ctxpack

TOOLS = [{"name": "a", "input_schema": {"x": 1, "y": 2}}, {"name": "b", "input_schema": {}}]
BODY = {
    "model": "claude-opus-4-6",
    "max_tokens": 9,
    "tools": TOOLS,
    "system": "You help. Today is 2026-11-23 10:00.",
    "messages": [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"},
    ],
}


def changed(**members: Any) -> dict[str, Any]:
    return copy.deepcopy(BODY) | members


FAULTS = [
    (changed(model="claude-sonnet-5"), "model changed", "tools[0]"),
    (changed(tool_choice={"type": "any"}), "parameter changed", "messages[0].content"),
    (changed(tools=TOOLS[::-1]), "tools reordered", "tools[0]"),
    (changed(tools=[*TOOLS, {"name": "c", "input_schema": {}}]), "tool added", "tools[2]"),
    (changed(tools=TOOLS[:1]), "tool removed", "system"),
    (changed(tools=[TOOLS[0], {"name": "b", "input_schema": {"z": 1}}]), "tool changed", "tools[1]"),
    (
        changed(tools=[{"name": "a", "input_schema": {"y": 2, "x": 1}}, TOOLS[1]]),
        "same value, different bytes",
        "tools[0]",
    ),
    (changed(system=BODY["system"] + " "), "system text changed", "system"),
    (changed(system="You help. Today is 2026-11-24 09:59."), "volatile text changed", "system"),
    (
        changed(messages=[{"role": "user", "content": "ONE"}, *BODY["messages"][1:]]),
        "history rewritten",
        "messages[0].content",
    ),
]


@pytest.mark.parametrize(("later", "cause", "path"), FAULTS, ids=[cause for _, cause, _ in FAULTS])
def test_planted_faults_are_named(later: dict[str, Any], cause: str, path: str) -> None:
    found = ctxpack.diff(BODY, later)
    assert found is not None
    assert (found.cause, found.path) == (cause, path)
    assert found.tokens_lost > 0
    assert found.exactness == "estimate"


def test_an_image_in_front_of_the_text_is_a_rewrite() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
    first = {"role": "user", "content": [image, {"type": "text", "text": "one"}]}
    found = ctxpack.diff(BODY, changed(messages=[first, *BODY["messages"][1:]]))
    assert found is not None
    assert found.path == "messages[0].content[0]"


def test_removed_history_is_told_from_rewritten_history() -> None:
    earlier = {"model": "gpt-4o", "messages": [{"role": "user", "content": str(n)} for n in range(6)]}
    found = ctxpack.diff(earlier, earlier | {"messages": earlier["messages"][:1] + earlier["messages"][3:]})
    assert found is not None
    assert found.cause == "history removed"
    assert found.block == 1


def test_the_byte_is_the_first_that_differs() -> None:
    later = changed(system=BODY["system"].replace("help", "hold"))
    found = ctxpack.diff(json.dumps(BODY), json.dumps(later))
    assert found is not None
    one, other = json.dumps(BODY).encode(), json.dumps(later).encode()
    assert found.byte == next(at for at in range(len(one)) if one[at] != other[at])


def test_tokens_lost_are_those_behind_the_break() -> None:
    prompt = ctxpack.Prompt.parse(BODY)
    found = ctxpack.diff(BODY, changed(system="other"))
    assert found is not None
    assert found.tokens_lost == sum(prompt.block_tokens[2:])


def test_a_continuation_is_no_divergence() -> None:
    longer = changed(messages=[*BODY["messages"], {"role": "assistant", "content": "four"}])
    assert ctxpack.diff(BODY, longer) is None
    assert ctxpack.diff(longer, BODY) is None
    assert ctxpack.diff(json.dumps(BODY, indent=2), ctxpack.Prompt.parse(json.dumps(BODY, indent=2))) is None


def test_details_never_hold_prompt_text() -> None:
    found = ctxpack.diff(BODY, changed(system="a secret"))
    assert found is not None
    assert "secret" not in json.dumps(found.to_dict())
