"""Caches that end at the boundaries of messages (GPT-5.6 and later)."""

from dataclasses import replace
from typing import Any

import pytest

from ctxpack.caching import cache_model
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import Usage, cache_rules
from tests.caching.chats import LONG, prompt


def test_boundaries_are_message_endings() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    first = prompt("gpt-5.6-sol", LONG)
    assert model.predict(first, 0).usage == Usage(2, 0, first.positions[0].tokens)
    model.observe(first, 0)
    later = prompt("gpt-5.6-sol", LONG, "yes", "more")
    held = later.positions[0].tokens
    assert model.predict(later, 1).usage == Usage(2, held, later.positions[2].tokens - held)


def test_a_request_for_the_longer_lifetime_writes_nothing_else() -> None:
    model, options = cache_model(cache_rules("gpt-5.6-sol")), {"prompt_cache_options": {"ttl": "12h"}}
    sent = prompt("gpt-5.6-sol", LONG, **options)
    assert model.predict(sent, 0).usage == Usage(uncached=2, cache_write_long=sent.positions[0].tokens)
    model.observe(sent, 0)
    assert model.predict(sent, 43_200).usage.cache_read > 0
    assert model.predict(sent, 43_201).usage.cache_read == 0


def test_what_is_as_long_as_the_minimum_is_cached() -> None:
    sent = prompt("gpt-5.6-sol", "word " * 50)
    size = sent.positions[0].tokens
    for minimum, written in ((size, size), (size + 1, 0)):
        model = cache_model(replace(cache_rules("gpt-5.6-sol"), minimum=minimum))
        assert model.predict(sent, 0).usage.cache_write == written


def test_growing_the_last_message_in_place_loses_the_boundary() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(prompt("gpt-5.6-sol", LONG), 0)
    assert model.predict(prompt("gpt-5.6-sol", LONG + "more"), 1).usage.cache_read == 0


def test_explicit_mode_without_a_marker_caches_nothing() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    explicit = prompt("gpt-5.6-sol", LONG, prompt_cache_options={"mode": "explicit"})
    model.observe(explicit, 0)
    assert model.predict(explicit, 1).usage == Usage(uncached=explicit.tokens)


def test_explicit_mode_looks_for_no_ending_that_was_written_without_a_marker() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(prompt("gpt-5.6-sol", LONG), 0)
    explicit = prompt("gpt-5.6-sol", LONG, prompt_cache_options={"mode": "explicit"})
    assert model.predict(explicit, 1).usage == Usage(uncached=explicit.tokens)
    assert model.predict(prompt("gpt-5.6-sol", LONG), 1).usage.cache_read


@pytest.mark.parametrize("marker", [{}, {"cache_control": {"type": "ephemeral", "ttl": "12h"}}])
def test_no_boundary_stands_behind_the_tools(marker: dict[str, Any]) -> None:
    tools = [{"type": "function", "function": {"name": "f", "description": LONG, "parameters": {}}} | marker]
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(prompt("gpt-5.6-sol", "a", tools=tools), 0)
    assert model.predict(prompt("gpt-5.6-sol", "a", tools=tools), 1).usage.cache_read
    other = prompt("gpt-5.6-sol", "b", tools=tools)
    assert not model.predict(other, 1).usage.cache_read
    assert not model.is_long(other)


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


def test_an_ending_that_is_read_lives_on() -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(prompt("gpt-5.6-sol", LONG), 0)
    model.observe(prompt("gpt-5.6-sol", LONG, "yes", "more"), 1000)
    other = prompt("gpt-5.6-sol", LONG, "no", "else")
    assert model.predict(other, 2800).usage.cache_read == other.positions[0].tokens
    assert model.predict(other, 2801).usage.cache_read == 0


@pytest.mark.parametrize(("turns", "reads"), [(20, True), (21, False)])
def test_the_latest_and_twenty_endings_in_front_of_it_are_looked_up(turns: int, reads: bool) -> None:
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(prompt("gpt-5.6-sol", LONG), 0)
    later = prompt("gpt-5.6-sol", LONG, *["yes", "more"] * turns)
    assert (model.predict(later, 1).usage.cache_read > 0) is reads


def test_only_the_last_of_consecutive_tool_responses_is_a_boundary() -> None:
    def answered(count: int) -> Fingerprint:
        results = [{"role": "tool", "tool_call_id": str(number), "content": "x"} for number in range(count)]
        messages = [{"role": "user", "content": LONG}, {"role": "assistant", "content": "look"}, *results]
        return fingerprint(Prompt.parse({"model": "gpt-5.6-sol", "messages": messages}))

    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(answered(1), 0)
    assert model.predict(answered(1), 1).usage.cache_read
    assert model.predict(answered(2), 1).usage.cache_read == 0


@pytest.mark.parametrize(("less", "reads"), [(0, True), (1, False)])
def test_a_prompt_of_just_the_minimum_is_cached(less: int, reads: bool) -> None:
    sent = prompt("gpt-5.6-sol", LONG)
    model = cache_model(replace(cache_rules("gpt-5.6-sol"), minimum=sent.positions[0].tokens + less))
    model.observe(sent, 0)
    assert bool(model.predict(sent, 1).usage.cache_read) is reads


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
    latest = said(marked, {"role": "user", "content": "something else"})
    assert model.predict(latest, 1).usage.cache_read == latest.positions[2 * marked - 1].tokens


def explicit(marked: int) -> Fingerprint:
    """A long text without a marker, and short ones with markers behind it."""
    parts = [{"type": "text", "text": str(n), "prompt_cache_breakpoint": {"mode": "explicit"}} for n in range(marked)]
    content = [{"type": "text", "text": LONG}, *parts]
    body = {"model": "gpt-5.6-sol", "messages": [{"role": "user", "content": content}]}
    return fingerprint(Prompt.parse(body | {"prompt_cache_options": {"mode": "explicit"}}))


@pytest.mark.parametrize(("earlier", "later", "read"), [(2, 60, 2), (10, 59, 10), (10, 60, 0), (3, 60, 2)])
def test_the_first_two_and_the_latest_fifty_markers_are_looked_up(earlier: int, later: int, read: int) -> None:
    """Of `later` markers; `earlier` ones were sent before; `read`: parts with a marker that are read."""
    model = cache_model(cache_rules("gpt-5.6-sol"))
    model.observe(explicit(earlier), 0)
    found = explicit(later)
    assert model.predict(found, 1).usage.cache_read == (found.positions[read].tokens if read else 0)
