"""Model names to encodings, by the dated data file."""

import datetime
from pathlib import Path

import pytest

from ctxpack.errors import UnknownEncodingError, UnknownModelError
from ctxpack.tokens import count, encoding_for, exactness
from ctxpack.tokens.models import _rows, model_row


@pytest.mark.parametrize(
    ("model", "encoding", "how"),
    [
        ("gpt-4o", "o200k_base", "exact"),
        ("gpt-4o-2024-08-06", "o200k_base", "exact"),
        ("gpt-4o-mini", "o200k_base", "exact"),
        ("openai/gpt-4o", "o200k_base", "exact"),
        ("azure/gpt-4.1-nano", "o200k_base", "exact"),
        ("openrouter/openai/gpt-5.2", "o200k_base", "exact"),
        ("gpt-6", "o200k_base", "exact"),
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
    ],
)
def test_known_models(model: str, encoding: str, how: str) -> None:
    assert encoding_for(model).name == encoding
    assert exactness(model) == how


def test_unknown_models_name_close_ones() -> None:
    with pytest.raises(UnknownModelError, match=r"'gtp-4o'.*closest known are .*gpt-4o"):
        encoding_for("gtp-4o")
    with pytest.raises(UnknownModelError, match=r"'claude'.*closest known are claude-\*"):
        encoding_for("claude")
    with pytest.raises(UnknownModelError, match=r"'zzz'.*known are .*gpt-4o\*.*; to count, an encoding can be named"):
        exactness("zzz")
    with pytest.raises(UnknownModelError):
        encoding_for("")


def test_rows_are_dated_and_estimates_explained() -> None:
    for row in _rows():
        assert datetime.date.fromisoformat(row.as_of)
        assert row.source
        assert row.exactness == "exact" or row.note
    assert "3-24 %" in model_row("claude-3-haiku").note


def test_count() -> None:
    assert count("hello world") == 2
    assert count("hello world", model="gpt-4") == 2
    assert count("你好，世界") < count("你好，世界", encoding="cl100k_base")
    with pytest.raises(TypeError, match="not both"):
        count("a", model="gpt-4o", encoding="o200k_base")
    with pytest.raises(UnknownModelError):
        count("a", model="nobody-1")


def test_an_empty_name_is_not_the_default() -> None:
    with pytest.raises(UnknownEncodingError):
        count("a", encoding="")


def test_the_page_names_every_model() -> None:
    page = (Path(__file__).parents[2] / "docs" / "encodings.md").read_text(encoding="utf-8")
    assert [pattern for row in _rows() for pattern in row.models if f"`{pattern}`" not in page] == []
