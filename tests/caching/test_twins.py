"""Cache models on real bodies, against slow twins of the published rules."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack.caching import cache_model
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Usage, cache_rules
from tests.reference.anthropic_cache import Mark, ReferenceCache, Request
from tests.reference.openai_cache import AutomaticPrefix, Boundaries, Message

CHAT = BlockCounter("gpt-4o", "openai.chat")
NEW = BlockCounter("gpt-5.6-sol", "openai.chat")
CLAUDE = BlockCounter("claude-opus-5", "anthropic.messages")
GAPS = st.sampled_from([0.0, 30.0, 299.0, 301.0, 3000.0, 4000.0])
LENGTHS = {"a": "x " * 300, "b": "y " * 900, "c": "z", "d": "w " * 1100}

MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["system", "user", "assistant", "tool"]), st.sampled_from(sorted(LENGTHS)), st.booleans()
    ),
    min_size=1,
    max_size=6,
)


def continued(drawn: list[tuple[list[Any], int, float, bool]]) -> list[tuple[list[Any], float, bool]]:
    """Requests that begin with some messages of the one before, as those of a conversation do."""
    found, before = [], list[Any]()
    for said, kept, gap, explicit in drawn:
        before = [*before[:kept], *said]
        found.append((before, gap, explicit))
    return found


SENT = st.lists(st.tuples(MESSAGES, st.integers(0, 6), GAPS, st.booleans()), min_size=1, max_size=5).map(continued)


def chat(said: list[tuple[str, str, bool]], **more: Any) -> dict[str, Any]:
    return more | {"messages": [message(*one) for one in said]}


def message(role: str, key: str, marked: bool) -> dict[str, Any]:
    marker = {"prompt_cache_breakpoint": {"mode": "explicit"}} if marked else {}
    part = {"type": "text", "text": LENGTHS[key]} | marker
    return {"role": role, "content": [part]} | ({"tool_call_id": "t"} if role == "tool" else {})


def twins(said: list[tuple[str, str, bool]], printed: Fingerprint) -> list[Message]:
    ends = [0, *(position.tokens for position in printed.positions)]
    return [Message(role, key, ends[n + 1] - ends[n], mark) for n, (role, key, mark) in enumerate(said)]


@settings(max_examples=150)
@given(SENT, st.sampled_from([None, 2048]))
def test_automatic_prefixes_equal_the_twin(sent: list[Any], spacing: int | None) -> None:
    rules = replace(cache_rules("gpt-4o"), spacing=spacing)
    model, twin, now = cache_model(rules), AutomaticPrefix(rules.ttl, spacing=spacing or 1), 0.0
    for said, gap, _ in sent:
        now += gap
        printed = fingerprint(Prompt.parse(chat(said, model="gpt-4o")), CHAT)
        usage = model.predict(printed, now).usage
        read = twin.send(twins(said, printed), now)
        assert usage == Usage(uncached=printed.tokens - read, cache_read=read)
        assert read % 128 == 0
        model.observe(printed, now)


@settings(max_examples=150)
@given(SENT)
def test_boundaries_equal_the_twin(sent: list[Any]) -> None:
    model, twin, now = cache_model(cache_rules("gpt-5.6-sol")), Boundaries(), 0.0
    for said, gap, explicit in sent:
        now += gap
        options = {"prompt_cache_options": {"mode": "explicit"}} if explicit else {}
        printed = fingerprint(Prompt.parse(chat(said, model="gpt-5.6-sol", **options)), NEW)
        usage = model.predict(printed, now).usage
        read, written = twin.send(twins(said, printed), now, explicit)
        assert usage == Usage(printed.tokens - read - written, read, written)
        model.observe(printed, now)


@st.composite
def claude(draw: st.DrawFn) -> dict[str, Any]:
    """A body of one message with many parts, often the first of a row, some of them marked, 1h markers first."""
    row = st.integers(1, 7).map(lambda size: list("acabcab"[:size]))
    keys = draw(row | st.lists(st.sampled_from("abc"), min_size=1, max_size=7))
    parts = [part(key, number) for number, key in enumerate(keys)]
    places = sorted(draw(st.sets(st.integers(0, len(parts) - 1), max_size=3)))
    longs = draw(st.integers(0, len(places)))
    for order, place in enumerate(places):
        parts[place]["cache_control"] = {"type": "ephemeral"} | ({"ttl": "1h"} if order < longs else {})
    body = {"model": "claude-opus-5", "max_tokens": 1, "messages": [{"role": "user", "content": parts}]}
    return body | ({"cache_control": {"type": "ephemeral"}} if draw(st.booleans()) else {})


def part(key: str, number: int) -> dict[str, Any]:
    if key == "b":
        return {"type": "tool_result", "tool_use_id": f"t{number}", "content": LENGTHS["a"]}
    return {"type": "text", "text": LENGTHS[key]}


def request(printed: Fingerprint) -> Request:
    """The same request for the twin, read off the body with no help from the fingerprint's hashes."""
    ends = [0, *(position.tokens for position in printed.positions)]
    blocks = printed.prompt.blocks
    marks = {n: block.breakpoint == "1h" for n, block in enumerate(blocks) if block.breakpoint is not None}
    if "cache_control" in printed.prompt.settings:
        marks.setdefault(len(blocks) - 1, False)
    return Request(
        tuple(f"{block.kind} {block.text} {block.call_id}" for block in blocks),
        tuple(block.kind for block in blocks),
        tuple(ends[n + 1] - ends[n] for n in range(len(blocks))),
        tuple(Mark(block, is_long) for block, is_long in sorted(marks.items())),
    )


