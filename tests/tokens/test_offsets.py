"""Counts of spans: always what counting the span alone gives."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, TokenOffsets, encoding
from tests.tokens.pairs import KINDS, Pair
from tests.tokens.texts import TEXTS, TRICKY, spans


@settings(max_examples=500)
@given(span=spans(TEXTS))
@pytest.mark.parametrize("name", KINDS)
def test_a_span_counts_as_it_does_alone(name: str, span: tuple[str, int, int]) -> None:
    ours, (text, start, stop) = encoding(name), span
    assert ours.offsets(text).count(start, stop) == ours.count(text[start:stop])


@pytest.mark.parametrize("name", KINDS)
@given(text=TRICKY.map(lambda text: (text * 6)[:60]))
@settings(max_examples=30)
def test_every_span(name: str, text: str) -> None:
    ours = encoding(name)
    offsets = ours.offsets(text)
    spans = [(start, stop) for start in range(len(text) + 1) for stop in range(start, len(text) + 1)]
    assert [offsets.count(*span) for span in spans] == ours.count_batch([text[slice(*span)] for span in spans])


@settings(max_examples=300)
@given(span=spans(st.one_of(TEXTS.map(str.encode), st.binary())))
@pytest.mark.parametrize("name", KINDS)
def test_spans_of_bytes(name: str, span: tuple[bytes, int, int]) -> None:
    ours, (data, start, stop) = encoding(name), span
    for text in (data, bytearray(data), memoryview(data)):
        assert ours.offsets(text).count(start, stop) == ours.count(text[start:stop])


@given(span=spans(st.text(st.sampled_from(["a", " ", "\ud83d", "\udc4d", "中"]), max_size=80)))
def test_spans_of_lone_surrogates(o200k: Encoding, span: tuple[str, int, int]) -> None:
    text, start, stop = span
    assert o200k.offsets(text).count(start, stop) == o200k.count(text[start:stop])


def test_a_cut_may_join_what_no_pattern_matches() -> None:
    """DeepSeek's takes one joiner with a letter behind it; two that nothing follows are one token."""
    ours, text = encoding("deepseek_v3"), "hello " * 10 + "\u200d\u200db"
    assert ours.offsets(text).count(0, 62) == ours.count(text[:62]) == ours.count(text[:61])


def test_spans_of_long_texts(pair: Pair) -> None:
    text = "".join(f"line {i}: größe\t{'=' * (i % 50)} don't 你好\n\n  " for i in range(3000))
    offsets = pair.ours.offsets(text)
    assert offsets.total == pair.ours.count(text)
    for start, stop in [(0, len(text)), (17, 90_017), (40_000, 40_033), (1, 2), (5, 5), (9, 3)]:
        assert offsets.count(start, stop) == pair.ours.count(text[start:stop])
        assert offsets.count(start) == pair.ours.count(text[start:])


def test_defaults_are_the_whole_text(o200k: Encoding) -> None:
    offsets = o200k.offsets("hello world")
    assert isinstance(offsets, TokenOffsets)
    assert offsets.count() == offsets.total == 2
    assert offsets.count(stop=5) == offsets.count(-5) == offsets.count(0, -6) == 1
    assert o200k.offsets("").total == 0
    assert repr(o200k.offsets("中")) == "<TokenOffsets of 1 characters>"
    assert repr(o200k.offsets(b"12")) == "<TokenOffsets of 2 bytes>"


def test_the_text_may_change_or_go_away(o200k: Encoding) -> None:
    data = bytearray(b"some words in a buffer " * 40)
    offsets, expected = o200k.offsets(data), o200k.count(data[7:400])
    data.clear()
    assert offsets.count(7, 400) == expected


@pytest.mark.parametrize("wrong", [None, 1, ["a"]])
def test_other_types_are_refused(o200k: Encoding, wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str, bytes, bytearray or memoryview, not"):
        o200k.offsets(wrong)
    with pytest.raises(TypeError):
        o200k.offsets("a").count("0")


def test_copies_are_the_same(o200k: Encoding) -> None:
    offsets = o200k.offsets("a b")
    assert copy.copy(offsets) is copy.deepcopy(offsets) is offsets
