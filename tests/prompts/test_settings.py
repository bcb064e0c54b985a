"""Settings that bring texts of the provider's own into a prompt, and what a model's provider writes around tools."""

import json
from statistics import mean, median
from typing import Any

import pytest

from ctxpack import Prompt, count, diff
from ctxpack.prefix import fingerprint
from tests.cassettes import Recorded, billed, distinct

USER = {"role": "user", "content": "hello"}
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
FORM = {"type": "json_schema", "schema": SCHEMA}
CHAT_FORM = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
CHAT_TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}
TOOL = {"name": "f", "description": "d", "input_schema": SCHEMA}


def tokens(model: str, **more: Any) -> int:
    prompt = Prompt.parse({"model": model, "max_tokens": 9, "messages": [USER]} | more)
    assert fingerprint(prompt).tokens == prompt.tokens
    return prompt.tokens


@pytest.mark.parametrize(
    ("model", "setting", "around"),
    [
        ("gpt-4o", {"response_format": CHAT_FORM}, 0),
        ("qwen3-32b", {"response_format": FORM}, 0),
        ("anthropic/claude-haiku-4.5", {"response_format": CHAT_FORM}, 130),
        ("claude-haiku-4-5", {"output_format": FORM}, 130),
        ("claude-haiku-4-5", {"output_config": {"format": FORM, "effort": "low"}}, 130),
    ],
)
def test_a_schema_counts_by_its_json(model: str, setting: dict[str, Any], around: int) -> None:
    added = tokens(model, **setting) - tokens(model)
    assert added == around + count(json.dumps(SCHEMA, separators=(",", ":")), model=model)


@pytest.mark.parametrize("model", ["gpt-4o", "claude-opus-5"])
@pytest.mark.parametrize("value", [None, 5, "json", [], [FORM], {}, {"type": "text"}, {"schema": 1}, {"format": []}])
def test_settings_without_a_schema_add_nothing(model: str, value: object) -> None:
    names = ("response_format", "output_format", "output_config", "tool_choice", "thinking")
    assert {tokens(model, **{name: value}) for name in names} == {tokens(model)}


@pytest.mark.parametrize(
    ("model", "choices", "added"),
    [
        ("claude-opus-4-8", [{"type": "any"}, {"type": "tool", "name": "f"}], 120),
        ("claude-3-5-sonnet-20241022", [{"type": "any"}], -33),
        ("claude-opus-4-8", [{"type": "auto"}, {"type": "none"}, None, {"type": ["any"]}], 0),
        ("openrouter/anthropic/claude-opus-4.8", ["required", {"type": "function", "function": {"name": "f"}}], 120),
        ("openrouter/anthropic/claude-opus-4.8", ["auto", "none"], 0),
        ("gpt-4o", ["required"], 0),
    ],
)
def test_a_call_that_is_required_has_a_text_of_its_own(model: str, choices: list[object], added: int) -> None:
    tool = TOOL if model.startswith("claude") else CHAT_TOOL
    every = {tokens(model, tools=[tool], tool_choice=choice) for choice in choices}
    assert every == {tokens(model, tools=[tool]) + added}


def test_a_choice_without_tools_adds_nothing() -> None:
    assert tokens("claude-opus-4-8", tool_choice={"type": "any"}) == tokens("claude-opus-4-8")


@pytest.mark.parametrize(
    ("model", "around"),
    [
        ("claude-sonnet-4-5", 496),
        ("claude-opus-4-7", 675),
        ("claude-sonnet-5", 354),
        ("claude-sonnet-4-20250514", 313),
        ("claude-3-5-haiku-latest", 264),
        ("claude-unheard-of", 290),
    ],
)
def test_the_text_around_tools_is_the_models_in_any_dialect(model: str, around: int) -> None:
    for name, tool in ((model, TOOL), (f"openrouter/anthropic/{model}", CHAT_TOOL)):
        one, two = (tokens(name, tools=[tool] * n) - tokens(name) for n in (1, 2))
        assert around + (two - one) == one


