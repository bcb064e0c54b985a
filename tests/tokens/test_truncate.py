"""Texts cut to a number of tokens: never too many, never a character less than fits, never half a character."""

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, encoding
from tests.tokens.checks import assert_ends, assert_head, assert_tail
from tests.tokens.pairs import NAMES, Pair, pair_named
from tests.tokens.texts import TEXTS

PAIRS = {name: pair_named(name) for name in NAMES}
LIMITS = st.one_of(st.integers(0, 12), st.integers(0, 300))
KEEPS = ["head", "tail", "ends"]
LONG = "".join(f"line {i}: größe\t{'=' * (i % 50)} don't 你好\n\n  " for i in range(3000))


@settings(max_examples=300)
@given(text=TEXTS, n=LIMITS)
@pytest.mark.parametrize("name", NAMES)
def test_contracts(name: str, text: str, n: int) -> None:
    for holds in (assert_head, assert_tail, assert_ends):
        holds(PAIRS[name].ours, text, n)


@pytest.mark.parametrize("n", [0, 1, 2, 57, 1000, 40_000, 10**9, 2**63 - 1])
@pytest.mark.parametrize("text", [LONG, "a" * 100_000, " " * 50_000 + "x", "中" * 30_000], ids=lambda text: text[:4])
def test_contracts_of_long_texts(pair: Pair, text: str, n: int) -> None:
    for holds in (assert_head, assert_tail, assert_ends):
        holds(pair.ours, text, n)


def test_where_tokens_end_plainly(o200k: Encoding) -> None:
    text = "one two three four five six"
    assert o200k.truncate(text, 2) == "one two"
    assert o200k.truncate(text, 2, keep="tail") == " five six"
    assert o200k.truncate(text, 3, keep="ends") == "one two six"
    assert o200k.truncate(text, 6) == text
    assert o200k.truncate(text, 0) == ""


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("text", [".6" + "/" * 384, "=" * 512, " " * 640 + "x", "x" + "-" * 1024, "é" + "_" * 640])
def test_a_text_that_has_no_more_is_kept_whole_where_a_part_of_it_has(pair: Pair, keep: str, text: str) -> None:
    total = pair.ours.count(text)
    for n in (total, total + 1, total + 2):
        assert pair.ours.truncate(text, n, keep) == text


def test_what_the_head_cannot_use_is_left_to_the_end(o200k: Encoding) -> None:
    assert o200k.truncate("👨‍👩‍👧", 2, keep="ends") == "👧"
    assert encoding("qwen").truncate("don't", 1, keep="ends") == "don"


def test_both_ends_leave_the_middle_out(o200k: Encoding) -> None:
    kept = o200k.truncate(LONG, 100, keep="ends")
    assert 95 <= o200k.count(kept) <= 100
    assert kept.startswith(LONG[:80])
    assert kept.endswith(LONG[-80:])


@pytest.mark.parametrize("keep", KEEPS)
@given(data=st.one_of(TEXTS.map(str.encode), st.binary()), n=LIMITS)
def test_bytes_give_bytes(o200k: Encoding, keep: str, data: bytes, n: int) -> None:
    expected = o200k.truncate(data.decode("utf-8", "replace"), n, keep).encode()
    for text in (data, bytearray(data), memoryview(data)):
        kept = o200k.truncate(text, n, keep)
        assert type(kept) is bytes
        assert kept == expected


@pytest.mark.parametrize("name", ["qwen", "qwen3.5", "minimax"])
@given(text=st.text(st.sampled_from("cx \u0308\u0301\u0344\u0327é한\u1161\u11a8")), n=st.integers(0, 9))
def test_ends_that_would_compose_do_not_meet(name: str, text: str, n: int) -> None:
    ours = encoding(name)
    for given_text in (text, text.encode()):
        kept = ours.truncate(given_text, n, "ends")
        assert ours.count(kept) <= n
        normal = kept if isinstance(kept, str) else kept.decode()
        assert unicodedata.is_normalized("NFC", normal)


EOT = "<|endoftext|>"
AROUND = st.lists(st.sampled_from(["<", "<|end", "|endof", "text|>", "|>", EOT, " x", " y z"]), max_size=20)


@pytest.mark.parametrize("special", ["refuse", "allow", [EOT]])
@given(parts=AROUND, n=st.integers(0, 20))
def test_ends_that_would_make_a_special_token_do_not_meet(
    o200k: Encoding, special: str | list[str], parts: list[str], n: int
) -> None:
    text = "".join(parts)
    if special == "refuse":
        text = text.replace(EOT, "")
        assume(EOT not in text)
    kept = o200k.truncate(text, n, "ends", special=special)
    assert o200k.count(kept, special=special) <= n
    assert kept.count(EOT) <= text.count(EOT)


@pytest.mark.parametrize("special", ["refuse", "allow", [EOT]])
def test_halves_of_a_special_token_do_not_meet(o200k: Encoding, special: str | list[str]) -> None:
    assert o200k.count("<|endof" + " x" * 50 + "text|>", special=special) == 57
    assert EOT not in o200k.truncate("<|endof" + " x" * 50 + "text|>", 7, "ends", special=special)


def test_lone_surrogates_are_replaced(o200k: Encoding) -> None:
    assert o200k.truncate("ab \ud800 cd ef", 4) == o200k.truncate("ab \ufffd cd ef", 4)


def test_what_is_refused(o200k: Encoding) -> None:
    with pytest.raises(ValueError, match="n must be at least 0, not -1"):
        o200k.truncate("a", -1)
    assert o200k.truncate("abc", 2**70) == "abc"
    with pytest.raises(ValueError, match='keep must be "head", "tail" or "ends", not \'middle\''):
        o200k.truncate("a", 1, keep="middle")
    with pytest.raises(TypeError, match="text must be str"):
        o200k.truncate(None, 1)
    with pytest.raises(TypeError):
        o200k.truncate("a", 1.5)
