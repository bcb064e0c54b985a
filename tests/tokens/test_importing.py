"""Importing .tiktoken and Tekken files, and what says that a file is neither these nor a tokenizer.json."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from ctxpack.errors import VocabularyError
from ctxpack.tokens.encodings import load
from ctxpack.tokens.importing import Rules, import_vocabulary, vocabulary_of
from ctxpack.tokens.making import made
from ctxpack.tokens.patterns import splitter

RULES = Rules((r"\p{L}+|\P{L}+",))
EARLY = [*(bytes([byte]) for byte in range(256)), b"xab", b"abab", b"ba", b"ab", b"yxab", b"aba"]


def tiktoken_lines(*tokens: bytes) -> list[bytes]:
    every = [*(bytes([byte]) for byte in range(256)), *tokens]
    return [b64encode(token) + b" %d\n" % rank for rank, token in enumerate(every)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda lines: [*lines, b"YWI= 256\n"], "rank 256 appears twice"),
        (lambda lines: [*lines, b"YWJj -1\n"], "line 258 is not a token and its rank"),
        (lambda lines: [*lines, b"YWI= 257\n"], "two ranks have the same token"),
        (lambda lines: [*lines, b"YWJj 258\n"], "rank 257 is missing"),
        (lambda lines: lines[1:], "rank 0 is missing"),
        (lambda lines: [*lines, b" 257\n"], "line 258 is not a token and its rank"),
        (lambda lines: [*lines, b"YWI\n"], "line 258 is not a token and its rank"),
        (lambda lines: [*lines, b"%% 257\n"], "line 258 is not a token and its rank"),
        (
            lambda lines: [*lines, b64encode(b"ab" * 40_000) + b" 257\n"],
            "a vocabulary file cannot hold a token of 80,000",
        ),
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
    with pytest.raises(VocabularyError, match=r"no \.tiktoken file.*SentencePiece model cannot be added"):
        import_vocabulary(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x1f\x8b\x08\0", "it is packed by gzip: unpack it first"),
        (b"PK\x03\x04", "it is a zip file: unpack it first"),
        (b"version https://git-lfs.github.com/spec/v1", "it is what Git LFS has in place of the file: git lfs pull"),
        (b"#version: 0.2\nh e\n", "it is a merges.txt, which has no ids: the tokenizer.json beside it has both"),
        (
            b'{"config": 0, "vocab": 1}',
            "it is a vocab.json, which has no merges: the tokenizer.json beside it has both",
        ),
    ],
)
def test_files_that_are_known_to_be_others(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(data)
    with pytest.raises(VocabularyError, match=f"other: {reason}"):
        import_vocabulary(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"none\.json: cannot be read"):
        import_vocabulary(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON: Expecting"),
        ("\n", "the file is empty"),
        ("[]", "no .tiktoken file"),
        ("some text\n", "no .tiktoken file .line 1 is not a token and its rank., Tekken file or tokenizer.json"),
        ('{"a": "b"}', "neither a Tekken file nor"),
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


def test_long_tokens_take_no_more_time_than_their_bytes() -> None:
    def seconds(power: int) -> float:
        tokens = [
            *(bytes([byte]) for byte in range(256)),
            *(b"a" * 2**each for each in range(1, power)),
            b"a" * 2**power,
        ]
        start = process_time()
        vocabulary_of("long", {token: rank for rank, token in enumerate(tokens)}, RULES)
        return process_time() - start

    seconds(8)
    assert seconds(15) < 30 * seconds(12)  # 8 times the bytes; 64 times if it were their square


def test_a_tekken_file(tmp_path: Path) -> None:
    tokens = [*(bytes([byte]) for byte in range(256)), b"ab", b"abc", b"unused"]
    rows = [{"rank": rank, "token_bytes": b64encode(token).decode()} for rank, token in enumerate(tokens)]
    config = {"pattern": r"\p{L}+|\P{L}+", "default_vocab_size": 268, "default_num_special_tokens": 10}
    specials = [{"rank": 1, "token_str": "<s>"}]
    path = tmp_path / "tekken.json"
    path.write_text(json.dumps({"config": config, "vocab": rows, "special_tokens": specials}), encoding="utf-8")
    ours = load(str(path))
    assert ours.encode("abcab b") == [267, 266, 42, 108]
    assert ours.decode([1, 267]) == "<s>abc"
    assert ours.n_vocab == 268
    path.write_text(json.dumps({"config": config, "vocab": rows}), encoding="utf-8")  # as before they were listed
    older = load(str(path)).special_tokens
    assert older == {text: token for text, token in load("tekken").special_tokens.items() if token < 10}
    assert older["[INST]"] == 3
    for row, reason in (
        ({"rank": 267}, "'<s>' has the id of another token"),
        ({"token_str": None}, "token_str is no text"),
    ):
        broken = {"config": config, "vocab": rows, "special_tokens": [specials[0] | row]}
        path.write_text(json.dumps(broken), encoding="utf-8")
        with pytest.raises(VocabularyError, match=reason):
            load(str(path))


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
    vocabulary.specials = {b"\xdd": 300}
    with pytest.raises(VocabularyError, match=r"a\.tiktoken: a special token is not valid UTF-8"):
        made("a", str(path), vocabulary)


def test_a_pattern_in_steps() -> None:
    ends = splitter((r"\p{N}{1,3}", "[一-龥]+", r"\s+|\w+"))
    assert ends("ab1234中é-x".encode()) == [2, 5, 6, 9, 11, 12, 13]
    assert ends("中".encode()) == [3]
    assert ends(b"") == []
