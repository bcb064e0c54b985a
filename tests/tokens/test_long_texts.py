"""Long pieces and long texts of one pattern, in one call."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.tokens import Encoding
from tests.reference.bpe import ReferenceEncoding
from tests.tokens.long_texts import MEGABYTE, TEXTS
from tests.tokens.pairs import NAMES, Pair, pair_named

PAIRS = {name: pair_named(name) for name in NAMES}


@pytest.mark.parametrize("text", [text for text in TEXTS if text != "space_run"])
def test_a_megabyte_of_one_pattern(pair: Pair, text: str) -> None:
    body = TEXTS[text]()
    expected = pair.theirs.encode_to_numpy(body, disallowed_special=())
    assert np.array_equal(np.asarray(pair.ours.encode(body)), expected)
    assert pair.ours.count(body) == len(expected)


def test_a_megabyte_of_spaces(pair: Pair) -> None:
    """tiktoken's regex engine fails on it; a run's tokens repeat, so a shorter one says what to expect."""
    short, longest = "x" + " " * 4000 + "y", max(token.count(b" ") for token in pair.ranks if not token.strip(b" "))
    more = (MEGABYTE - 4000) // longest
    expected = len(pair.theirs.encode_ordinary(short)) + more
    assert pair.ours.count("x" + " " * (4000 + more * longest) + "y") == expected


@given(
    alphabet=st.text(st.sampled_from("ab=- A中é\u0e01\u0301/"), min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
    size=st.integers(100, 900),
)
@pytest.mark.parametrize("name", NAMES)
def test_seams_of_long_pieces(name: str, alphabet: str, seed: int, size: int) -> None:
    text = "".join(random.Random(seed).choices(alphabet, k=size))
    pair = PAIRS[name]
    assert list(pair.ours.encode(text)) == pair.theirs.encode_ordinary(text)


@pytest.mark.parametrize("alphabet", ["bcdfghjkqxzé", "啊鼉龘的一是", "=-~", "bé中"])
def test_unknown_pieces_that_come_again(pair: Pair, alphabet: str) -> None:
    """Known and unknown ones in turn, again before and after they are merged, of every length that is remembered."""
    chance = random.Random(alphabet)
    pieces = ["".join(chance.choices(alphabet, k=chance.randrange(1, limit))) for limit in (5, 12, 40, 400) * 60]
    text = " the ".join(chance.choices(pieces, k=3000))
    expected = pair.theirs.encode_ordinary(text)
    assert pair.ours.count(text) == len(expected)
    assert list(pair.ours.encode(text)) == expected
    assert list(pair.ours.encode(text)) == expected


@given(piece=st.text(st.sampled_from("abcdeé中ก=-"), min_size=1, max_size=40).map(str.encode))
def test_merging_by_definition(o200k: Encoding, piece: bytes) -> None:
    reference = ReferenceEncoding(PAIRS["o200k_base"].ranks, "o200k_base")
    expected = [token for text in reference.pretokens(piece.decode()) for token in reference.merge(text.encode())]
    assert list(o200k.encode(piece)) == expected


@given(text=st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs", "Cn"])))
@pytest.mark.parametrize("name", NAMES)
def test_splitting_by_the_published_pattern(name: str, text: str) -> None:
    pair = PAIRS[name]
    assert pair.ours.encode(text) == ReferenceEncoding(pair.ranks, name).encode(text)
