"""Tokens of prompts: equal to the provider's own count wherever that is claimed."""

from statistics import mean

import pytest

from ctxpack import Prompt, count
from ctxpack.errors import DialectError, UnknownModelError
from ctxpack.prompts import BlockCounter
from tests.cassettes import distinct


def test_exact_counts_equal_the_billed_ones() -> None:
    exact = 0
    for record in distinct():
        if record.host != "api.openai.com" or "prompt_tokens" not in record.usage:
            continue
        prompt = Prompt.parse(record.body)
        try:
            claimed = prompt.exactness == "exact"
        except UnknownModelError:
            continue
        if claimed:
            exact += 1
            assert prompt.tokens == record.usage["prompt_tokens"], record.cassette
    assert exact > 60


def test_a_count_by_hand() -> None:
    prompt = Prompt.parse({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello world"}]})
    assert prompt.tokens == 3 + 3 + 1 + 2
    assert prompt.block_tokens == (3 + 1 + 2,)
    assert prompt.exactness == "exact"


TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}


@pytest.mark.parametrize(("model", "around"), [("gpt-4o", 16), ("gpt-4", 16), ("o3", 16), ("gpt-5-mini", 97)])
def test_what_stands_around_all_tools_is_counted_once(model: str, around: int) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "hello world"}]}
    none, one, two = (Prompt.parse(body | {"tools": [TOOL] * n}).tokens for n in (0, 1, 2))
    assert one - none == (two - one) + around


def recorded_errors(*, calls: bool) -> list[float]:
    """By how much OpenAI's recorded requests with tools or calls, and nothing but text beside, were counted wrongly."""
    errors = []
    for record in distinct():
        if record.host != "api.openai.com" or "prompt_tokens" not in record.usage or "response_format" in record.body:
            continue
        prompt, billed = Prompt.parse(record.body), record.usage["prompt_tokens"]
        kinds = {block.kind for block in prompt.blocks}
        with_calls = "tool_use" in kinds and kinds <= {"tool", "text", "tool_use", "tool_result"}
        if with_calls if calls else kinds == {"tool", "text"}:
            errors.append(abs(prompt.tokens - billed) / billed)
    return errors


@pytest.mark.parametrize(("calls", "least", "most"), [(False, 30, 0.0012), (True, 25, 0.007)], ids=["tools", "calls"])
def test_requests_with_tools_are_counted_nearly_as_they_were_billed(calls: bool, least: int, most: float) -> None:
    errors = recorded_errors(calls=calls)
    assert len(errors) > least
    assert mean(errors) < most


def test_most_requests_with_tools_are_counted_as_they_were_billed() -> None:
    assert sum(error == 0 for error in recorded_errors(calls=False)) >= 30


@pytest.mark.parametrize(
    ("model", "end", "joined"),
    [("gpt-4o", "Be brief.", 4), ("gpt-4o", "Be brief", 3), ("gpt-5", "Be brief", 0), ("qwen3-32b", "Be brief", 0)],
)
@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_system_text_after_tools_is_one_message_with_them(model: str, end: str, joined: int, role: str) -> None:
    user, system = {"role": "user", "content": "hello world"}, {"role": role, "content": end}

    def tokens(*messages: dict[str, str], **more: object) -> int:
        return Prompt.parse({"model": model, "messages": list(messages)} | more).tokens

    own = tokens(system, user) - tokens(user)
    assert tokens(system, user, tools=[TOOL]) - tokens(user, tools=[TOOL]) == own - joined
    assert tokens(user, system, tools=[TOOL]) - tokens(user, tools=[TOOL]) == own


@pytest.mark.parametrize(("model", "more"), [("gpt-4o", 18), ("claude-opus-4-6", 0)])
def test_calls_side_by_side_become_one(model: str, more: int) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    said = {"role": "assistant", "content": "x"}

    def tokens(calls: int) -> int:
        return Prompt.parse({"model": model, "messages": [said | {"tool_calls": [call] * calls}]}).tokens

    one = tokens(2) - tokens(1) - more
    assert tokens(1) + 3 * one + more == tokens(4)
    assert tokens(3) - tokens(2) == one