def test_thinking_with_a_budget_adds_a_text() -> None:
    enabled = {"type": "enabled", "budget_tokens": 1024}
    added = [tokens("claude-opus-4-5", thinking=value) for value in (enabled, {"type": "disabled"})]
    assert [each - tokens("claude-opus-4-5") for each in added] == [30, 0]
    assert tokens("gpt-4o", thinking=enabled) == tokens("gpt-4o")


def own_tools(body: dict[str, Any]) -> bool:
    tools = body.get("tools") or []
    own = all(("input_schema" in tool or "function" in tool) and "defer_loading" not in tool for tool in tools)
    return bool(tools) and own and "mcp_servers" not in body


def errors(records: list[Recorded]) -> list[float]:
    found = [(Prompt.parse(record.body).tokens, billed(record.usage)) for record in records]
    return [abs(counted - used) / used for counted, used in found]


def to_claude(dialect: str, *, calls: bool) -> list[Recorded]:
    """Requests to Claude with tools of the caller's own and nothing but text beside."""
    kinds = {"tool", "text", "system"} | ({"tool_use", "tool_result"} if calls else set())
    found = (r for r in distinct() if r.dialect == dialect and "claude" in r.body.get("model", "") and billed(r.usage))
    asked = [(r, {block.kind for block in Prompt.parse(r.body).blocks}) for r in found if own_tools(r.body)]
    return [record for record, has in asked if has <= kinds and ("tool_use" in has) == calls]


@pytest.mark.parametrize("dialect", ["anthropic.messages", "openai.chat"])
@pytest.mark.parametrize(("calls", "most"), [(False, 0.05), (True, 0.11)], ids=["tools", "calls"])
def test_tools_of_claude_are_counted_nearly_as_they_were_billed(dialect: str, calls: bool, most: float) -> None:
    records = to_claude(dialect, calls=calls)
    assert len(records) >= 10
    assert median(errors(records)) < most


@pytest.mark.parametrize(
    ("model", "tool"), [("claude-opus-5", TOOL), ("anthropic/claude-opus-5", CHAT_TOOL), ("gpt-5.4", CHAT_TOOL)]
)
def test_a_tool_whose_loading_is_deferred_is_no_part_of_the_prompt(model: str, tool: dict[str, Any]) -> None:
    body = {"model": model, "max_tokens": 9, "messages": [USER], "tools": [tool]}
    late = tool | {"defer_loading": True}
    for tools in ([tool, late], [late, tool], [tool, late, late]):
        assert Prompt.parse(body | {"tools": tools}).tokens == Prompt.parse(body).tokens
        assert diff(body, body | {"tools": tools}) is None
    now = body | {"tools": [tool, late | {"defer_loading": False}]}
    assert Prompt.parse(now).tokens > Prompt.parse(body).tokens


def test_tools_that_load_late_were_not_billed() -> None:
    asked = [r for r in distinct() if '"defer_loading": true' in json.dumps(r.body) and len(r.body["messages"]) == 1]
    records = [r for r in asked if "tool_search" not in json.dumps(r.body) and r.body["model"] == "claude-sonnet-4-5"]
    assert len(records) == 1
    assert max(errors(records)) < 0.05
    assert Prompt.parse(records[0].body).tokens < billed(records[0].usage)


def test_schemas_are_counted_nearly_as_they_were_billed() -> None:
    with_schema = [r for r in distinct() if "json_schema" in json.dumps(r.body) and billed(r.usage)]
    claude = [r for r in with_schema if "claude-sonnet" in r.body["model"]]  # the constant is from Haiku's
    openai = [r for r in with_schema if r.host == "api.openai.com" and "response_format" in r.body]
    assert (len(claude), len(openai)) == (8, 7)
    assert mean(errors(claude)) < 0.055
    assert mean(errors(openai)) < 0.11
