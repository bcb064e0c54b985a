"""Automatic caches: prefixes (OpenAI before GPT-5.6, Ark) and boundaries (GPT-5.6 and later)."""

from typing import Any

import pytest

from ctxpack.caching import cache_model, forecast
from ctxpack.caching.entries import LIMIT, Entries
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import Usage, cache_rules, price

LONG = "word " * 1500


def prompt(model: str, *texts: str, **more: Any) -> Fingerprint:
    messages = [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(texts)]
    return fingerprint(Prompt.parse({"model": model, "messages": messages} | more))


def test_prefixes_are_read_in_steps_of_128() -> None:
    model = cache_model(cache_rules("gpt-4o"))
    model.observe(prompt("gpt-4o", LONG), 0)
    later = prompt("gpt-4o", LONG, "yes", "more")
    read = later.positions[0].tokens // 128 * 128
    predicted = model.predict(later, 1)
    assert predicted.usage == Usage(uncached=later.tokens - read, cache_read=read)
    assert predicted.missed == Usage(uncached=later.tokens)
    assert predicted.probability == pytest.approx(13 / 18)


@pytest.mark.parametrize(
    ("model", "asked", "seconds"),
    [
        ("gpt-5.1", {}, 300),
        ("gpt-5.1", {"prompt_cache_retention": None}, 300),
        ("gpt-5.1", {"prompt_cache_retention": "in_memory"}, 300),
        ("gpt-5.1", {"prompt_cache_retention": "24h"}, 1800),
        ("gpt-5.5", {}, 1800),
        ("gpt-4o", {"prompt_cache_retention": "24h"}, 300),
    ],
)
def test_an_entry_lives_as_long_as_is_usual_for_what_was_asked(model: str, asked: dict[str, Any], seconds: int) -> None:
    cache, sent = cache_model(cache_rules(model)), prompt(model, "word " * 2500, **asked)
    cache.observe(sent, 0)
    assert cache.predict(sent, seconds).usage.cache_read > 0
    assert cache.predict(sent, seconds + 1).usage.cache_read == 0


def test_short_prefixes_are_not_cached() -> None:
    model = cache_model(cache_rules("gpt-4o"))
    model.observe(prompt("gpt-4o", "word " * 900), 0)
    assert model.predict(prompt("gpt-4o", "word " * 900, "yes", "more"), 1).usage.cache_read == 0


def test_a_cold_cache_is_certain() -> None:
    assert cache_model(cache_rules("gpt-4o")).predict(prompt("gpt-4o", LONG), 0).probability == 1.0


def test_a_chance_that_nobody_measured_is_unknown() -> None:
    model = cache_model(cache_rules("doubao-seed-2.1-pro"))
    model.observe(prompt("doubao-seed-2.1-pro", LONG), 0)
    later = prompt("doubao-seed-2.1-pro", LONG, "yes", "more")
    found = forecast(later, model, price("doubao-seed-2.1-pro"), 1)
    assert found.usage.cache_read > 0
    assert found.probability is None
    assert (found.expected, found.currency) == (found.without_cache, "CNY")


def test_boundaries_are_message_endings() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    first = prompt("gpt-5.6-sol", LONG)
    assert model.predict(first, 0).usage == Usage(2, 0, first.positions[0].tokens)
    model.observe(first, 0)
    later = prompt("gpt-5.6-sol", LONG, "yes", "more")
    held = later.positions[0].tokens
    assert model.predict(later, 1).usage == Usage(2, held, later.positions[2].tokens - held)


def test_growing_the_last_message_in_place_loses_the_boundary() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(prompt("gpt-5.6-sol", LONG), 0)
    assert model.predict(prompt("gpt-5.6-sol", LONG + "more"), 1).usage.cache_read == 0


def test_explicit_mode_without_a_marker_caches_nothing() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    explicit = prompt("gpt-5.6-sol", LONG, prompt_cache_options={"mode": "explicit"})
    model.observe(explicit, 0)
    assert model.predict(explicit, 1).usage == Usage(uncached=explicit.tokens)


def test_explicit_markers_are_written_and_read() -> None:
    parts = [
        {"type": "text", "text": LONG, "prompt_cache_breakpoint": {"mode": "explicit"}},
        {"type": "text", "text": "question"},
    ]
    body = {"model": "gpt-5.6-sol", "prompt_cache_options": {"mode": "explicit"}}
    model = cache_model(cache_rules("gpt-5.6-sol"))
    one = fingerprint(Prompt.parse(body | {"messages": [{"role": "user", "content": parts}]}))
    model.observe(one, 0)
    parts[1]["text"] = "another"
    two = fingerprint(Prompt.parse(body | {"messages": [{"role": "user", "content": parts}]}))
    assert model.predict(two, 1).usage == Usage(two.tokens - two.positions[0].tokens, two.positions[0].tokens)


def test_an_entry_that_expired_is_not_revived_by_a_lookup() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    texts = (LONG, "yes", "more")
    model.observe(prompt("gpt-5.6-sol", *texts[:1]), 0)
    model.observe(prompt("gpt-5.6-sol", *texts), 1801)
    assert model.predict(prompt("gpt-5.6-sol", LONG), 1802).usage.cache_read == 0


@pytest.mark.parametrize(("marked", "reads"), [(1, True), (2, True), (3, False), (5, False)])
def test_a_request_writes_at_most_four_entries(marked: int, reads: bool) -> None:
    def said(count: int, *last: dict[str, Any]) -> Fingerprint:
        part = {"type": "text", "text": "go on", "prompt_cache_breakpoint": {"mode": "explicit"}}
        turns = [{"role": "user", "content": [part]}, {"role": "assistant", "content": "yes"}] * count
        messages = [{"role": "developer", "content": LONG}, *turns, *last]
        return fingerprint(Prompt.parse({"model": "gpt-5.6-sol", "messages": messages}))

    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(said(marked, {"role": "user", "content": "now"}), 0)
    other = said(0, {"role": "user", "content": "something else"})
    assert (model.predict(other, 1).usage.cache_read > 0) is reads


def test_many_long_conversations_are_remembered() -> None:
    model = cache_model(cache_rules("gpt-4.1"))
    turns = ["word " * 10] * 400
    sent = [prompt("gpt-4.1", f"conversation {number}", *turns) for number in range(25)]
    for one in sent:
        model.observe(one, 0)
    assert all(model.predict(one, 10).usage.cache_read for one in sent)


def test_a_forecast_by_hand() -> None:
    model = cache_model(cache_rules("claude-opus-4-6"))
    messages = [{"role": "user", "content": "word " * 5000}]
    body = {"model": "claude-opus-4-6", "max_tokens": 1, "cache_control": {"type": "ephemeral"}, "messages": messages}
    found = forecast(fingerprint(Prompt.parse(body)), model, price("claude-opus-4-6"), 0)
    assert found.expected == pytest.approx((found.usage.cache_write * 6.25 + found.usage.uncached * 5) / 1e6)
    assert found.without_cache == pytest.approx(found.usage.input * 5 / 1e6)
    assert (found.money, found.exactness, found.currency) == ("forecast", "estimate", "USD")


def test_entries_are_bounded() -> None:
    entries = Entries()
    for number in range(LIMIT + 5):
        entries.write(number.to_bytes(4, "big"), 0, None)
    assert not entries.holds((0).to_bytes(4, "big"), 0)
    assert entries.holds((LIMIT + 4).to_bytes(4, "big"), 1e12)
    assert len(entries._entries) == LIMIT
