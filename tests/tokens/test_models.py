"""Model names to encodings, by the dated data file."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from ctxpack.errors import UnknownEncodingError, UnknownModelError
from ctxpack.tokens import count, encoding_for, exactness, known_error
from ctxpack.tokens.model_patterns import spellings
from ctxpack.tokens.models import _rows, model_row
from ctxpack.tokens.vocabulary import DATA


@pytest.mark.parametrize(
    ("model", "encoding", "how"),
    [
        ("gpt-4o", "o200k_base", "exact"),
        ("gpt-4o-2024-08-06", "o200k_base", "exact"),
        ("gpt-4o-mini", "o200k_base", "exact"),
        ("openai/gpt-4o", "o200k_base", "exact"),
        ("azure/gpt-4.1-nano", "o200k_base", "exact"),
        ("openrouter/openai/gpt-5.2", "o200k_base", "exact"),
        ("gpt-6", "o200k_base", "estimate"),
        ("o1-preview", "o200k_base", "exact"),
        ("o3-mini", "o200k_base", "exact"),
        ("o4-mini-2025-04-16", "o200k_base", "exact"),
        ("gpt-4", "cl100k_base", "exact"),
        ("gpt-4-turbo-2024-04-09", "cl100k_base", "exact"),
        ("gpt-3.5-turbo", "cl100k_base", "exact"),
        ("text-embedding-3-large", "cl100k_base", "exact"),
        ("claude-opus-4-5-20251101", "o200k_base", "estimate"),
        ("anthropic/claude-sonnet-4-5", "o200k_base", "estimate"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "o200k_base", "estimate"),
        ("vertex_ai/claude-3-5-haiku@20241022", "o200k_base", "estimate"),
        ("doubao-seed-1-6-250615", "o200k_base", "estimate"),
        ("ft:gpt-4o-mini-2024-07-18:team::id", "o200k_base", "exact"),
        ("GPT-4o", "o200k_base", "exact"),
        ("openai/gpt-oss-120b", "o200k_harmony", "exact"),
        ("text-davinci-003", "p50k_base", "exact"),
        ("davinci", "r50k_base", "exact"),
        ("qwen/Qwen3-235B-A22B", "qwen3", "exact"),
        ("Qwen2.5-72B-Instruct", "qwen3", "exact"),
        ("qwen3.5-397b-a17b", "qwen3.5", "exact"),
        ("deepseek-ai/DeepSeek-V3.1", "deepseek_v3", "exact"),
        ("deepseek-chat", "deepseek_v3", "exact"),
        ("DeepSeek-R1-Distill-Qwen-7B", "qwen3", "exact"),
        ("mistral-nemo", "tekken", "exact"),
        ("moonshotai/kimi-k2-0905", "kimi_k2", "exact"),
        ("z-ai/glm-4.6", "glm4", "exact"),
        ("glm-5", "glm5", "exact"),
        ("MiniMax-M2", "minimax", "exact"),
        ("gpt-4.5-preview", "o200k_base", "exact"),
        ("gpt-5.6-sol", "o200k_base", "exact"),
        ("codex-mini-latest", "o200k_base", "exact"),
        ("gpt-35-turbo-16k", "cl100k_base", "exact"),
        ("gpt-6.1-sol", "o200k_base", "estimate"),
        ("gpt-4-1-mini", "o200k_base", "exact"),
        ("gpt2-medium", "r50k_base", "exact"),
        ("openai-community/gpt2-xl", "r50k_base", "exact"),
        ("Qwen/Qwen1.5-7B-Chat", "qwen3", "exact"),
        ("Qwen3Guard-Gen-8B", "qwen3", "exact"),
        ("qwen3-coder:30b", "qwen3", "exact"),
        ("Qwen/Qwen2.5-VL-72B-Instruct", "qwen3", "exact"),
        ("Qwen/Qwen-7B-Chat", "qwen", "exact"),
        ("qwen3-max", "qwen3", "estimate"),
        ("qwen3-coder-plus-2025-07-22", "qwen3", "estimate"),
        ("qwen3.6-plus", "qwen3.5", "estimate"),
        ("deepseek-ai/DeepSeek-R1", "deepseek_v3", "exact"),
        ("DeepSeek-R1-0528", "deepseek_v3", "exact"),
        ("deepseek-r1:671b", "deepseek_v3", "exact"),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "qwen3", "exact"),
        ("deepseek-r1:7b", "qwen3", "exact"),
        ("deepseek-r1:14b-qwen-distill-q4_K_M", "qwen3", "exact"),
        ("deepseek-v4-pro", "deepseek_v4", "exact"),
        ("deepseek-v4.1-flash", "deepseek_v4", "estimate"),
        ("ministral-8b-2512", "tekken", "estimate"),
        ("mistralai/Ministral-8B-Instruct-2410", "tekken", "exact"),
        ("mistralai/Pixtral-12B-2409", "tekken", "exact"),
        ("glm-5.2", "glm5", "exact"),
        ("glm-5.3", "glm5", "estimate"),
        ("glm-4-plus", "glm4", "estimate"),
        ("kimi-k2.7-code", "kimi_k2", "exact"),
        ("kimi-k3.1-pro", "kimi_k2", "estimate"),
    ],
)
def test_known_models(model: str, encoding: str, how: str) -> None:
    assert encoding_for(model).name == encoding
    assert exactness(model) == how


@pytest.mark.parametrize(
    ("model", "encoding", "how"),
    [
        ("meta-llama/Meta-Llama-3-8B-Instruct", "llama3", "exact"),
        ("llama3.1:8b", "llama3", "exact"),
        ("llama-3.3-70b-versatile", "llama3", "exact"),
        ("llama-guard-3-8b", "llama3", "exact"),
        ("deepseek-r1:70b", "llama3", "exact"),
        ("DeepSeek-R1-Distill-Llama-8B", "llama3", "exact"),
        ("nvidia/Llama-3.1-Nemotron-70B-Instruct", "llama3", "estimate"),
        ("MLP-KTLim/llama-3-Korean-Bllossom-8B", "llama3", "estimate"),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama4", "exact"),
        ("Llama-Guard-4-12B", "llama4", "exact"),
    ],
)
def test_known_models_whose_encoding_is_not_bundled(model: str, encoding: str, how: str) -> None:
    assert (model_row(model).encoding, exactness(model)) == (encoding, how)


@pytest.mark.parametrize(
    "model",
    [
        # Other makers' or other generations' tokens behind a name that looks like a known one.
        *("pixtral-large-2411", "mistralai/Pixtral-Large-Instruct-2411", "us.mistral.pixtral-large-2502-v1:0"),
        *("nvidia/mistral-nemotron", "mistral-large-2411", "mistral-tiny-2407", "codestral-2405"),
        *("huggyllama/llama-30b", "llama-33b", "llama-65b", "llama-7b", "llama-13b", "llama-40b", "llama-2-7b"),
        *("codellama-34b", "Qwen/CodeQwen1.5-7B", "deepseek-v2.5", "deepseek-coder-v2", "deepseek-llm-7b-chat"),
        # One table says Tekken, the model's card 32,768 tokens.
        *("mistral-small-2409", "mistralai/Mistral-Small-Instruct-2409"),
        # The tag 8b, which latest stands for too, has been Llama's and is Qwen's.
        *("deepseek-r1:8b", "deepseek-r1:latest", "deepseek-r1-8b"),
        # Versions that nobody names.
        *("gpt-4.7", "gpt-4all", "gpt-40", "gpt-50", "gpt-7", "o100", "o5", "ft:gpt-4.7:team::id", "gpt-4ox"),
        *(
            "qwen25-7b",
            "qwen3.9-8b",
            "deepseek-v5",
            "deepseek-v30",
            "glm-50",
            "kimi-k20",
            "minimax-m20",
            "llama-3.4-8b",
        ),
        # No names at all.
        *("", "azure/", "ft:", "gpt-4*", "gpt-4o-*", "gpt-4o-[ab]", "gpt-?o", "openai/*"),
        *(
            "gpt-4o\n",
            "gpt-4o ",
            " gpt-4o",
            "gpt-4o mini",
            "gpt-4o-\tmini",
            "gpt-4o-\u00a0",
            "\u212aimi-k2",
            "x" * 3000,
        ),
        *("gpt-image-1", "gemini-2.5-pro", "grok-4.5", "llama-prompt-guard-2-86m"),
        # Those of which the page says so.
        *("gemma-3-27b-it", "grok-4", "mistral-small-latest", "mistral-medium-3", "mistral-large-latest", "phi-4"),
        *("codestral-latest", "command-r", "sonar", "amazon.nova-pro-v1:0", "computer-use-preview"),
    ],
)
def test_unknown_models(model: str) -> None:
    with pytest.raises(UnknownModelError):
        encoding_for(model)
    with pytest.raises(UnknownModelError):
        exactness(model)
    with pytest.raises(UnknownModelError):
        known_error(model)


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-audio", "o200k_base"),
        ("gpt-audio-mini-2025-10-06", "o200k_base"),
        ("gpt-audio-1.5", "o200k_base"),
        ("gpt-realtime", "o200k_base"),
        ("azure/gpt-realtime-mini", "o200k_base"),
        ("glm-4.7", "glm4"),
        ("zai-org/GLM-4.7-FP8", "glm4"),
        ("cerebras/zai-glm-4.7", "glm4"),
    ],
)
def test_models_that_are_like_known_ones(model: str, encoding: str) -> None:
    assert (model_row(model).encoding, exactness(model)) == (encoding, "estimate")
    assert known_error(model)


def test_models_of_mistral_commons_table() -> None:
    # MODEL_NAME_TO_TOKENIZER_CLS in mistral-common 1.13.1: True where it makes a Tekken tokenizer.
    table = {
        "ministral-8b-2410": True,
        "mistral-tiny-2312": False,
        "open-mistral-nemo-2407": True,
        "mistral-tiny-2407": False,
        "mistral-small-2312": False,
        "open-mixtral-8x22b-2404": False,
        "mistral-small-2402": False,
        "mistral-medium-2312": False,
        "mistral-large-2402": False,
        "mistral-large-2407": False,
        "mistral-large-2411": False,
        "pixtral-large-2411": False,
        "codestral-2405": False,
        "codestral-mamba-2407": False,
        "pixtral-12b-2409": True,
    }
    assert {model: _encoding_name(model) == "tekken" for model in table} == table


def _encoding_name(model: str) -> str | None:
    try:
        return model_row(model).encoding
    except UnknownModelError:
        return None


@pytest.mark.parametrize(
    ("model", "close"),
    [
        ("gtp-4o", "; close to it are gpt-4o;"),
        ("gpt4o", "; close to it are gpt-4o, gpt-4;"),
        ("claude", "; close to it are claude-*;"),
        # Of near names those with other numbers are other models.
        *((name, f"'{name}'; name") for name in ("gpt-image-1", "llama-30b", "zzz", "google/gemini-2.5-flash")),
    ],
)
def test_unknown_models_name_close_ones_and_what_to_do(model: str, close: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        encoding_for(model)
    message = str(caught.value)
    assert f"no encoding is known for model {model!r}" in message
    assert close in message
    assert message.endswith("by an encoding that `ctxpack vocab list` shows")
    assert len(message) < 250


def test_a_long_name_is_shown_in_part() -> None:
    with pytest.raises(UnknownModelError) as caught:
        encoding_for("nobody-" * 200_000)
    assert "'nobody-nobody-" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("model", [None, b"gpt-4o", 4, ["gpt-4o"]])
def test_a_model_is_named_by_a_str(model: Any) -> None:
    for call in (encoding_for, exactness, known_error):
        with pytest.raises(TypeError, match=f'named by a str, such as "gpt-4o", not by {type(model).__name__}'):
            call(model)


def test_every_row_is_the_first_to_cover_what_it_names() -> None:
    for row in _rows():
        names = [name.replace("#", "1").replace("*", "x") for pattern in row.models for name in spellings(pattern)]
        assert {name: model_row(name).encoding for name in names} == dict.fromkeys(names, row.encoding)


def test_rows_are_dated_and_estimates_explained() -> None:
    for row in _rows():
        assert datetime.date.fromisoformat(row.as_of)
        assert row.source
        assert (row.note == "") == (row.exactness == "exact")
    assert "3-24 %" in known_error("claude-3-haiku")
    assert known_error("gpt-4o") == ""


def test_count() -> None:
    assert count("hello world") == 2
    assert count("hello world", model="gpt-4") == 2
    assert count("你好，世界") < count("你好，世界", encoding="cl100k_base")
    with pytest.raises(TypeError, match="not both"):
        count("a", model="gpt-4o", encoding="o200k_base")
    with pytest.raises(UnknownModelError):
        count("a", model="nobody-1")


@pytest.mark.parametrize(("special", "tokens"), [("text", 8), ("allow", 2), ({"<|endoftext|>"}, 2)])
def test_count_with_special_tokens(special: Any, tokens: int) -> None:
    for named in ({}, {"model": "gpt-4o"}, {"encoding": "o200k_base"}):
        assert count("Hi<|endoftext|>", special=special, **named) == tokens
        with pytest.raises(ValueError, match="refused"):
            count("Hi<|endoftext|>", special="refuse", **named)
    with pytest.raises(ValueError, match="special"):
        count("Hi", special="nothing")


def test_count_by_a_file() -> None:
    path = Path(DATA, "r50k_base.vocab")
    assert count("hello world", encoding=path) == count("hello world", encoding=str(path)) == 2
    with pytest.raises(TypeError, match="not by bytes"):
        count("hello world", encoding=b"r50k_base")


def test_an_empty_name_is_not_the_default() -> None:
    with pytest.raises(UnknownEncodingError):
        count("a", encoding="")


def test_the_page_names_every_model() -> None:
    page = (Path(__file__).parents[2] / "docs" / "encodings.md").read_text(encoding="utf-8")
    assert [pattern for row in _rows() for pattern in row.models if f"`{pattern}`" not in page] == []
