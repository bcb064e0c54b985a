"""Importing other formats: what is exact is taken, what is not is refused with the file and the reason."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from ctxpack.errors import VocabularyError
from ctxpack.tokens.byte_level import alphabet
from ctxpack.tokens.encodings import load
from ctxpack.tokens.importing import Rules, import_vocabulary
from ctxpack.tokens.library import bundled
from ctxpack.tokens.making import made
from ctxpack.tokens.patterns import splitter
from tests.tokens.oracles import vocabulary_and_merges
from tests.tokens.test_families import HOSTILE

GPT2 = bundled("r50k_base")
assert GPT2 is not None
LETTERS = {byte: letter for letter, byte in alphabet().items()}
RULES = Rules((r"\p{L}+|\P{L}+",))
EARLY = [*(bytes([byte]) for byte in range(256)), b"xab", b"abab", b"ba", b"ab", b"yxab", b"aba"]
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
        (["model"], {}, "it has not the expected fields"),
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


def tiktoken_lines(*tokens: bytes) -> list[bytes]:
    every = [*(bytes([byte]) for byte in range(256)), *tokens]
    return [b64encode(token) + b" %d\n" % rank for rank, token in enumerate(every)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda lines: [*lines, b"YWI= 256\n"], "rank 256 is there twice"),
        (lambda lines: [*lines, b"YWJj -1\n"], "line 258 is not a token and its rank"),
        (lambda lines: [*lines, b"YWI= 257\n"], "two ranks have the same token"),
        (lambda lines: [*lines, b"YWJj 258\n"], "rank 257 is missing"),
        (lambda lines: lines[1:], "rank 0 is missing"),
        (lambda lines: [*lines, b" 257\n"], "line 258 is not a token and its rank"),
        (lambda lines: [*lines, b"YWI\n"], "line 258 is not a token and its rank"),
        (lambda lines: [*lines, b"%% 257\n"], "line 258 is not a token and its rank"),
        (lambda lines: [], "the file is empty"),
    ],
)
def test_damaged_tiktoken_files(change: Callable[[list[bytes]], list[bytes]], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tiktoken"
    path.write_bytes(b"".join(change(tiktoken_lines(b"ab"))))
    with pytest.raises(VocabularyError, match=rf"a\.tiktoken: {reason}"):
        import_vocabulary(path, RULES)


def test_a_sentencepiece_model_is_told_from_a_tiktoken_file(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02\n\xe2\x96\x81")
    with pytest.raises(VocabularyError, match=r"no \.tiktoken file.*load_sentencepiece"):
        import_vocabulary(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"none\.json: cannot be read"):
        import_vocabulary(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON: Expecting"),
        ("\n", "the file is empty"),
        ("[]", "--like"),
        ('{"a": 1}', "neither a Tekken file nor"),
    ],
)
def test_other_json(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=rf"x\.json: .*{reason}"):
        import_vocabulary(path)


def test_tokens_of_any_length(tmp_path: Path) -> None:
    """Each is the one before it doubled."""
    path = tmp_path / "long.tiktoken"
    path.write_bytes(b"".join(tiktoken_lines(*(b"ab" * 2**power for power in range(11)))))
    ours = made("long", str(path), import_vocabulary(path, RULES))
    assert ours.encode("ab" * 1024) == [266]
    assert ours.encode("ab" * 1536) == [266, 265]
    assert ours.decode([266]) == "ab" * 1024


def test_a_tekken_file(tmp_path: Path) -> None:
    tokens = [*(bytes([byte]) for byte in range(256)), b"ab", b"abc", b"unused"]
    rows = [{"rank": rank, "token_bytes": b64encode(token).decode()} for rank, token in enumerate(tokens)]
    config = {"pattern": r"\p{L}+|\P{L}+", "default_vocab_size": 268, "default_num_special_tokens": 10}
    specials = [{"rank": 1, "token_str": "<s>"}]
    path = written({"config": config, "vocab": rows, "special_tokens": specials}, tmp_path)
    ours = load(str(path))
    assert ours.encode("abcab b") == [267, 266, 42, 108]
    assert ours.decode([1, 267]) == "<s>abc"
    assert ours.n_vocab == 268


def test_merges_out_of_order_happen_at_once(tmp_path: Path) -> None:
    """`aba` and `abab` wait for `ab`, and are then made before the next `ab`."""
    import tiktoken

    path = tmp_path / "early.tiktoken"
    path.write_bytes(b"".join(tiktoken_lines(*EARLY[256:])))
    ours = made("early", str(path), import_vocabulary(path, RULES))
    ranks = {token: rank for rank, token in enumerate(EARLY)}
    theirs = tiktoken.Encoding("early", pat_str=r"\p{L}+|\P{L}+", mergeable_ranks=ranks, special_tokens={})
    for size in range(1, 7):
        for number in range(4**size):
            text = "".join("abxy"[number // 4**at % 4] for at in range(size))
            assert list(ours.encode(text)) == theirs.encode_ordinary(text), text


def test_a_special_token_that_is_no_text(tmp_path: Path) -> None:
    """It could cut a character in two."""
    path = tmp_path / "a.tiktoken"
    path.write_bytes(b"".join(tiktoken_lines(b"ab")))
    vocabulary = import_vocabulary(path, RULES)
    vocabulary.specials = {300: b"\xdd"}
    with pytest.raises(VocabularyError, match=r"a\.tiktoken: a special token is not valid UTF-8"):
        made("a", str(path), vocabulary)


def test_text_that_nothing_splits(body: dict[str, Any], tmp_path: Path) -> None:
    path = written(body | {"pre_tokenizer": LEVEL}, tmp_path)
    ours, theirs = load(str(path)), Tokenizer.from_file(str(path))
    for text in ("", "a", "one two  three\n\n"):
        assert list(ours.encode(text)) == theirs.encode(text).ids
        assert ours.count(text) == len(theirs.encode(text).ids)


def test_a_pattern_in_steps() -> None:
    ends = splitter((r"\p{N}{1,3}", "[一-龥]+", r"\s+|\w+"))
    assert ends("ab1234中é-x".encode()) == [2, 5, 6, 9, 11, 12, 13]
    assert ends("中".encode()) == [3]
    assert ends(b"") == []
