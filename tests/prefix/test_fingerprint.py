"""Fingerprints: equal hashes exactly where the prefixes are equal."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.prefix import fingerprint
from ctxpack.prefix.fingerprint import wire_chain
from ctxpack.prompts import Prompt

BODY = {
    "model": "claude-opus-4-6",
    "max_tokens": 9,
    "tools": [{"name": "a", "input_schema": {"x": 1, "y": 2}}, {"name": "b", "input_schema": {}}],
    "system": "be brief",
    "messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}],
}


def chain(body: dict[str, Any]) -> list[bytes]:
    return list(wire_chain(Prompt.parse(body)))


def changed(**members: Any) -> dict[str, Any]:
    return copy.deepcopy(BODY) | members


def test_a_longer_conversation_keeps_the_prefix() -> None:
    longer = changed(messages=[*BODY["messages"], {"role": "user", "content": "three"}])
    assert chain(longer)[:5] == chain(BODY)


def test_parameters_change_the_chain_from_their_tier_on() -> None:
    assert chain(changed(tool_choice={"type": "any"}))[:3] == chain(BODY)[:3]
    assert chain(changed(tool_choice={"type": "any"}))[3] != chain(BODY)[3]
    assert chain(changed(model="claude-sonnet-5"))[0] != chain(BODY)[0]
    assert chain(changed(max_tokens=10, stream=True, metadata={"user_id": "x"})) == chain(BODY)


@pytest.mark.parametrize(
    ("model", "provider", "loses"),
    [
        ("doubao-seed-2.1-pro", "volcano-ark", {"thinking"}),
        ("openrouter/anthropic/claude-opus-4.6", "anthropic", {"thinking", "tool_choice"}),
        ("gpt-4o", "openai", {"reasoning_effort"}),
        ("my-deployment", "openai", {"reasoning_effort"}),
    ],
)
def test_parameters_are_those_of_the_models_provider(model: str, provider: str, loses: set[str]) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "one"}]}
    settings = {"thinking": {"type": "enabled"}, "tool_choice": "none", "reasoning_effort": "low"}
    assert Prompt.parse(body, "openai.chat").provider == provider
    assert {name for name, value in settings.items() if chain(body | {name: value}) != chain(body)} == loses


def test_a_parameter_inside_a_setting_is_told_from_the_rest_of_it() -> None:
    def reasoning(value: Any) -> tuple[bytes, ...]:
        body = {"model": "gpt-5", "messages": [{"role": "user", "content": "one"}], "reasoning": value}
        return tuple(chain(body))

    low, high, none = reasoning({"effort": "low"}), reasoning({"effort": "high"}), reasoning({"summary": "auto"})
    assert len({low, high, none}) == 3
    assert reasoning({"effort": "low", "summary": "auto"}) == low
    assert reasoning(None) == reasoning("low") == reasoning([]) == none


def test_moving_a_marker_changes_nothing() -> None:
    marked = changed(system=[{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}])
    assert chain(marked) == chain(BODY)
    assert [mark.block for mark in fingerprint(Prompt.parse(marked)).breakpoints] == [2]


def answered(content: Any, **more: Any) -> dict[str, Any]:
    result = {"type": "tool_result", "tool_use_id": "t", "content": content} | more
    return changed(messages=[{"role": "user", "content": [result]}])


PLAIN = {"type": "text", "text": "found \u00e9"}
MARKED = PLAIN | {"cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize("more", [{}, {"is_error": True}, {"cache_control": {"type": "ephemeral"}}])
@pytest.mark.parametrize("part", [PLAIN, MARKED, dict(reversed(MARKED.items()))], ids=range(3))
def test_a_tool_result_of_one_text_is_the_same_as_a_string(part: dict[str, Any], more: dict[str, Any]) -> None:
    parts, string = (Prompt.parse(answered(content, **more)) for content in ([part], PLAIN["text"]))
    assert list(wire_chain(parts)) == list(wire_chain(string))
    assert fingerprint(parts).values == fingerprint(string).values


@pytest.mark.parametrize(
    "other",
    [
        answered([PLAIN, PLAIN]),
        answered([PLAIN | {"citations": []}]),
        answered([PLAIN, {"type": "image"}]),
        answered([]),
        answered("found \u00e9", is_error=True),
        answered("found \u00e9", tool_use_id="u"),
    ],
)
def test_no_other_tool_result_is_the_same_as_the_string(other: dict[str, Any]) -> None:
    assert chain(other)[-1] != chain(answered(PLAIN["text"]))[-1]


def test_a_tool_message_of_one_text_part_is_the_same_as_a_string() -> None:
    def message(content: Any) -> dict[str, Any]:
        return {"model": "gpt-4o", "messages": [{"role": "tool", "tool_call_id": "t", "content": content}]}

    assert chain(message([PLAIN])) == chain(message(PLAIN["text"]))
    assert chain(message([PLAIN])) != chain(message("other"))


def test_a_request_level_marker_stands_on_the_last_block() -> None:
    body = changed(cache_control={"type": "ephemeral", "ttl": "1h"})
    assert fingerprint(Prompt.parse(body)).breakpoints == ((4, "1h"),)


def test_values_are_blind_to_key_order_and_white_space() -> None:
    reordered = changed(tools=[{"input_schema": {"y": 2, "x": 1}, "name": "a"}, BODY["tools"][1]])
    spaced = json.dumps(BODY, indent=4).encode()
    assert chain(reordered)[0] != chain(BODY)[0]
    for other in (Prompt.parse(reordered), Prompt.parse(spaced)):
        assert fingerprint(other).values == fingerprint(Prompt.parse(BODY)).values


def test_positions_add_up_to_the_prompt() -> None:
    found = fingerprint(Prompt.parse(BODY))
    assert found.tokens == Prompt.parse(BODY).tokens
    assert [position.tokens for position in found.positions] == sorted(position.tokens for position in found.positions)


TEXTS = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=3)), min_size=1, max_size=6)


def test_what_two_prompts_share_is_counted_in_blocks_and_tokens() -> None:
    ours = fingerprint(Prompt.parse(BODY))
    longer = changed(messages=[*BODY["messages"], {"role": "user", "content": "three"}])
    assert ours.shared(ours) == ours.shared(fingerprint(Prompt.parse(longer))) == 5
    assert ours.shared(fingerprint(Prompt.parse(changed(system="be long")))) == 2
    assert ours.shared(fingerprint(Prompt.parse(changed(model="claude-sonnet-5")))) == 0
    blocks = Prompt.parse(BODY).block_tokens
    assert tuple(map(ours.block_tokens, range(5))) == blocks
    assert [ours.tokens_until(block) for block in range(6)] == [sum(blocks[:block]) for block in range(6)]


def conversation(texts: list[tuple[str, str]]) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": role, "content": text} for role, text in texts]}


@given(TEXTS, TEXTS)
def test_hashes_are_equal_exactly_where_prefixes_are(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    pairs = zip(chain(conversation(one)), chain(conversation(other)), strict=False)
    assert [a == b for a, b in pairs] == [one[: n + 1] == other[: n + 1] for n in range(min(len(one), len(other)))]


def test_a_repr_does_not_grow_with_the_prompt() -> None:
    messages = [{"role": "user", "content": "one"}] * 500
    assert len(repr(fingerprint(Prompt.parse(changed(messages=messages))))) < 300
