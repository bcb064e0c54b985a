"""Forecasts: what a request is expected to cost, and how likely that is."""

import pytest

from ctxpack.caching import cache_model, forecast
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import cache_rules, price
from tests.caching.chats import LONG, prompt


def test_a_chance_that_nobody_measured_is_unknown() -> None:
    model = cache_model(cache_rules("doubao-seed-2.1-pro"))
    model.observe(prompt("doubao-seed-2.1-pro", LONG), 0)
    later = prompt("doubao-seed-2.1-pro", LONG, "yes", "more")
    found = forecast(later, model, price("doubao-seed-2.1-pro"), 1)
    assert found.usage.cache_read > 0
    assert found.probability is None
    assert (found.expected, found.currency) == (found.without_cache, "CNY")


def test_a_forecast_by_hand() -> None:
    model = cache_model(cache_rules("claude-opus-4-6"))
    messages = [{"role": "user", "content": "word " * 5000}]
    body = {"model": "claude-opus-4-6", "max_tokens": 1, "cache_control": {"type": "ephemeral"}, "messages": messages}
    found = forecast(fingerprint(Prompt.parse(body)), model, price("claude-opus-4-6"), 0)
    assert found.expected == pytest.approx((found.usage.cache_write * 6.25 + found.usage.uncached * 5) / 1e6)
    assert found.without_cache == pytest.approx(found.usage.input * 5 / 1e6)
    assert (found.money, found.exactness, found.currency) == ("forecast", "estimate", "USD")
