"""Forecasts: what a request is expected to cost, and how likely that is."""

import pytest

from ctxpack.caching import Prediction, cache_model, forecast
from ctxpack.caching.outlay import Outlay
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import Price, Usage, cache_rules, price
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


def test_money_falls_on_what_is_read_then_written_long_then_short() -> None:
    usage, missed = Usage(10, 400, 20, 30), Usage(uncached=460)
    own = Price(input=10.0, cache_read=1.0, cache_write=12.5, cache_write_long=20.0, output=0.0)
    outlay = Outlay(Prediction(usage, missed, 0.75), own)
    ends = ((0, 0), (400, 400), (430, 1000), (450, 1250), (460, 1350))
    for tokens, hit in ends:
        assert outlay.until(tokens) == pytest.approx((0.75 * hit + 0.25 * tokens * 10) / 1e6)
    assert outlay.expected == outlay.until(460) == outlay.until(1000)
    unknown = Outlay(Prediction(usage, missed, None), own)
    assert unknown.until(400) == pytest.approx(400 * 10 / 1e6)
