"""Ids and counts equal tiktoken's: on recorded requests and traces, on every code point, on generated text."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data import shared
from tests.tokens.pairs import NAMES, Pair, pair_named
from tests.tokens.texts import TRICKY

PAIRS = {name: pair_named(name) for name in NAMES}


def assert_same(pair: Pair, text: str) -> None:
    expected = pair.theirs.encode_to_numpy(text, disallowed_special=())
    assert np.array_equal(np.asarray(pair.ours.encode(text)), expected)
    assert pair.ours.count(text) == len(expected)


def read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "replace")


def test_recorded_texts(pair: Pair) -> None:
    paths = [path for path in sorted(shared().rglob("*")) if path.is_file()]
    assert paths
    for path in paths:
        assert_same(pair, read(path))


@pytest.mark.parametrize("context", ["{}", "x{} ", "X{}", " {}!"])
def test_every_code_point(pair: Pair, context: str) -> None:
    points = (chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    assert_same(pair, "".join(map(context.format, points)))


@given(text=st.text())
@pytest.mark.parametrize("name", NAMES)
def test_any_text(name: str, text: str) -> None:
    assert_same(PAIRS[name], text)


@settings(max_examples=1000)
@given(text=TRICKY)
@pytest.mark.parametrize("name", NAMES)
def test_tricky_text(name: str, text: str) -> None:
    assert_same(PAIRS[name], text)


@pytest.mark.parametrize(
    "text", ["", "\x00", "<|endoftext|>", "a<|endofprompt|><|im_start|>b", "<|endoftext", "\ufeff"]
)
def test_special_token_look_alikes_are_plain_text(pair: Pair, text: str) -> None:
    assert list(pair.ours.encode(text)) == pair.theirs.encode_ordinary(text)
    assert pair.ours.count(text) == len(pair.theirs.encode_ordinary(text))


@pytest.mark.parametrize(
    ("text", "ids"),
    [("hello world", [24912, 2375]), ("0" * 9, [1302, 1302, 1302]), ("你好，世界", [177519, 979, 28428])],
)
def test_golden_ids(text: str, ids: list[int]) -> None:
    assert list(PAIRS["o200k_base"].ours.encode(text)) == ids


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83d\udc4d", "x\udc4d\ud83d", "\ud800" * 5 + "é"])
def test_lone_surrogates(pair: Pair, text: str) -> None:
    assert list(pair.ours.encode(text)) == pair.theirs.encode_ordinary(text)
    assert pair.ours.count(text) == len(pair.theirs.encode_ordinary(text))


def test_decoding_every_token(pair: Pair) -> None:
    specials = list(pair.theirs._special_tokens.values())
    for token in [*range(len(pair.ranks)), *specials]:
        assert pair.ours.decode_bytes([token]) == pair.theirs.decode_bytes([token])
    assert pair.ours.n_vocab == pair.theirs.n_vocab
    assert pair.ours.decode(specials) == pair.theirs.decode(specials)


@given(text=st.text())
def test_round_trip(text: str) -> None:
    ours = PAIRS["o200k_base"].ours
    assert ours.decode(ours.encode(text)) == text
    assert ours.decode_bytes(ours.encode(text)) == text.encode()


@given(ids=st.lists(st.integers(0, 100255)))
def test_decoding_cut_characters(ids: list[int]) -> None:
    pair = PAIRS["cl100k_base"]
    assert pair.ours.decode(ids) == pair.theirs.decode(ids)
