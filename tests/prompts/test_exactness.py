"""Counts are called exact only where they are proved, and then they equal the provider's own."""

from collections import Counter
from typing import Any

import pytest

from ctxpack import Prompt, count
from tests.cassettes import distinct

# Families whose count was compared with bills.
PROVED = ("gpt-4", "gpt-3.5-turbo", "gpt-5", "o3", "o4")
TWO = ("gpt-5", "o3", "o4", "gpt-6")


def by_hand(body: dict[str, Any]) -> int:
    """Tokens of a chat of plain texts, by the published rule: 3 a message, 3 (or 2) for the reply."""
    model = body["model"]
    primer = 2 if model.startswith(TWO) else 3
    return primer + sum(
        3 + count(message["role"], model=model) + count(message["content"], model=model) for message in body["messages"]
    )


def test_recorded_text_only_chats_are_claimed_exact_and_are() -> None:
    seen: Counter[str] = Counter()
    for record in distinct():
        body = record.body
        plain = all(m.keys() == {"role", "content"} and isinstance(m["content"], str) for m in body["messages"])
        roles = {"system", "user", "assistant", "developer"} >= {m["role"] for m in body["messages"]}
        others = body.keys() & {"tools", "functions", "response_format"}
        if record.host != "api.openai.com" or not plain or not roles or others or "prompt_tokens" not in record.usage:
            continue
        prompt = Prompt.parse(body)
        if not prompt.model.startswith(PROVED):
            continue
        assert prompt.tokens == by_hand(body)
        assert prompt.exactness == "exact", record.cassette
        assert prompt.tokens == record.usage["prompt_tokens"], record.cassette
        seen["2" if prompt.model.startswith(TWO) else "3"] += 1
    assert seen["3"] > 60
    assert seen["2"] >= 4


USER = {"role": "user", "content": "hello"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://x.example/i.png"}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
UNPROVED: dict[str, list[dict[str, Any]]] = {
    "a message of nothing": [USER, {"role": "assistant", "content": None}],
    "a message of nothing in between": [USER, {"role": "assistant", "content": []}, USER],
    "nothing at all": [{"role": "assistant", "content": None}],
    "a refusal": [USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}],
    "a name": [{"role": "user", "content": "hello", "name": "bob"}],
    "an image": [{"role": "user", "content": [IMAGE]}],
    "two parts": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
    "two parts and a message of nothing": [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": None},
    ],
    "a call": [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}],
    "a result": [{"role": "tool", "tool_call_id": "c", "content": "x"}],
    "a strange role": [{"role": "critic", "content": "x"}],
}


@pytest.mark.parametrize("messages", UNPROVED.values(), ids=UNPROVED)
def test_what_was_never_compared_with_a_bill_is_an_estimate(messages: list[dict[str, Any]]) -> None:
    assert Prompt.parse({"model": "gpt-4o", "messages": messages}, "openai.chat").exactness == "estimate"


@pytest.mark.parametrize(
    "setting",
    [
        {"web_search_options": {}},
        {"prediction": {"type": "content", "content": "x"}},
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
        {"model": "gpt-4o-search-preview"},
        {"model": "gpt-4o-mini-search-preview-2025-03-11"},
        {"model": "gpt-5-search-api"},
        {"model": "gpt-4o-audio-preview"},
        {"model": "gpt-4o-mini-realtime-preview"},
        {"model": "gpt-4o-transcribe"},
        {"model": "gpt-4o-mini-tts"},
        {"model": "o3-deep-research"},
        {"model": "o4-mini-deep-research-2025-06-26"},
    ],
)
def test_searches_sounds_and_predictions_were_never_compared_with_a_bill(setting: dict[str, Any]) -> None:
    assert Prompt.parse({"model": "gpt-4o", "messages": [USER]} | setting).exactness == "estimate"


def test_members_that_say_nothing_cost_nothing() -> None:
    said = {"role": "assistant", "content": "hi"}
    echoed = said | {"refusal": None, "audio": None, "tool_calls": None, "function_call": None}
    plain, other = (Prompt.parse({"model": "gpt-4o", "messages": [USER, m]}) for m in (said, echoed))
    assert other.tokens == plain.tokens
    assert other.exactness == "exact"


@pytest.mark.parametrize("kind", ["tools", "functions"])
def test_more_of_anything_never_counts_less(kind: str) -> None:
    function = {"name": "f", "description": "d", "parameters": {"properties": {"a": {"type": "string", "enum": ["x"]}}}}
    tool = function if kind == "functions" else {"type": "function", "function": function}
    body: dict[str, Any] = {"model": "gpt-4o", "messages": [USER]}
    counts = [Prompt.parse(body | {kind: [tool] * n}).tokens for n in (1, 2, 5)]
    assert Prompt.parse(body).tokens < counts[0] < counts[1] < counts[2]


def test_a_screenshot_beside_a_text_in_a_tool_result_is_counted() -> None:
    text, image = {"type": "text", "text": "see"}, {"type": "image", "source": {"type": "url", "url": "u"}}

    def tokens(*content: dict[str, Any]) -> int:
        result = {"type": "tool_result", "tool_use_id": "t", "content": list(content)}
        body = {"model": "claude-opus-5", "max_tokens": 1, "messages": [{"role": "user", "content": [result]}]}
        return Prompt.parse(body).tokens

    assert tokens(text, image) - tokens(text) == tokens(image, image) - tokens(image) > 1000
    assert tokens(image, text) == tokens(text, image)
