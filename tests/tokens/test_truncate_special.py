"""Texts cut to a number of tokens where special tokens stand for themselves: each is kept whole or left out."""

import re
import unicodedata
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, encoding
from tests.tokens.sentencepiece_models import ALL
from tests.tokens.sentencepiece_models import pair_named as sentencepiece_pair

NAMES = ["o200k_harmony", "cl100k_base", "deepseek_v4", "tekken", "kimi_k2"]
NFC = ["qwen", "qwen3.5", "minimax"]
LIMITS = st.integers(0, 12)


def texts_of(ours: Encoding) -> st.SearchStrategy[str]:
    specials = sorted(ours.special_tokens)[:6]
    parts = st.sampled_from([*specials, *"<|>[] x\n中é", "don't", "  ", "<|", "abc def", specials[0][:-1]])
    return st.lists(parts, max_size=12).map("".join)


def units_of(ours: Encoding, text: str) -> list[str]:
    """The parts of which each is kept whole: special tokens, the longest at each place, and characters."""
    specials = sorted(ours.special_tokens, key=len, reverse=True)
    return re.findall("|".join([*map(re.escape, specials), "."]), text, re.DOTALL)


def heads_of(ours: Encoding, text: str) -> list[str]:
    return ["", *accumulate(units_of(ours, text))]


def tails_of(ours: Encoding, text: str) -> list[str]:
    return ["", *accumulate(reversed(units_of(ours, text)), lambda tail, unit: unit + tail)]


def assert_cut(ours: Encoding, parts: list[str], kept: str, n: int) -> None:
    """It is one of the parts, of growing length, and the next would be too much."""
    assert ours.count(kept, special="allow") <= n
    assert kept in parts
    after = parts[parts.index(kept) + 1 :]
    assert not after or ours.count(after[0], special="allow") > n


@settings(max_examples=150)
@given(data=st.data(), n=LIMITS)
@pytest.mark.parametrize("name", NAMES)
def test_special_tokens_are_kept_whole(name: str, data: st.DataObject, n: int) -> None:
    ours = encoding(name)
    text = data.draw(texts_of(ours))
    assert_cut(ours, heads_of(ours, text), ours.truncate(text, n, special="allow"), n)
    assert_cut(ours, tails_of(ours, text), ours.truncate(text, n, "tail", special="allow"), n)


@settings(max_examples=150)
@given(data=st.data(), n=LIMITS)
@pytest.mark.parametrize("name", [*NAMES, *NFC])
def test_both_ends(name: str, data: st.DataObject, n: int) -> None:
    ours = encoding(name)
    text = data.draw(texts_of(ours))
    kept = ours.truncate(text, n, "ends", special="allow")
    head = ours.truncate(text, n - n // 2, special="allow")
    assert ours.count(kept, special="allow") <= n
    assert (kept == text) == (ours.count(text, special="allow") <= n)
    assert kept == text or (kept.startswith(head) and text.endswith(kept[len(head) :]))
    assert ours.truncate(text.encode(), n, "ends", special="allow") == kept.encode()


@settings(max_examples=150)
@given(data=st.data(), n=LIMITS)
@pytest.mark.parametrize("name", NFC)
def test_marks_after_special_tokens(name: str, data: st.DataObject, n: int) -> None:
    ours = encoding(name)
    special = sorted(ours.special_tokens)[0]
    text = data.draw(st.lists(st.sampled_from([special, "e", "\u0301", "\u0338", " ", "가", "\u11a8"])).map("".join))
    for keep in ("head", "tail", "ends"):
        kept = ours.truncate(text, n, keep, special="allow")
        assert ours.count(kept, special="allow") <= n
        assert all(unicodedata.is_normalized("NFC", part) for part in kept.split(special))
    if ours.count(text, special="allow") <= n:
        assert ours.count(kept, special="allow") == ours.count(text, special="allow")


@pytest.mark.parametrize("name", ALL[::3])
@given(data=st.data(), n=LIMITS)
def test_control_pieces_of_a_model(name: str, data: st.DataObject, n: int) -> None:
    ours = sentencepiece_pair(name).ours
    text = data.draw(texts_of(ours))
    for keep in ("head", "tail", "ends"):
        assert ours.count(ours.truncate(text, n, keep, special="allow"), special="allow") <= n
    assert ours.truncate(text, n, special="allow") in heads_of(ours, text)


def test_plainly() -> None:
    ours = encoding("qwen3")
    text = "<|im_start|>user\nHello there<|im_end|>\n"
    assert ours.count(text, special="allow") == 7
    assert ours.truncate(text, 4, special="allow") == "<|im_start|>user\nHello"
    assert ours.truncate(text, 5, special="allow") == "<|im_start|>user\nHello there"
    assert ours.truncate(text, 6, special="allow") == "<|im_start|>user\nHello there<|im_end|>"
    assert ours.truncate(text, 2, "tail", special="allow") == "<|im_end|>\n"
    assert ours.truncate(text, 3, "ends", special={"<|im_start|>", "<|im_end|>"}) == "<|im_start|>user\n"
    assert ours.truncate(text, 1) == "<"


def test_refused_special_tokens() -> None:
    ours = encoding("o200k_base")
    assert ours.truncate("one two three", 2, special="refuse") == "one two"
    with pytest.raises(ValueError, match=re.escape("'<|endoftext|>', which is refused")):
        ours.truncate("a<|endoftext|>", 1, special="refuse")
    with pytest.raises(ValueError, match="special must be"):
        ours.truncate("a", 1, special="none")