def test_who_speaks_costs_a_token_beside_the_name() -> None:
    said = {"role": "user", "content": "hello world"}
    anybody, bob = (Prompt.parse({"model": "gpt-4o", "messages": [said | n]}).tokens for n in ({}, {"name": "bob"}))
    assert bob - anybody == 1 + count("bob", model="gpt-4o")


@pytest.mark.parametrize("spelled", ['{"a":1}', '{"a": 1, "b": [2, 3]}', ""])
def test_a_call_counts_by_its_name_and_its_arguments(spelled: str) -> None:
    call = {"id": "call_" + "x" * 500, "type": "function", "function": {"name": "look", "arguments": spelled}}
    empty = {"role": "assistant", "content": "x"}
    bodies = ({"model": "gpt-4o", "messages": [empty | more]} for more in ({"tool_calls": [call]}, {}))
    one, none = (Prompt.parse(body).tokens for body in bodies)
    assert one - none == 7 + count("look", model="gpt-4o") + count(spelled, model="gpt-4o")


def test_turns_of_gpt_5_were_never_shown_to_count_exactly() -> None:
    turns = [{"role": role, "content": "hello"} for role in ("system", "user", "assistant")]
    found = {model: Prompt.parse({"model": model, "messages": turns}).exactness for model in ("gpt-5-mini", "gpt-4o")}
    assert found == {"gpt-5-mini": "estimate", "gpt-4o": "exact"}
    assert Prompt.parse({"model": "gpt-5-mini", "messages": turns[:2]}).exactness == "exact"


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
        {"response_format": {"type": "json_object"}},
        {"model": "claude-opus-4-6", "max_tokens": 1},
    ],
)
def test_what_is_not_known_exactly_is_an_estimate(more: dict[str, object]) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello world"}]} | more
    assert Prompt.parse(body).exactness == "estimate"


def test_a_dialect_that_nobody_knows() -> None:
    with pytest.raises(DialectError, match=r"'openai'; known: openai\.chat, anthropic\.messages"):
        BlockCounter("gpt-4o", "openai")


def test_models_that_nobody_knows() -> None:
    body = {"messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(UnknownModelError, match="names no model"):
        print(Prompt.parse(body).tokens)
    with pytest.raises(UnknownModelError, match="nonsense-9"):
        print(Prompt.parse(body | {"model": "nonsense-9"}).tokens)


# Sellers of models whose encodings are known, and how many tokens text-only requests to them may be counted wrongly.
@pytest.mark.parametrize(
    ("host", "model", "most"),
    [
        ("api.deepseek.com", "deepseek-chat", 1),
        ("ollama.com", "gpt-oss:120b", 4),
        ("api.groq.com", "openai/gpt-oss-120b", 4),
        ("api.groq.com", "qwen/qwen3-32b", 4),
        ("completions", "qwen3", 2),
    ],
)
def test_what_sellers_of_open_models_put_around_texts(host: str, model: str, most: int) -> None:
    errors = []
    for record in distinct():
        prompt = Prompt.parse(record.body)
        plain = all(block.kind == "text" for block in prompt.blocks) and "response_format" not in record.body
        if plain and (record.host, prompt.model) == (host, model) and "prompt_tokens" in record.usage:
            errors.append(abs(prompt.tokens - record.usage["prompt_tokens"]))
            assert prompt.exactness == "estimate"
    assert len(errors) >= 3
    assert max(errors) <= most


def test_tools_of_deepseek_bring_a_text_of_its_own() -> None:
    body = {"model": "deepseek-chat", "messages": [{"role": "user", "content": "hello world"}]}
    none, one, two = (Prompt.parse(body | {"tools": [TOOL] * n}).tokens for n in (0, 1, 2))
    assert one - none == (two - one) + 234
