"""Cache rules as the vendors state them, spelled out once more."""

import dataclasses
import sys

import pytest

from ctxpack.errors import UnknownModelError
from ctxpack.providers import cache_rules, prefix_parameters
from ctxpack.providers.rules import vendor


@pytest.mark.parametrize(
    ("model", "minimum"),
    [
        ("claude-opus-5", 512),
        ("claude-opus-5-5", 512),
        ("claude-haiku-5-5", 512),
        ("claude-opus-4-8", 1024),
        ("claude-sonnet-4-5-20250929", 1024),
        ("claude-sonnet-4-20250514", 1024),
        ("claude-sonnet-4-0", 1024),
        ("claude-opus-4-7", 2048),
        ("claude-3-5-haiku-latest", 2048),
        ("claude-3-5-haiku-20241022", 2048),
        ("claude-opus-4-6", 4096),
        ("anthropic/claude-haiku-4.5", 4096),
    ],
)
def test_anthropic(model: str, minimum: int) -> None:
    rules = cache_rules(model)
    assert (rules.provider, rules.family, rules.minimum) == ("anthropic", "breakpoints", minimum)
    assert (rules.max_breakpoints, rules.lookback, rules.collapse_runs) == (4, 20, True)
    assert (rules.ttl, rules.ttl_long) == (300, 3600)
    assert (rules.granularity, rules.best_effort, rules.hit_rate) == (1, False, None)


@pytest.mark.parametrize(
    ("model", "minimum"),
    [
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", 4096),
        ("bedrock/us.anthropic.claude-opus-4-7", 4096),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0", 4096),
        ("anthropic.claude-sonnet-4-6", 1024),
        ("global.anthropic.claude-opus-4-8-v1", 1024),
        ("anthropic.claude-opus-5-v1", 512),
        ("us.anthropic.claude-haiku-5-5", 512),
        ("bedrock/global.anthropic.claude-fable-5", 512),
        ("anthropic.claude-fable-5-1-v1:0", 512),
        ("anthropic.claude-mythos-5-v1", 512),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", 1024),
        ("anthropic.claude-opus-4-20250514-v1:0", 1024),
    ],
)
def test_claude_at_bedrock(model: str, minimum: int) -> None:
    rules = cache_rules(model)
    assert (rules.provider, rules.family, rules.minimum) == ("anthropic", "breakpoints", minimum)
    assert (rules.max_breakpoints, rules.lookback, rules.collapse_runs) == (4, 20, False)
    assert (rules.ttl, rules.ttl_long, rules.status) == (300, 3600, "third-party")


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4o-2024-08-06", "gpt-5-nano", "o3", "o4-mini", "gpt-5.4-mini"])
def test_openai_before_gpt_5_6(model: str) -> None:
    rules = cache_rules(model, "openai")
    assert (rules.family, rules.minimum, rules.granularity) == ("prefix", 1024, 128)
    assert (rules.max_breakpoints, rules.lookback, rules.ttl, rules.ttl_long) == (0, 0, 300, None)
    assert rules.best_effort
    assert rules.hit_rate == pytest.approx(13 / 18)


@pytest.mark.parametrize("model", ["gpt-5", "gpt-5-2025-08-07", "gpt-5.4-2026-03-05", "gpt-5.1-codex-mini", "gpt-4.1"])
def test_openai_models_with_a_day_of_retention(model: str) -> None:
    assert (cache_rules(model).ttl, cache_rules(model).ttl_long) == (300, 86_400)


def test_openai_gpt_5_5_keeps_entries_every_2048_tokens() -> None:
    assert (cache_rules("gpt-5.5").spacing, cache_rules("gpt-5.5").granularity) == (2048, 128)
    assert cache_rules("gpt-5.4").spacing is None


@pytest.mark.parametrize("model", ["gpt-5.6", "gpt-5.6-sol", "gpt-5.7-mini", "gpt-6-luna", "gpt-6.1-sol"])
def test_openai_from_gpt_5_6(model: str) -> None:
    rules = cache_rules(model)
    assert (rules.family, rules.minimum, rules.granularity, rules.best_effort) == ("boundaries", 1024, 1, False)
    assert (rules.max_breakpoints, rules.lookback, rules.first_markers, rules.latest_markers) == (4, 20, 2, 50)
    assert (rules.ttl, rules.ttl_long) == (1800, 43_200)


