"""Importing a tokenizer.json: what is exact is taken, what is not is refused with the file and the reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from ctxpack.errors import VocabularyError
from ctxpack.tokens.byte_level import alphabet
from ctxpack.tokens.encodings import load
from tests.tokens.test_families import HOSTILE
from tests.tokens.tokenizer_json import LEVEL, both, in_sequence, small, split, written

LETTERS = {byte: letter for letter, byte in alphabet().items()}


@pytest.fixture
def body() -> dict[str, Any]:
    return small()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"normalizer": {"type": "NFC"}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}},
        {"pre_tokenizer": in_sequence({"type": "Digits", "individual_digits": True}, LEVEL | {"use_regex": True})},
        {"pre_tokenizer": in_sequence({"type": "Digits", "individual_digits": False}, split(r"\s+|\S+"), LEVEL)},
        {"pre_tokenizer": in_sequence(split("[一-龥]+"), split(r" ?\p{L}+"), LEVEL)},
        {"pre_tokenizer": in_sequence(split(r" ?\p{L}+", invert=True), split("e*", invert=True), LEVEL)},
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


def test_a_missing_normalizer_is_none(body: dict[str, Any], tmp_path: Path) -> None:
    del body["normalizer"]
    ours, theirs = both(body, tmp_path)
    assert list(ours.encode("the se\u0301a")) == theirs.encode("the se\u0301a").ids


def test_a_missing_pre_tokenizer_is_none(body: dict[str, Any], tmp_path: Path) -> None:
    del body["pre_tokenizer"]
    with pytest.raises(VocabularyError, match="its pre-tokenizer does not end with ByteLevel"):
        load(str(written(body, tmp_path)))


@pytest.mark.parametrize("text", ["{}", "aQ== 0"], ids=["json", "tiktoken"])
def test_a_byte_order_mark_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "marked"
    path.write_text(text, encoding="utf-8-sig")
    with pytest.raises(VocabularyError, match="byte order mark"):
        load(str(path))


@pytest.mark.parametrize("ignore", [False, True])
def test_tokens_that_no_merge_makes(ignore: bool, body: dict[str, Any], tmp_path: Path) -> None:
    body["model"]["vocab"]["Ġqzqzqz"] = 2000
    body["added_tokens"][0]["id"] = 2001
    body["model"]["ignore_merges"] = ignore
    path = written(body, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    assert list(ours.encode("a qzqzqz")) == theirs.encode("a qzqzqz").ids
    assert (len(ours.encode(" qzqzqz")) == 1) == ignore
    assert ours.decode([2000]) == " qzqzqz"


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (["model", "type"], "WordPiece", "its model is WordPiece, not byte-level BPE$"),
        (["model", "type"], "Unigram", r"its model is Unigram, not .*: if .* SentencePiece model \(tokenizer.model\)"),
        (
            ["model", "byte_fallback"],
            True,
            r"byte_fallback, .* SentencePiece model \(tokenizer.model\), take that file",
        ),
        (["model", "dropout"], 0.1, "dropout"),
        (["model", "unk_token"], "<unk>", "unk_token"),
        (["model", "end_of_word_suffix"], "</w>", "end_of_word_suffix"),
        (["model", "merges"], ["qq ww"], "a merge makes no token of two tokens"),
        (["model", "merges"], ["qq"], "a merge is not of two tokens"),
        (["model", "vocab"], {"a": 0}, "a merge makes no token"),
        (["model", "vocab", "x y"], 2000, "not written in the byte-level alphabet"),
        (["normalizer"], {"type": "Lowercase"}, "normalizer Lowercase"),
        (["normalizer"], {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Strip"}]}, "NFC.Strip"),
        (["pre_tokenizer"], None, "does not end with ByteLevel"),
        (["pre_tokenizer"], {"type": "Whitespace"}, "does not end with ByteLevel"),
        (["pre_tokenizer"], LEVEL | {"add_prefix_space": True}, "adds a space"),
        (["pre_tokenizer"], in_sequence({"type": "Punctuation"}, LEVEL), "step Punctuation"),
        (["pre_tokenizer"], in_sequence(split("a", "Removed"), LEVEL), "splits as Removed"),
        (["pre_tokenizer"], in_sequence(split("a", "MergedWithNext"), LEVEL), "MergedWithNext, which is not supported"),
        (["pre_tokenizer"], in_sequence(split("(a"), LEVEL), "cannot be compiled"),
        (["pre_tokenizer"], in_sequence(split("(" * 20_000 + ")" * 20_000), LEVEL), "cannot be compiled"),
        (["model"], {}, "it lacks the expected fields"),
        (["added_tokens", 0, "content"], "", "a special token is empty"),
        (["added_tokens", 0, "content"], None, "its content is no text"),
        (["model", "vocab", "b"], 0, "two tokens have one id"),
        (["model", "vocab", "b"], 300.0, "the id of a token is no integer from 0 to 16777216"),
        (["model", "vocab", "b"], -5, "the id of a token is no integer from 0"),
        (["model", "vocab", "b"], 1 << 40, "the id of a token is no integer from 0"),
        (["pre_tokenizer"], in_sequence(split("") | {"pattern": {"Regex": None}}, LEVEL), "its Regex is no text"),
        (["pre_tokenizer"], in_sequence(split("a\ud800"), LEVEL), "its Regex has a lone surrogate"),
    ],
)
def test_what_cannot_be_exact_is_refused(
    place: list[Any], value: object, reason: str, body: dict[str, Any], tmp_path: Path
) -> None:
    inner: Any = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    body["added_tokens"][0]["id"] = len(body["model"].get("vocab", ()))
    with pytest.raises(VocabularyError, match=rf"tokenizer\.json: .*{reason}"):
        load(str(written(body, tmp_path)))


def test_the_largest_id(body: dict[str, Any], tmp_path: Path) -> None:
    """That of the core, of which merges keep the lowest bits."""
    made = next(reversed(body["model"]["vocab"]))
    body["model"]["vocab"][made] = 1 << 24
    body["added_tokens"] = []
    ours, theirs = both(body, tmp_path)
    assert list(ours.encode(f"{made} {made}")) == theirs.encode(f"{made} {made}").ids
    assert 1 << 24 in ours.encode(made)


def test_other_encodings_of_json_than_utf_8(body: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(json.dumps(body).encode("utf-16-be"))
    with pytest.raises(VocabularyError, match=r"tokenizer\.json: it is no \.tiktoken file"):
        load(str(path))
    path.write_bytes(json.dumps(body).encode("utf-16-le"))
    with pytest.raises(VocabularyError, match=r"tokenizer\.json: not JSON"):
        load(str(path))


def test_a_byte_without_a_token(body: dict[str, Any], tmp_path: Path) -> None:
    del body["model"]["vocab"][LETTERS[0x7F]]
    del body["model"]["vocab"][LETTERS[0xFF]]
    body["added_tokens"] = []
    with pytest.raises(VocabularyError, match="no token is the byte 0x7f"):
        load(str(written(body, tmp_path)))


def test_bytes_that_no_text_has_need_no_token(body: dict[str, Any], tmp_path: Path) -> None:
    """As DeepSeek V2 lacks them."""
    lacking = [0xC0, 0xC1, *range(0xF5, 0x100)]
    vocab = body["model"]["vocab"]
    for byte in lacking:
        vocab["a" + LETTERS[byte]] = vocab.pop(LETTERS[byte])  # a token that no merge makes
    path = written(body, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    for text in (*HOSTILE, "".join(map(chr, range(1, 0xD800))), "\U0010ffff\U00040000", "<|end|>"):
        assert list(ours.encode(text, special="allow")) == theirs.encode(text).ids
    assert ours.count(bytes(lacking)) == 13 * ours.count("\ufffd")
    assert ours.n_vocab == theirs.get_vocab_size()
    for byte in lacking:
        with pytest.raises(KeyError):
            ours.token(bytes([byte]))
        assert ours.decode_bytes([ours.token(b"a" + bytes([byte]))]) == b"a" + bytes([byte])


def test_of_a_pair_that_is_listed_again_the_last_counts(body: dict[str, Any], tmp_path: Path) -> None:
    merges = body["model"]["merges"]
    body["model"]["merges"] = [*merges, *merges[:40:3]]
    path = written(body, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    for text in HOSTILE:
        assert list(ours.encode(text)) == theirs.encode(text).ids


def test_text_that_nothing_splits(body: dict[str, Any], tmp_path: Path) -> None:
    path = written(body | {"pre_tokenizer": LEVEL}, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    for text in ("", "a", "one two  three\n\n"):
        assert list(ours.encode(text)) == theirs.encode(text).ids
        assert ours.count(text) == len(theirs.encode(text).ids)
