"""The count of a growing text: exact after every append, at the cost of what is appended."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack._native.bpe import BpeEncoding
from ctxpack.tokens import Encoding, TokenCounter, encoding
from tests.tokens.checks import assert_exact, cut
from tests.tokens.pairs import KINDS
from tests.tokens.texts import RUNS, TEXTS

SEEDS = st.integers(0, 2**32)


# Marks and what they compose with, in both orders, some with and some without an order of their own among each other,
# and some that Hugging Face's tables do not know.
MARKS = st.text(
    st.sampled_from("aeoé \u0301\u0308\u0323\u0344\u1100\u1161\u11a8\uac00\u0b47\u0b56\u0b57\u08d0\u0898\u212b\ufb1d")
)


@settings(max_examples=300)
@given(text=st.one_of(MARKS, TEXTS), seed=SEEDS, longest=st.sampled_from([1, 3, 40]))
@pytest.mark.parametrize("name", ["qwen3", "minimax"])
def test_every_step_of_texts_that_are_normalized(name: str, text: str, seed: int, longest: int) -> None:
    assert_exact(encoding(name), cut(text, seed, longest))
    assert_exact(encoding(name), cut(text.encode(), seed, longest))


@settings(max_examples=500)
@given(text=TEXTS, seed=SEEDS, longest=st.sampled_from([1, 3, 40]))
@pytest.mark.parametrize("name", KINDS)
def test_every_step_is_exact(name: str, text: str, seed: int, longest: int) -> None:
    assert_exact(encoding(name), cut(text, seed, longest))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "parts",
    [
        [" 天天中彩票", "A", "P", "P", "s", " "],  # a token across them, unless a lower-case letter comes
        [" 天天中彩票", "APP" * 200, "s"],
        ["don", "'", "r", "e", "r"],
        ["a\n", "\n", " " * 600, "\n", "x"],
        ["!" * 600, "\n", "/" * 600, "!"],
    ],
    ids=ascii,
)
def test_what_comes_later_may_join_what_was_there(name: str, parts: list[str]) -> None:
    assert_exact(encoding(name), parts)


@settings(max_examples=200)
@given(texts=st.lists(RUNS, max_size=4), seed=SEEDS, longest=st.sampled_from([7, 300]))
@pytest.mark.parametrize("name", KINDS)
def test_long_pretokens_that_go_on(name: str, texts: list[str], seed: int, longest: int) -> None:
    assert_exact(encoding(name), cut("".join(text * 2 for text in texts), seed, longest))


@pytest.mark.parametrize("name", ["cl100k_base", "qwen3"])
@given(
    parts=st.lists(
        st.lists(st.sampled_from([b"\xed", b"\xa0", b"\xbf", b"\x80", b"\xe0", b"\xf4", b"\x90", b"\xf0", b"a", b" "])),
        max_size=6,
    )
)
def test_what_nothing_can_make_a_character(name: str, parts: list[list[bytes]]) -> None:
    """Starts of surrogates among them, which Python's decoder waits for the rest of."""
    assert_exact(encoding(name), [b"".join(part) for part in parts])


@settings(max_examples=300)
@given(data=st.one_of(TEXTS.map(str.encode), st.binary()), seed=SEEDS, longest=st.sampled_from([1, 2, 9]))
def test_characters_cut_in_two(o200k: Encoding, data: bytes, seed: int, longest: int) -> None:
    assert_exact(o200k, cut(data, seed, longest))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "unit", ["a", "Ab", " ", "\n ", "=", "中", "ขี", "AあB", "!\n", "1", "x" * 300 + "Y" * 300 + " "]
)
def test_a_long_text_bit_by_bit(name: str, unit: str) -> None:
    """Would take hours if a step cost what was there before."""
    ours, counter = encoding(name), encoding(name).counter()
    repeats = 200_000 // len(unit.encode())
    for _ in range(repeats):
        counter.append(unit)
    assert counter.count == ours.count(unit * repeats)
    assert counter.append("c d") == ours.count(unit * repeats + "c d")


def test_a_long_text_at_once(o200k: Encoding) -> None:
    text = "".join(f"line {i}: größe\t{'=' * (i % 50)} don't 你好\n\n  " for i in range(9000))
    counter = o200k.counter()
    assert counter.append(text) == o200k.count(text)
    assert counter.append("x" * 100_000) == o200k.count(text + "x" * 100_000)


def test_a_copy_goes_its_own_way(o200k: Encoding) -> None:
    counter = o200k.counter()
    counter.append(b"What is \xe4\xbd")
    for fork in (counter.copy(), copy.copy(counter), copy.deepcopy(counter)):
        assert isinstance(fork, TokenCounter)
        assert fork.append(b"\xa0") == o200k.count("What is 你")
        assert fork.append("r name? ") == o200k.count("What is 你r name? ")
    assert counter.count == o200k.count(b"What is \xe4\xbd")
    assert counter.append("") == counter.count
    assert counter.append("!") == o200k.count("What is \ufffd!")
    assert repr(counter) == f"<TokenCounter at {counter.count}>"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_other_buffers(o200k: Encoding, kind: type) -> None:
    counter = o200k.counter()
    counter.append(kind("Größe".encode()[:3]))
    assert counter.append(kind("Größe".encode()[3:])) == o200k.count("Größe")


def test_threads_may_share_a_counter(o200k: Encoding) -> None:
    counter, text = o200k.counter(), "some words of a text, " * 100
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(counter.append, [text] * 60))
    assert counter.count == o200k.count(text * 60)


@pytest.mark.parametrize("wrong", [None, 1, ["a"]])
def test_other_types_are_refused(o200k: Encoding, wrong: object) -> None:
    counter = o200k.counter()
    counter.append("a b")
    with pytest.raises(TypeError, match="text must be str, bytes, bytearray or memoryview, not"):
        counter.append(wrong)
    assert counter.count == 2


def test_what_cannot_be_pickled_says_so(o200k: Encoding) -> None:
    for made in (o200k.counter(), o200k.offsets("a")):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(made)


def test_a_long_token_that_no_merge_makes() -> None:
    """Pretokens as long are not merged anew at every step, which would never find it."""
    long = b"q" * 300
    made = BpeEncoding("made-up", "o200k", bytes(range(256)), b"", [long], [], [(0, 0)], [], {})
    assert_exact(made, [b"q" * 290, *([b"q"] * 20), b" q"])