@pytest.mark.parametrize(
    ("model", "ttl", "seconds"),
    [
        ("claude-opus-4-6", "5m", 300),
        ("claude-opus-4-6", "1h", 3600),
        ("claude-opus-4-6", "60m", 3600),
        ("gpt-5.6-sol", "30m", 1800),
        ("gpt-5.6-sol", "12h", 43_200),
        *(("gpt-5.6-sol", ttl, 1800) for ttl in ("1h", "", "12", "12 h", "-12h", "1" * 5000 + "s", None, 43_200)),
        ("gpt-5.4", "24h", 1800),
        ("gpt-4o", "24h", 300),
        ("doubao-seed-2-1-pro-260915", "1h", None),
    ],
)
def test_the_lifetime_that_a_request_asks_for(model: str, ttl: str, seconds: int) -> None:
    rules = cache_rules(model)
    assert rules.lifetime(rules.is_long(ttl)) == seconds


@pytest.mark.parametrize(
    ("model", "ttl", "seconds"),
    [
        ("gpt-5.1", None, 86_400),
        ("gpt-5.1", "24h", 86_400),
        ("gpt-5.1", "in_memory", 3600),
        ("gpt-5.5", None, 86_400),
        ("gpt-4o", None, 3600),
        ("claude-opus-4-6", None, 300),
        ("claude-opus-4-6", "1h", 3600),
        ("doubao-seed-2-1-pro-260915", None, None),
    ],
)
def test_the_most_that_an_entry_may_live(model: str, ttl: str | None, seconds: int | None) -> None:
    assert cache_rules(model).longest(ttl) == seconds


def test_ark_implicit_promises_no_lifetime() -> None:
    rules = cache_rules("doubao-seed-2-1-pro-260915")
    assert (rules.provider, rules.family, rules.minimum) == ("volcano-ark", "prefix", 1024)
    assert (rules.ttl, rules.best_effort, rules.hit_rate) == (None, True, None)


@pytest.mark.parametrize("model", ["gpt-4", "gpt-3.5-turbo", "claude-2.1", "claude-fable-5-2", "llama-3", ""])
def test_models_without_rules_are_refused(model: str) -> None:
    with pytest.raises(UnknownModelError, match="no dated cache rule for model"):
        cache_rules(model)


def test_rules_of_another_provider_are_refused() -> None:
    with pytest.raises(UnknownModelError, match="at 'anthropic'"):
        cache_rules("gpt-4o", "anthropic")


def test_rules_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        cache_rules("gpt-4o").minimum = 1


@pytest.mark.parametrize(
    ("provider", "parameter", "tier"),
    [
        ("anthropic", "tool_choice", "messages"),
        ("anthropic", "speed", "system"),
        ("anthropic", "thinking", "tools"),
        ("anthropic", "output_config", "tools"),
        ("openai", "response_format", "tools"),
        ("openai", "text.format", "tools"),
        ("openai", "reasoning_effort", "tools"),
        ("openai", "verbosity", "tools"),
        ("openai", "parallel_tool_calls", "tools"),
        ("openai", "service_tier", "tools"),
        ("openai", "context_management", "messages"),
        ("volcano-ark", "thinking", "tools"),
    ],
)
def test_prefix_parameters(provider: str, parameter: str, tier: str) -> None:
    assert prefix_parameters(provider)[parameter] == tier


def test_parameters_that_are_free_to_change() -> None:
    assert "tool_choice" not in prefix_parameters("openai")
    assert "max_tokens" not in prefix_parameters("anthropic")
    assert not prefix_parameters("nobody")


def test_prefix_parameters_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        prefix_parameters("openai")["model"] = "system"


def test_what_can_be_no_model_is_not_kept() -> None:
    name = "claude-" + "x" * 100_000
    before = sys.getrefcount(name)
    assert vendor(name) == ""
    assert sys.getrefcount(name) == before
