"""Every bundled encoding gives the ids of its own library: on files, hostile texts, look-alikes and generated ones."""

import os
import random
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.tokens import encoding
from ctxpack.tokens.library import named
from tests.tokens.oracles import HUGGING_FACE, TIKTOKEN, oracle

FAMILIES = [*TIKTOKEN, *HUGGING_FACE]
TRICKY = st.text(
    st.sampled_from(
        "aAzZ éÉß中語ी한ขåÅ\u0301\u0327\u0345\u0898\u1100\u1161ǅʰ'’sStTrReEvVmMlLdDſK"
        " \t\n\r\x0b\x85\u00a0\u3000\u2028/.,!-_=#<|>019٣Ⅷ👍🏽\u200d\ufeffいっぱ"
    ),
    max_size=60,
)
HOSTILE = [
    "",
    "<|endoftext|><|im_start|>user\n<think></think>[INST]<｜User｜><s>]~b]",
    "x" * 2000,
    "中" * 2000,
    " " * 3000 + "x",
    "\n \n\t" * 500,
    (" \u00a0" * 4 + "x") * 10 + "\n       \t   a" * 40 + "   ",
    "=-" * 1500,
    "e\u0301\u0327" * 500,
    "1234567890" * 200,
    "いっぱいっぱいっぱ いっぱいいっぱい",
    "\u0000\u001f\u007f\u0080",
]


def assert_same(name: str, text: str) -> None:
    ours, theirs = oracle(name)
    assert list(ours.encode(text)) == theirs(text)


@pytest.mark.parametrize("name", FAMILIES)
def test_files(name: str) -> None:
    for module in (os, random, tokenize):
        assert_same(name, Path(str(module.__file__)).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FAMILIES)
def test_hostile_texts(name: str) -> None:
    for text in HOSTILE:
        assert_same(name, text)


@pytest.mark.parametrize("name", FAMILIES)
def test_texts_of_every_kind_of_token(name: str) -> None:
    ours, _ = oracle(name)
    chance = random.Random(name)
    tokens = chance.choices(list(named(name).tokens()), k=4000)
    assert_same(name, ours.decode(tokens).replace("\ufffd", ""))


@given(text=TRICKY)
@pytest.mark.parametrize("name", FAMILIES)
def test_tricky_text(name: str, text: str) -> None:
    assert_same(name, text)


@pytest.mark.parametrize("name", FAMILIES)
def test_counts_and_bytes_follow_the_ids(name: str) -> None:
    ours = encoding(name)
    for text in HOSTILE:
        ids = ours.encode(text)
        assert ours.count(text) == ours.count(text.encode()) == len(ids)
        assert ours.encode(ours.decode_bytes(ids)) == ids
    assert ours.count_batch(HOSTILE, 2) == [ours.count(text) for text in HOSTILE]
