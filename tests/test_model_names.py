"""What sellers write around names of models, and that every lookup by name leaves it out."""

import datetime
import re

import pytest

from ctxpack import Prompt
from ctxpack.errors import UnknownModelError
from ctxpack.model_names import has_own_price, known_names, model_forms, plain_name
from ctxpack.providers import cache_rules, price
from ctxpack.providers.catalog import data_files
from ctxpack.tokens.framing import framing
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
        ("anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("claude-opus-4-6[1m]", "claude-opus-4-6"),
        ("openai/GPT-4o:nitro", "gpt-4o"),
        ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "qwen2.5-7b-instruct"),
    ],
)
def test_what_sellers_write_around_a_name(written: str, model: str) -> None:
    assert plain_name(written) == model
    assert model_row(written) == model_row(model)
    assert framing(written, "openai.chat") == framing(model, "openai.chat")


@pytest.mark.parametrize(
    "written", ["GPT-4o", "openai.gpt-4o", "openai/gpt-4o:nitro", "databricks-gpt-4o", "gpt-4o@default"]
)
def test_one_name_has_one_encoding_framing_price_and_cache_rules(written: str) -> None:
    body = {"model": written, "messages": [{"role": "user", "content": "hello"}]}
    assert Prompt.parse(body).exactness == "exact"
    assert price(written) == price("gpt-4o")
    assert cache_rules(written) == cache_rules("gpt-4o")


@pytest.mark.parametrize(
    "written", ["ft:gpt-4o:team::id", "openai/ft:gpt-4o-2024-08-06:team::id", "openai/gpt-4o:free"]
)
def test_what_has_a_price_of_its_own_does_not_get_the_plain_models(written: str) -> None:
    assert has_own_price(written)
    assert cache_rules(written) == cache_rules("gpt-4o")
    assert framing(written, "openai.chat") == framing("gpt-4o", "openai.chat")
    with pytest.raises(UnknownModelError, match=r"no dated price .*close: gpt-4o"):
        price(written)


def test_azures_name_of_gpt_3_5_has_its_framing() -> None:
    assert framing("azure/gpt-35-turbo-0125", "openai.chat") == framing("gpt-3.5-turbo", "openai.chat")


def test_the_most_exact_name_comes_first() -> None:
    assert known_names("openai/GPT-4o-2024-08-06") == ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-08-06", "gpt-4o")
    assert known_names("gpt-4o") == ("gpt-4o",)


def test_names_of_rows_are_plain() -> None:
    for row in (row for file in data_files() for row in file.prices):
        assert [plain_name(name) for name in (row.model, *row.aliases)] == [row.model, *row.aliases]


@pytest.mark.parametrize("model", ["", "x" * 2049, "gpt-4o-\u00fc", "\u212aimi-k2"])
def test_what_can_be_no_name(model: str) -> None:
    assert plain_name(model) == ""


def test_forms_are_dated_and_match_their_examples() -> None:
    for form in (form for forms in model_forms() for form in forms):
        assert datetime.date.fromisoformat(form.as_of)
        assert form.source
        examples = re.split(", | and ", form.what.partition(", as in ")[2].lower())
        assert [re.sub(form.match, form.put, example) for example in examples] != examples
        assert all(re.search(form.match, example) for example in examples)
