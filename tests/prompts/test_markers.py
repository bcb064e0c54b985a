"""Cache markers: found wherever they stand, and no part of what a cache compares."""

import json
from itertools import permutations
from typing import Any

import pytest

from ctxpack import Prompt, diff
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Block

MARK = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
OWN = {"prompt_cache_breakpoint": {"mode": "explicit"}}
GAPS = [",", " ,\n ", ",\t", "\r\n, "]


def claude(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"model": "claude-opus-5", "max_tokens": 1, "messages": [{"role": "user", "content": list(parts)}]}


def chat(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"model": "gpt-5.6-sol", "messages": [{"role": "user", "content": list(parts)}]}


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "gpt-5.6-sol", "messages": [{"role": "user", "content": text, **more}]}


CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "f", "parameters": {}}}
OWN_TOOL = {"name": "f", "input_schema": {}}


def only_block(part: str) -> Block:
    body = f'{{"model":"claude-opus-5","max_tokens":1,"messages":[{{"role":"user","content":[{part}]}}]}}'
    (block,) = Prompt.parse(body).blocks
    return block


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_marker_leaves_no_comma_behind(order: tuple[int, ...], gap: str) -> None:
    members = ['"type" : "image"', '"cache_control" :\n{"type" : "ephemeral"}', '"source":{"cache_control":1}']
    block = only_block("{ " + gap.join(members[n] for n in order) + " }")
    assert json.loads(block.wire) == {"type": "image", "source": {"cache_control": 1}}
    assert block.value == {"type": "image", "source": {"cache_control": 1}}
    assert block.breakpoint == ""


@pytest.mark.parametrize("text", ['"cache_control":', '\\"cache_control\\": {', "cache_control", ',"cache_control"'])
def test_a_text_about_markers_is_no_marker(text: str) -> None:
    part = {"citations": [], "type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    for ordered in (part, dict(reversed(part.items()))):
        block = only_block(json.dumps(ordered))
        assert block.value == {"citations": [], "type": "text", "text": text}


def test_a_marker_whose_name_is_escaped_is_cut_like_any_other() -> None:
    block = only_block('{"type":"image","cache\\u005fcontrol":{"type":"ephemeral"}}')
    assert block.breakpoint == ""
    assert block.wire == b'{"type":"image"}'


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        (claude({"type": "text", "text": "a", **MARK}), claude({"type": "text", "text": "a"})),
        (claude({**MARK, "type": "image"}), claude({"type": "image"})),
        (
            claude(
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a", **MARK}], **MARK}
            ),
            claude({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a"}]}),
        ),
        (claude({"type": "text", "text": "a"}) | MARK, claude({"type": "text", "text": "a"})),
        (chat({"type": "text", "text": "a", **OWN}), chat({"type": "text", "text": "a"})),
        (chat({"type": "text", "text": "a", **MARK}), chat({"type": "text", "text": "a"})),
        (
            chat({"type": "image_url", "image_url": {"url": "x"}, **OWN}),
            chat({"type": "image_url", "image_url": {"url": "x"}}),
        ),
        (claude() | {"tools": [OWN_TOOL | MARK]}, claude() | {"tools": [OWN_TOOL]}),
        (chat() | {"tools": [MARK | TOOL]}, chat() | {"tools": [TOOL]}),
        (chat() | {"tools": [TOOL | {"function": MARK | TOOL["function"]}]}, chat() | {"tools": [TOOL]}),
        (said("a", **MARK), said("a")),
        (said("a", tool_calls=[CALL | MARK]), said("a", tool_calls=[CALL])),
    ],
    ids=range(12),
)
def test_setting_or_moving_a_marker_is_no_divergence(marked: dict[str, Any], plain: dict[str, Any]) -> None:
    assert diff(marked, plain) is None
    assert diff(plain, marked) is None
    one, other = fingerprint(Prompt.parse(marked)), fingerprint(Prompt.parse(plain))
    assert one.positions[-1].wire == other.positions[-1].wire
    assert one.values == other.values
    assert one.tokens == other.tokens
    assert one.breakpoints
    assert other.breakpoints == ()


@pytest.mark.parametrize("dialect", [claude, chat])
def test_a_string_and_a_marked_text_part_are_the_same(dialect: Any) -> None:
    marker = MARK if dialect is claude else OWN
    part = dialect({"text": "hé", "type": "text", **marker})
    string = json.loads(json.dumps(part))
    string["messages"][0]["content"] = "hé"
    assert diff(string, part) is None
    assert fingerprint(Prompt.parse(string)).values == fingerprint(Prompt.parse(part)).values


@pytest.mark.parametrize(
    ("marker", "ttl"),
    [({}, ""), ({"type": "ephemeral"}, ""), ({"ttl": None}, ""), ({"ttl": "1h"}, "1h"), (None, None)],
)
def test_lifetimes_of_markers(marker: Any, ttl: str | None) -> None:
    (block,) = Prompt.parse(claude({"type": "text", "text": "a", "cache_control": marker})).blocks
    assert block.breakpoint == ttl


def test_a_marker_on_a_tool_goes_before_one_in_its_function() -> None:
    own = {"cache_control": {"type": "ephemeral", "ttl": "5m"}}
    both = Prompt.parse(chat() | {"tools": [own | TOOL | {"function": TOOL["function"] | MARK}]}).blocks[0]
    assert both.breakpoint == "5m"
    assert json.loads(both.wire) == TOOL


def test_a_marker_on_a_message_of_parts_is_no_part_of_the_prompt() -> None:
    body = chat({"type": "text", "text": "a"})
    body["messages"][0] |= MARK
    (block,) = Prompt.parse(body).blocks
    assert (block.path, block.breakpoint) == ("messages[0].content[0]", None)


@pytest.mark.parametrize(
    ("last", "place"),
    [
        ([{"type": "text", "text": "b"}], 1),
        ([{"type": "thinking", "thinking": "b", "signature": "s"}], 0),
        ([{"type": "text", "text": ""}], 0),
    ],
)
def test_a_request_level_marker_walks_back_to_a_block_that_can_carry_it(last: list[Any], place: int) -> None:
    body = claude({"type": "text", "text": "a"}) | MARK
    body["messages"].append({"role": "assistant", "content": last})
    assert fingerprint(Prompt.parse(body)).breakpoints == ((place, "1h"),)


def test_a_request_level_marker_on_a_marked_block_counts_once() -> None:
    assert fingerprint(Prompt.parse(claude({"type": "text", "text": "a", **MARK}) | MARK)).breakpoints == ((0, "1h"),)
