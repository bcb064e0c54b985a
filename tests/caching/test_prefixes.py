"""Automatic caches of prefixes (OpenAI before GPT-5.6)."""

from dataclasses import replace
from typing import Any

import pytest

from ctxpack.caching import cache_model
from ctxpack.providers import Usage, cache_rules
from tests.caching.chats import LONG, prompt


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


@pytest.mark.parametrize(("less", "reads"), [(0, True), (1, False)])
def test_a_prefix_of_just_the_minimum_is_cached(less: int, reads: bool) -> None:
    sent = prompt("gpt-4o", LONG)
    model = cache_model(replace(cache_rules("gpt-4o"), minimum=sent.positions[0].tokens + less))
    model.observe(sent, 0)
    assert bool(model.predict(sent, 1).usage.cache_read) is reads


def test_a_cold_cache_is_certain() -> None:
    assert cache_model(cache_rules("gpt-4o")).predict(prompt("gpt-4o", LONG), 0).probability == 1.0


def test_many_long_conversations_are_remembered() -> None:
    model = cache_model(cache_rules("gpt-4.1"))
    turns = ["word " * 10] * 400
    sent = [prompt("gpt-4.1", f"conversation {number}", *turns) for number in range(25)]
    for one in sent:
        model.observe(one, 0)
    assert all(model.predict(one, 10).usage.cache_read for one in sent)
