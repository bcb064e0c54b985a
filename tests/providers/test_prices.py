"""Golden bills, worked out by hand, and the ways to name a model."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import CtxpackError, UnknownModelError
from ctxpack.providers import Price, Step, Usage, bill, cache_rules, price, prices
from tests.data import shared

MILLION = 1_000_000

GOLDEN = [
    # model, usage, currency, (uncached, read, write, long write, output)
    ("claude-opus-4-6", Usage(MILLION, MILLION, MILLION, MILLION, MILLION), "USD", (5, 0.5, 6.25, 10, 25)),
    ("claude-opus-4-6", Usage(3, 18_131, 1_200, 0, 500), "USD", (0.000015, 0.0090655, 0.0075, 0, 0.0125)),
    ("claude-opus-5-5", Usage(10_000, 200_000, 0, 4_000, 1_000), "USD", (0.04, 0.04, 0, 0.032, 0.02)),
    ("claude-fable-5-1", Usage(0, MILLION, 0, 0, 0), "USD", (0, 0.25, 0, 0, 0)),
    ("claude-haiku-5-5", Usage(100_000, 0, 0, 0, 1_000), "USD", (0.01, 0, 0, 0, 0.0005)),
    ("claude-haiku-5-5", Usage(1, 90_000, 6_000, 4_000, 1_000), "USD", (0.0000005, 0.0045, 0.00375, 0.004, 0.0025)),
    ("gpt-4o-mini", Usage(125, 1_024, 0, 0, 100), "USD", (0.00001875, 0.0000768, 0, 0, 0.00006)),
    ("gpt-5.6-sol", Usage(8, 4_012, 63, 0, 10), "USD", (0.000032, 0.0016048, 0.000315, 0, 0.0002)),
    ("gpt-5.6-sol", Usage(72_001, 200_000, 0, 0, 1_000), "USD", (0.576008, 0.16, 0, 0, 0.03)),
    ("gpt-6.1-sol", Usage(0, 272_000, 0, 0, 0), "USD", (0, 0.0272, 0, 0, 0)),
    ("gpt-5.4", Usage(0, 0, 10_000, 0, 0), "USD", (0, 0, 0.025, 0, 0)),
    ("doubao-seed-2.1-pro", Usage(10_000, 90_000, 0, 0, 1_000), "CNY", (0.06, 0.108, 0, 0, 0.03)),
    ("doubao-seed-2.1-turbo", Usage(MILLION, MILLION, 0, 0, MILLION), "CNY", (3, 0.6, 0, 0, 15)),
    ("doubao-seed-2.0-lite", Usage(2_000, 30_000, 0, 0, 0), "CNY", (0.0012, 0.0036, 0, 0, 0)),
    ("doubao-seed-2.0-lite", Usage(2_001, 30_000, 0, 0, 0), "CNY", (0.0018009, 0.0054, 0, 0, 0)),
    ("doubao-seed-2.0-lite", Usage(100_000, 100_000, 0, 0, 0), "CNY", (0.18, 0.036, 0, 0, 0)),
]


@pytest.mark.parametrize(("model", "usage", "currency", "expected"), GOLDEN)
def test_golden_bills(model: str, usage: Usage, currency: str, expected: tuple[float, ...]) -> None:
    got = bill(usage, price(model))
    assert got.currency == currency
    classes = (got.uncached, got.cache_read, got.cache_write, got.cache_write_long, got.output)
    assert classes == pytest.approx(expected)
    assert got.input == pytest.approx(sum(expected[:4]))
    assert got.total == pytest.approx(sum(expected))


def test_a_step_needs_more_input_than_its_threshold_and_ignores_output() -> None:
    at = price("claude-haiku-5-5")
    assert at.rates(100_000).input == pytest.approx(0.1 / MILLION)
    assert at.rates(100_001).input == pytest.approx(0.5 / MILLION)
    assert bill(Usage(uncached=100_000, output=50_000), at).output == pytest.approx(0.025)


def test_a_missing_cache_price_is_the_input_price() -> None:
    bare = Price(input=2.0, output=8.0)
    assert bare.rates(1) == bare.rates(10**9)
    assert bill(Usage(1, 1, 1, 1, 1), bare).input == pytest.approx(8 / MILLION)


def test_a_long_write_without_a_price_costs_a_short_one() -> None:
    step = Step(10, 4.0, None, 5.0, None, 16.0)
    some = Price(input=2.0, cache_read=0.2, cache_write=2.5, output=8.0, long_context=(step,))
    assert some.rates(10).cache_write_long == pytest.approx(2.5 / MILLION)
    assert some.rates(11).cache_write_long == pytest.approx(5.0 / MILLION)
    assert some.rates(11).cache_read == pytest.approx(4.0 / MILLION)


def test_writing_anew_costs_a_write_beyond_a_read() -> None:
    rates = price("claude-opus-4-6").rates(1000)
    assert rates.rewriting(7000, is_long=False) == pytest.approx(7000 * (6.25 - 0.5) / MILLION)
    assert rates.rewriting(7000, is_long=True) == pytest.approx(7000 * (10.0 - 0.5) / MILLION)


def test_bills_of_one_currency_add_up() -> None:
    one, other = (bill(usage, price("claude-opus-4-6")) for usage in (Usage(1, 2, 3, 4, 5), Usage(10, 20, 30, 40, 50)))
    both = bill(Usage(11, 22, 33, 44, 55), price("claude-opus-4-6"))
    assert dataclasses.astuple(one + other)[1:] == pytest.approx(dataclasses.astuple(both)[1:])
    assert (one + other).currency == "USD"
    with pytest.raises(ValueError, match="CNY"):
        one + bill(Usage(1), price("doubao-seed-2.1-pro"))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("Claude-Opus-4-6", "claude-opus-4-6"),
        ("anthropic/claude-opus-4.6", "claude-opus-4-6"),
        ("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-5-nano", "gpt-5-nano"),
        ("openai/gpt-5-2025-08-07", "gpt-5"),
        ("doubao-seed-2-1-pro-260915", "doubao-seed-2.1-pro"),
        ("doubao-seed-2-0-lite-260215", "doubao-seed-2.0-lite"),
    ],
)
def test_spellings_resolve(name: str, model: str) -> None:
    assert price(name).model == model


@pytest.mark.parametrize(
    "name",
    [
        "claude-3-5-haiku-latest",
        "claude-sonnet-4-20250514",
        "gpt-4",
        "gpt-4o-audio-preview-2024-10-01",
        "gpt-5.6",
        "gpt-5-chat-latest",
        "text-embedding-3-small",
        "",
        "/",
    ],
)
def test_models_without_a_row_are_refused(name: str) -> None:
    with pytest.raises(UnknownModelError, match=r"no dated price for model") as caught:
        price(name)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("ask", [price, cache_rules])
def test_the_refusal_says_which_models_there_are_and_what_to_do(ask: Callable[[str], object]) -> None:
    with pytest.raises(UnknownModelError, match=r"anthropic, openai, volcano-ark: .*providers\.md; counting needs"):
        ask("qwen3-32b")


@pytest.mark.parametrize("ask", [price, cache_rules])
@pytest.mark.parametrize("model", [None, 5, b"gpt-5.1", []])
def test_a_model_that_is_no_str_is_a_type_error(ask: Callable[[Any], object], model: object) -> None:
    with pytest.raises(TypeError, match="a model is named by a str"):
        ask(model)


def test_the_refusal_names_close_models_and_the_seller() -> None:
    with pytest.raises(UnknownModelError, match=r"claude-opus-4-6"):
        price("claude-opus-4-66")
    with pytest.raises(UnknownModelError, match=r"at 'openai', but at anthropic$"):
        price("claude-opus-4-6", "openai")
    with pytest.raises(UnknownModelError, match=r"at 'ark', but at gateway, volcano-ark$"):
        price("doubao-seed-2.1-pro", "ark")
    assert issubclass(UnknownModelError, (CtxpackError, LookupError))


def test_a_model_whose_own_price_is_known_in_dollars_only() -> None:
    assert (price("doubao-seed-2-1-lite-260915").currency, price("doubao-seed-2.1-lite").input) == ("USD", 0.115)


def test_a_resellers_price_is_asked_for_by_name() -> None:
    assert (price("doubao-seed-2.1-pro").provider, price("doubao-seed-2.1-pro").currency) == ("volcano-ark", "CNY")
    assert (price("doubao-seed-2.1-turbo", "gateway").currency, price("doubao-seed-2.1-turbo", "gateway").input) == (
        "USD",
        0.442,
    )


def test_prices_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        price("gpt-4o").input = 0.0


COUNTS = st.integers(0, 400_000)


@given(st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS), st.sampled_from(prices()))
def test_a_bill_is_the_plain_sum_at_one_tier(usage: Usage, price: Price) -> None:
    tiers = [price, *price.long_context]
    tier = max((t for t in tiers if usage.input > getattr(t, "above", -1)), key=lambda t: getattr(t, "above", -1))
    write = tier.cache_write or tier.input
    expected = (
        usage.uncached * tier.input
        + usage.cache_read * (tier.cache_read or tier.input)
        + usage.cache_write * write
        + usage.cache_write_long * (tier.cache_write_long or write)
        + usage.output * tier.output
    ) / MILLION
    assert bill(usage, price).total == pytest.approx(expected)


@given(st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS), st.sampled_from(prices()))
def test_reading_never_costs_more_than_not_caching(usage: Usage, price: Price) -> None:
    plain = Usage(uncached=usage.uncached + usage.cache_read, cache_write=usage.cache_write, output=usage.output)
    read = Usage(usage.uncached, usage.cache_read, usage.cache_write, 0, usage.output)
    assert bill(read, price).total <= bill(plain, price).total * (1 + 1e-12)


def test_bills_equal_what_another_client_worked_out() -> None:
    compared = 0
    for path in shared("pi").rglob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            message = json.loads(line).get("message") or {}
            if message.get("model") == "claude-sonnet-4-5" and "cost" in message.get("usage", {}):
                raw = message["usage"]
                usage = Usage(raw["input"], raw["cacheRead"], raw["cacheWrite"], 0, raw["output"])
                assert bill(usage, price("claude-sonnet-4-5")).total == pytest.approx(raw["cost"]["total"])
                compared += 1
    assert compared > 100
