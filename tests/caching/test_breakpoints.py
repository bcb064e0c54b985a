"""Anthropic's breakpoints, against a slow twin of the rule and by hand."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack.caching import cache_model
from ctxpack.prefix import Breakpoint, Fingerprint, Position, fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import CacheRules, Usage, cache_rules
from tests.reference.anthropic_cache import Mark, ReferenceCache, Request

RULES = CacheRules(
    "anthropic", "breakpoints", 40, 1, 4, 3, 300, 3600, False, None, "test", "2026-11-23", collapse_runs=True
)


class _Block:
    def __init__(self, kind: str) -> None:
        self.kind = kind


class _Prompt:
    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.blocks = [_Block(kind) for kind in kinds]


def printed(request: Request) -> Fingerprint:
    """A fingerprint with the request's own keys as hashes."""
    positions = tuple(
        Position("|".join(request.keys[: n + 1]).encode(), sum(request.tokens[: n + 1]))
        for n in range(len(request.keys))
    )
    marks = tuple(Breakpoint(mark.block, "1h" if mark.long else "5m") for mark in request.marks)
    prompt: Any = _Prompt(request.kinds)
    counter: Any = None
    return Fingerprint(prompt, positions, marks, positions[-1].tokens, counter)


KINDS = st.sampled_from(["text", "tool_use", "tool_result"])


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, float]:
    """A request over few distinct blocks, so that prefixes recur, and the seconds since the one before."""
    size = draw(st.integers(1, 10))
    keys = tuple(draw(st.just("abaabbabba"[:size]) | st.lists(st.sampled_from("ab"), min_size=size, max_size=size)))
    kinds = tuple({"a": "text", "b": draw(KINDS)}[key] for key in keys)
    tokens = tuple({"a": 7, "b": 31}[key] for key in keys)
    places = sorted(draw(st.sets(st.integers(0, size - 1), max_size=4)))
    longs = draw(st.integers(0, len(places)))
    marks = tuple(Mark(place, number < longs) for number, place in enumerate(places))
    return Request(keys, kinds, tokens, marks), draw(st.sampled_from([1.0, 200.0, 301.0, 4000.0]))


@settings(max_examples=300)
@given(st.lists(requests(), min_size=1, max_size=12))
def test_usage_equals_the_slow_twins(sent: list[tuple[Request, float]]) -> None:
    model, twin, now = cache_model(RULES), ReferenceCache(RULES.minimum, RULES.lookback, 300, 3600), 0.0
    for request, gap in sent:
        now += gap
        prompt = printed(request)
        usage = model.predict(prompt, now).usage
        assert model.predict(prompt, now).usage == usage, "predicting changes nothing"
        model.observe(prompt, now)
        uncached, read, short, long = twin.send(request, now)
        assert usage == Usage(uncached, read, short, long)


def body(*texts: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(texts)]
    return {
        "model": "claude-opus-5",
        "max_tokens": 1,
        "messages": messages,
        "cache_control": {"type": "ephemeral"},
    } | more


def test_a_write_is_read_until_it_expires() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    first = fingerprint(Prompt.parse(body("word " * 700)))
    second = fingerprint(Prompt.parse(body("word " * 700, "yes", "more")))
    assert model.predict(first, 0).usage == Usage(3, 0, first.positions[-1].tokens)
    model.observe(first, 0)
    written = first.positions[-1].tokens
    assert model.predict(second, 300).usage == Usage(3, written, second.positions[-1].tokens - written)
    assert model.predict(second, 301).usage.cache_read == 0


def test_an_entry_that_is_read_keeps_the_lifetime_it_was_written_with() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    long, short = (
        fingerprint(Prompt.parse(body("word " * 700, cache_control={"type": "ephemeral", "ttl": ttl})))
        for ttl in ("1h", "5m")
    )
    model.observe(long, 0)
    model.observe(short, 60)
    assert model.predict(short, 3660).usage.cache_read == long.positions[-1].tokens
    assert model.predict(short, 3661).usage.cache_read == 0


def test_nothing_is_cached_below_the_minimum() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    short = fingerprint(Prompt.parse(body("word " * 300)))
    model.observe(short, 0)
    assert model.predict(short, 1).usage == Usage(uncached=short.tokens)


def test_a_prefix_as_long_as_the_minimum_is_cached() -> None:
    sent = fingerprint(Prompt.parse(body("word " * 50)))
    size = sent.positions[-1].tokens
    for minimum, written in ((size, size), (size + 1, 0)):
        model = cache_model(replace(cache_rules("claude-opus-5"), minimum=minimum))
        assert model.predict(sent, 0).usage.cache_write == written


def test_without_markers_nothing_is_cached() -> None:
    model = cache_model(cache_rules("claude-opus-5"))
    plain = fingerprint(Prompt.parse(body("word " * 700, cache_control=None)))
    model.observe(plain, 0)
    assert model.predict(plain, 1).usage == Usage(uncached=plain.tokens)
