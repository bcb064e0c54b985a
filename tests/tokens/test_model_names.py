"""What sellers write around names of models, and patterns that cover names."""

import datetime
import re

import pytest

from ctxpack.tokens.model_names import expression, model_forms, plain_name, same_numbers, spellings
from ctxpack.tokens.models import model_row


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("ft:gpt-4o:x/y", "gpt-4o"),
        ("openai/ft:gpt-4.1-nano-2025-04-14:team/a::id", "gpt-4.1-nano-2025-04-14"),
        ("openrouter/deepseek/deepseek-r1:free", "deepseek-r1"),
        ("Qwen/Qwen3-32B:cerebras", "qwen3-32b"),
        ("us.deepseek.r1-v1:0", "deepseek-r1"),
        ("meta.llama3-1-8b-instruct-v1:0", "llama3-1-8b-instruct"),
        ("us.meta.llama3-1-8b-instruct-v1:0", "llama3-1-8b-instruct"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b-1:0"),
        ("anthropic.claude-v2:1", "claude-v2:1"),
        ("anthropic.claude-3-haiku-20240307-v1:0:200k", "claude-3-haiku-20240307"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6"),
        ("databricks-gpt-oss-20b", "gpt-oss-20b"),
        ("azure_ai/FW-GLM-5.2", "glm-5.2"),
        ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-3.1-8b-instruct"),
        ("Meta-Llama-3_3-70B-Instruct", "meta-llama-3.3-70b-instruct"),
        ("publishers/meta/models/llama-3.3-70b-instruct-maas", "llama-3.3-70b-instruct"),
        ("vertex_ai/mistral-nemo@2407", "mistral-nemo"),
        ("claude-opus-4-6[1m]", "claude-opus-4-6"),
        ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "qwen2.5-7b-instruct"),
    ],
)
def test_what_sellers_write_around_a_name(written: str, model: str) -> None:
    assert plain_name(written) == model
    assert model_row(written) == model_row(model)


@pytest.mark.parametrize("model", ["", "x" * 2049, "gpt-4o-\u00fc", "\u212aimi-k2"])
def test_what_can_be_no_name(model: str) -> None:
    assert plain_name(model) == ""


def test_forms_are_dated_and_match_their_examples() -> None:
    for form in model_forms():
        assert datetime.date.fromisoformat(form.as_of)
        assert form.source
        examples = re.split(", | and ", form.what.partition(", as in ")[2].lower())
        assert [re.sub(form.match, form.put, example) for example in examples] != examples
        assert all(re.search(form.match, example) for example in examples)


def test_patterns() -> None:
    covered = expression(("qwen{,-}{2,2.5}-#b{,-*}",)).fullmatch
    assert all(map(covered, ["qwen2-7b", "qwen-2.5-0.5b-instruct", "qwen2-1b-a_b.c:d@e"]))
    assert not any(
        map(covered, ["qwen2x5-7b", "qwen2-b", "qwen2-.5b", "qwen2-7b-a b", "qwen2-7b-a*", "qwen2-7bx", "aqwen2-7b"])
    )
    assert spellings("qwen{,-}{2,2.5}-7b{,-*}{,:*}") == ["qwen2-7b", "qwen2.5-7b", "qwen-2-7b", "qwen-2.5-7b"]


def test_names_with_other_numbers_are_not_the_same_with_a_slip() -> None:
    assert same_numbers("gpt-4o", "gtp4-o")
    assert not same_numbers("gpt-4o", "gpt-40")
    assert not same_numbers("gpt-4.1", "gpt-4")
