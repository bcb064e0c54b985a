"""Spans and growing texts in which special tokens stand for themselves or are refused: as counting has them."""

import unicodedata
from contextlib import suppress
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack._native.bpe import BpeEncoding
from ctxpack.tokens import Encoding, TokenCounter, TokenOffsets, encoding
from tests.tokens.checks import cut
from tests.tokens.sentencepiece_models import pair_named as sentencepiece_pair

# Some are beginnings, ends or middles of others.
OVERLAPPING = ["<a>", "<a>b", "<a><", "a>", "><a", "<", "中<", "e\u0338"]
NAMES = ["o200k_harmony", "deepseek_v4", "tekken", "kimi_k2", "qwen", "minimax", "bpe_bytes", "unigram_bytes"]
OWN = ["own", "own normal between", "own normal first"]
SEEDS = st.integers(0, 2**32)


@cache
def named(name: str) -> Encoding:
    if name.startswith("own"):
        specials = {text.encode(): 300 + at for at, text in enumerate(OVERLAPPING)}
        normalize = (lambda text: unicodedata.normalize("NFC", text)) if "normal" in name else None
        rows = bytes(range(256)), b"", [], [], [(0, 0)], []
        return BpeEncoding(name, "gpt2", *rows, specials, normalize, normalizes_first="first" in name)
    return sentencepiece_pair(name).ours if name.endswith("_bytes") else encoding(name)


def texts_of(ours: Encoding) -> st.SearchStrategy[str]:
    specials = OVERLAPPING if ours.name.startswith("own") else sorted(ours.special_tokens)[:6]
    halves = [text[: len(text) // 2] for text in specials] + [text[len(text) // 2 :] for text in specials]
    parts = st.sampled_from([*specials, *specials, *halves, *"<|>[ab x\n中éE\u0338\u0301가\u11a8", "don't", "  "])
    return st.lists(parts, max_size=10).map("".join)


def way_of(ours: Encoding, seed: int) -> str | set[str]:
    chance = Random(seed)
    return chance.choice(["allow", {text for text in ours.special_tokens if chance.random() < 0.5}])


@settings(max_examples=150)
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("name", [*NAMES, *OWN])
def test_every_span(name: str, data: st.DataObject, seed: int) -> None:
    ours = named(name)
    text, special = data.draw(texts_of(ours)), way_of(ours, seed)
    for whole in (text, text.encode()):
        offsets = ours.offsets(whole, special=special)
        spans = [(start, stop) for start in range(len(whole) + 1) for stop in range(start, len(whole) + 1)]
        expected = ours.count_batch([whole[slice(*span)] for span in spans], special=special)
        assert [offsets.count(*span) for span in spans] == expected


@settings(max_examples=300)
@given(data=st.data(), seed=SEEDS, longest=st.sampled_from([1, 3, 40]))
@pytest.mark.parametrize("name", [*NAMES, *OWN])
def test_every_step(name: str, data: st.DataObject, seed: int, longest: int) -> None:
    ours = named(name)
    text, special = data.draw(texts_of(ours)), way_of(ours, seed)
    for whole in (text, text.encode()):
        counter, so_far = ours.counter(special=special), whole[:0]
        for part in cut(whole, seed, longest):
            so_far += part
            copy = counter.copy()
            assert counter.append(part) == copy.append(part) == ours.count(so_far, special=special)
        assert counter.count == counter.copy().count == ours.count(whole, special=special)


def appended(counter: TokenCounter, part: str) -> bool:
    try:
        counter.append(part)
    except ValueError:
        return False
    return True


def is_taken(ours: Encoding, text: str) -> bool:
    try:
        ours.count(text, special="refuse")
    except ValueError:
        return False
    return True


@settings(max_examples=200)
@given(data=st.data(), seed=SEEDS, longest=st.sampled_from([1, 3, 40]))
@pytest.mark.parametrize("name", [*NAMES, *OWN])
def test_what_is_refused_changes_nothing(name: str, data: st.DataObject, seed: int, longest: int) -> None:
    ours = named(name)
    counter, so_far = ours.counter(special="refuse"), ""
    for part in cut(data.draw(texts_of(ours)), seed, longest):
        taken = appended(counter, part)
        assert taken == is_taken(ours, so_far + part)
        so_far += part if taken else ""
        assert counter.count == ours.count(so_far, special="refuse")


class Failing:
    """A split pattern that matches everything, and fails when it is asked for the n-th time."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, text: bytes) -> list[int]:
        self.left -= 1
        if self.left == 0:
            raise ZeroDivisionError
        return [len(text)] if text else []


def test_an_append_that_fails_loses_nothing() -> None:
    parts = ["x<a>yz<a><a>w<", "a", ">b<a"]
    rows = bytes(range(256)), b"", [], [], [(0, 0)], []
    whole = BpeEncoding("own", "external", *rows, {b"<a>": 300}, None, Failing(0)).count(
        "".join(parts), special="allow"
    )
    failed = 0
    for at in range(1, 30):
        split = Failing(at)
        counter = BpeEncoding("own", "external", *rows, {b"<a>": 300}, None, split).counter(special="allow")
        for part in parts:
            with suppress(ZeroDivisionError):
                counter.append(part)
        failed += split.left <= 0
        split.left = 0
        assert counter.append("") == whole
    assert failed > 5


def test_the_ways_to_take_special_tokens() -> None:
    ours = encoding("cl100k_base")
    text = "Hi<|endoftext|> there"
    plain, allowed = ours.count(text), ours.count(text, special="allow")
    assert plain > allowed
    assert ours.offsets(text).total == TokenOffsets(ours, text).total == ours.counter().append(text) == plain
    assert ours.offsets(text, special="allow").total == allowed
    assert TokenCounter(ours, special=iter(["<|endoftext|>"])).append(text) == allowed
    offsets = TokenOffsets(ours, text, special=iter(["<|endoftext|>"]))
    assert (offsets.total, offsets.count(4)) == (allowed, ours.count(text[4:]))
    counter = ours.counter(special="refuse")
    counter.append("Hi<|endof")
    message = r"the text has the special token '<\|endoftext\|>', which is refused"
    with pytest.raises(ValueError, match=message):
        counter.append("text|>")
    with pytest.raises(ValueError, match=message):
        ours.offsets(text, special="refuse")
    assert counter.append("course") == ours.count("Hi<|endofcourse")
    for wrong in (None, "all", 5):
        for make in (ours.counter, lambda special: ours.offsets("", special=special)):
            with pytest.raises(ValueError, match=r'special must be "text", "allow", "refuse" or a set'):
                make(special=wrong)
    with pytest.raises(ValueError, match="'<no>' is no special token of cl100k_base"):
        ours.counter(special={"<no>"})
