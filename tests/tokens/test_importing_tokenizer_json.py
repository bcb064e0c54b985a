"""Importing a tokenizer.json: what is exact is taken, what is not is refused with the file and the reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from ctxpack.errors import VocabularyError
from ctxpack.tokens.byte_level import alphabet
from ctxpack.tokens.encodings import load
from ctxpack.tokens.library import bundled
from tests.tokens.oracles import vocabulary_and_merges
from tests.tokens.test_families import HOSTILE

GPT2 = bundled("r50k_base")
assert GPT2 is not None
LETTERS = {byte: letter for letter, byte in alphabet().items()}
LEVEL: dict[str, Any] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


def split(regex: str, behavior: str = "Isolated", invert: bool = False) -> dict[str, Any]:
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": behavior, "invert": invert}


def in_sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(steps)}


@pytest.fixture
def body() -> dict[str, Any]:
    """A small tokenizer.json: the first 2000 tokens of GPT-2's."""
    tokens = {token: text for token, text in GPT2.tokens().items() if token < 2000}
    vocab, merges = vocabulary_and_merges(tokens)
    return {
        "version": "1.0",
        "added_tokens": [
            {
                "id": 2000,
                "content": "<|end|>",
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        ],
        "normalizer": None,
        "pre_tokenizer": LEVEL | {"use_regex": True},
        "post_processor": None,
        "decoder": LEVEL,
        "model": {"type": "BPE", "unk_token": None, "vocab": vocab, "merges": [" ".join(pair) for pair in merges]},
    }


def written(body: object, tmp_path: Path) -> Path:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"normalizer": {"type": "NFC"}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}},
        {"pre_tokenizer": in_sequence({"type": "Digits", "individual_digits": True}, LEVEL | {"use_regex": True})},
        {"pre_tokenizer": in_sequence({"type": "Digits", "individual_digits": False}, split(r"\s+|\S+"), LEVEL)},
        {"pre_tokenizer": in_sequence(split("[一-龥]+"), split(r" ?\p{L}+"), LEVEL)},
        {
            "pre_tokenizer": in_sequence(
                {"type": "Split", "pattern": {"String": "e."}, "behavior": "Isolated", "invert": False}, LEVEL
            )
        },
    ],
)
def test_a_tokenizer_json_counts_as_its_library(change: dict[str, Any], body: dict[str, Any], tmp_path: Path) -> None:
    body["added_tokens"] = []
    path = written(body | change, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    for text in (*HOSTILE, Path(__file__).read_text(encoding="utf-8"), "the sea. e.e. 12 345"):
        assert list(ours.encode(text)) == theirs.encode(text).ids


def test_added_tokens_are_special(body: dict[str, Any], tmp_path: Path) -> None:
    ours = load(str(written(body, tmp_path)))
    assert ours.decode([2000]) == "<|end|>"
    assert len(ours.encode("<|end|>")) > 1
    assert ours.n_vocab == 2001


@pytest.mark.parametrize("ignore", [False, True])
def test_tokens_that_no_merge_makes(ignore: bool, body: dict[str, Any], tmp_path: Path) -> None:
    body["model"]["vocab"]["Ġqzqzqz"] = 1999 + 2
    body["model"]["ignore_merges"] = ignore
    path = written(body, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    assert list(ours.encode("a qzqzqz")) == theirs.encode("a qzqzqz").ids
    assert (len(ours.encode(" qzqzqz")) == 1) == ignore
    assert ours.decode([2001]) == " qzqzqz"


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (["model", "type"], "WordPiece", "its model is WordPiece"),
        (["model", "byte_fallback"], True, "byte_fallback"),
        (["model", "dropout"], 0.1, "dropout"),
        (["model", "unk_token"], "<unk>", "unk_token"),
        (["model", "end_of_word_suffix"], "</w>", "end_of_word_suffix"),
        (["model", "merges"], ["qq ww"], "a merge makes no token of two tokens"),
        (["model", "vocab"], {"a": 0}, "a merge makes no token"),
        (["model", "vocab", "x y"], 5000, "not written in the byte-level alphabet"),
        (["normalizer"], {"type": "Lowercase"}, "normalizer Lowercase"),
        (["normalizer"], {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Strip"}]}, "NFC.Strip"),
        (["pre_tokenizer"], None, "does not end with ByteLevel"),
        (["pre_tokenizer"], {"type": "Whitespace"}, "does not end with ByteLevel"),
        (["pre_tokenizer"], LEVEL | {"add_prefix_space": True}, "adds a space"),
        (["pre_tokenizer"], in_sequence({"type": "Punctuation"}, LEVEL), "step Punctuation"),
        (["pre_tokenizer"], in_sequence(split("a", "Removed"), LEVEL), "splits as Removed"),
        (["pre_tokenizer"], in_sequence(split("a", "MergedWithNext"), LEVEL), "splits as MergedWithNext"),
        (["pre_tokenizer"], in_sequence(split("(a"), LEVEL), "cannot be compiled"),
        (["pre_tokenizer"], in_sequence(split("(" * 20_000 + ")" * 20_000), LEVEL), "cannot be compiled"),
        (["model"], {}, "it lacks the expected fields"),
        (["added_tokens", 0, "content"], "", "a special token is empty"),
        (["added_tokens", 0, "id"], 2**32, "value too large"),
    ],
)
def test_what_cannot_be_exact_is_refused(
    place: list[Any], value: object, reason: str, body: dict[str, Any], tmp_path: Path
) -> None:
    inner: Any = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(VocabularyError, match=rf"tokenizer\.json: .*{reason}"):
        load(str(written(body, tmp_path)))


def test_a_byte_without_a_token(body: dict[str, Any], tmp_path: Path) -> None:
    del body["model"]["vocab"][LETTERS[0xFF]]
    with pytest.raises(VocabularyError, match="no token is the byte 0xff"):
        load(str(written(body, tmp_path)))


def test_text_that_nothing_splits(body: dict[str, Any], tmp_path: Path) -> None:
    path = written(body | {"pre_tokenizer": LEVEL}, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    for text in ("", "a", "one two  three\n\n"):
        assert list(ours.encode(text)) == theirs.encode(text).ids
        assert ours.count(text) == len(theirs.encode(text).ids)