@settings(max_examples=150)
@given(st.lists(st.tuples(claude(), GAPS), min_size=1, max_size=6), st.integers(1, 4))
def test_breakpoints_of_real_bodies_equal_the_twin(sent: list[Any], lookback: int) -> None:
    rules = replace(cache_rules("claude-opus-5"), lookback=lookback)
    model, twin, now = cache_model(rules), ReferenceCache(rules.minimum, lookback, 300, 3600), 0.0
    for body, gap in sent:
        now += gap
        printed = fingerprint(Prompt.parse(body), CLAUDE)
        usage = model.predict(printed, now).usage
        uncached, read, short, long = twin.send(request(printed), now)
        assert usage == Usage(uncached + CLAUDE.primer, read, short, long)
        model.observe(printed, now)


def texts(count: int, marks: dict[int, str], kind: str = "text") -> Fingerprint:
    """One long part and then `count` short ones; `marks`: place -> TTL."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": "word " * 900}]
    for number in range(count):
        short = {"type": "tool_result", "tool_use_id": f"t{number}", "content": "x"}
        parts.append(short if kind == "tool_result" else {"type": "text", "text": f"t{number}"})
    for place, ttl in marks.items():
        parts[place]["cache_control"] = {"type": "ephemeral", "ttl": ttl}
    body = {"model": "claude-opus-5", "max_tokens": 1, "messages": [{"role": "user", "content": parts}]}
    return fingerprint(Prompt.parse(body), CLAUDE)


@pytest.mark.parametrize(
    ("behind", "kind", "reads"),
    [(19, "text", True), (20, "text", False), (20, "tool_result", True), (200, "tool_result", True)],
)
def test_the_window_is_twenty_positions_and_a_run_of_results_is_one(behind: int, kind: str, reads: bool) -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    first = texts(0, {0: "5m"})
    model.observe(first, 0)
    later = texts(behind, {behind: "5m"}, kind)
    held = first.positions[0].tokens if reads else 0
    assert model.predict(later, 1).usage.cache_read == held
    assert model.predict(texts(behind, {0: "5m", behind: "5m"}, kind), 1).usage.cache_read == first.positions[0].tokens


def test_where_runs_are_not_collapsed_each_result_is_a_position() -> None:
    model = cache_model(replace(cache_rules("claude-opus-5"), collapse_runs=False))
    model.observe(texts(0, {0: "5m"}), 0)
    reads = [model.predict(texts(n, {n: "5m"}, "tool_result"), 1).usage.cache_read > 0 for n in (19, 20)]
    assert reads == [True, False]


def test_an_entry_that_is_found_behind_the_marker_lives_on() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    first = texts(0, {0: "5m"})
    model.observe(first, 0)
    model.observe(texts(3, {3: "5m"}), 200)
    assert model.predict(first, 500).usage.cache_read == first.positions[0].tokens
    assert model.predict(first, 501).usage.cache_read == 0


def test_mixed_lifetimes_are_billed_by_a_b_and_c() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    a = texts(0, {0: "1h"})
    model.observe(a, 0)
    prompt = texts(6, {0: "1h", 2: "1h", 5: "5m"})
    at = [position.tokens for position in prompt.positions]
    expected = Usage(prompt.tokens - at[5], at[0], at[5] - at[2], at[2] - at[0])
    assert model.predict(prompt, 3600).usage == expected
    assert model.predict(prompt, 3601).usage == Usage(prompt.tokens - at[5], 0, at[5] - at[2], at[2])


def test_a_read_restarts_the_clock_and_a_forecast_does_not() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    prompt = texts(0, {0: "5m"})
    model.observe(prompt, 0)
    assert model.predict(prompt, 250).usage.cache_read > 0
    assert model.predict(prompt, 301).usage.cache_read == 0
    model.observe(prompt, 250)
    assert model.predict(prompt, 550).usage.cache_read > 0
    assert model.predict(prompt, 551).usage.cache_read == 0
