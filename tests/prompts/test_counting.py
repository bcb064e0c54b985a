"""Tokens of prompts: equal to the provider's own count wherever that is claimed."""

import pytest

from ctxpack import Prompt
from ctxpack.errors import UnknownModelError
from tests.cassettes import recorded


def test_exact_counts_equal_the_billed_ones() -> None:
    exact = 0
    for record in recorded():
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
    assert exact > 100


def test_a_count_by_hand() -> None:
    prompt = Prompt.parse({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello world"}]})
    assert prompt.tokens == 3 + 3 + 1 + 2
    assert prompt.block_tokens == (3 + 1 + 2,)
    assert prompt.exactness == "exact"


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


def test_models_that_nobody_knows() -> None:
    body = {"messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(UnknownModelError, match="names no model"):
        print(Prompt.parse(body).tokens)
    with pytest.raises(UnknownModelError, match="nonsense-9"):
        print(Prompt.parse(body | {"model": "nonsense-9"}).tokens)
