"""Encodings made from ranks, a pattern and special tokens of one's own, beside tiktoken's of the same parts."""

import copy
import pickle
from typing import Any

import pytest
import tiktoken as original
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from ctxpack.errors import VocabularyError
from ctxpack.tokens import tiktoken

SINGLE = {bytes([byte]): byte for byte in range(256)}
# The last two do not cover every text: what is between their matches has no tokens.
PATTERNS = [r"\w+|\s+|[^\w\s]+", r"'s| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", r"\S+", r"[ab ]+"]
WORDS = st.lists(st.text(st.sampled_from("ab é"), min_size=2, max_size=5).map(str.encode), unique=True, max_size=12)
PIECES = ["a", "b", "ab", "abc", " ", "  ", "é", "1", "!", "\n", "<e>", "<e", "中"]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


def parts(words: list[bytes], pattern: str) -> dict[str, Any]:
    ranks = SINGLE | {word: 256 + at for at, word in enumerate(words)}
    return {"pat_str": pattern, "mergeable_ranks": ranks, "special_tokens": {"<e>": 256 + len(words) + 3}}


def both(words: list[bytes], pattern: str, **changed: Any) -> tuple[tiktoken.Encoding, original.Encoding]:
    """Ours and theirs, unless the order of merges is none of ranks, which is refused."""
    own = parts(words, pattern) | changed
    try:
        return tiktoken.Encoding("own", **own), original.Encoding("own", **own)
    except VocabularyError as error:
        if "the order of merges is not one of ranks" not in str(error):
            raise
        reject()


@settings(max_examples=300)
@given(words=WORDS, pattern=st.sampled_from(PATTERNS), text=TEXTS)
def test_any_parts(words: list[bytes], pattern: str, text: str) -> None:
    ours, theirs = both(words, pattern)
    for options in ({"allowed_special": "all"}, {"disallowed_special": ()}):
        expected = theirs.encode(text, **options)
        assert ours.encode(text, **options) == expected
        assert ours.encode_batch([text, text], **options) == [expected, expected]
        assert ours.decode(expected) == theirs.decode(expected)
        stable, unstable = theirs.encode_with_unstable(text, **options)
        assert ours.encode_with_unstable(text, **options) == (stable, sorted(unstable))
    assert ours.token_byte_values() == theirs.token_byte_values()
    assert (ours.n_vocab, ours.max_token_value) == (theirs.n_vocab, theirs.max_token_value)
    assert repr(ours) == repr(theirs)


# Few letters, so that tokens that a lower rank waits for come often, and compete for a letter.
FEW = st.lists(
    st.text(st.sampled_from("ab"), min_size=2, max_size=6).map(str.encode), unique=True, min_size=2, max_size=12
)


@settings(max_examples=300)
@given(words=FEW, texts=st.lists(st.text(st.sampled_from("ab"), min_size=5, max_size=40), min_size=10, max_size=20))
def test_ranks_in_any_order(words: list[bytes], texts: list[str]) -> None:
    ours, theirs = both(words, PATTERNS[0])
    for text in texts:
        assert ours.encode(text) == theirs.encode(text)


def test_an_order_that_no_ranks_have_is_refused() -> None:
    """Behind aaa, the next aa becomes aaaaa with it before aaa with the letter behind it: aaaaaa is aaaaa a."""
    own = parts([b"aaaaa", b"aaa", b"aa"], PATTERNS[0])
    assert original.Encoding("own", **own).encode("aaaaaa") == [256, 97]
    with pytest.raises(VocabularyError, match="own: the order of merges is not one of ranks: that of 257 and 258"):
        tiktoken.Encoding("own", **own)


def test_of_special_tokens_at_one_place_the_longest_ends_a_text() -> None:
    own = parts([], PATTERNS[0]) | {"special_tokens": {"<e": 300, "<e>": 301, "<e>>": 302}}
    ours = tiktoken.Encoding("own", **own)
    for token, id in own["special_tokens"].items():
        assert ours.encode_with_unstable(f"a{token}", allowed_special="all") == ([97, id], [])


def test_one_made_from_another() -> None:
    base = tiktoken.get_encoding("r50k_base")
    specials = {**base._special_tokens, "<|im_start|>": 50257}
    ours, theirs = (
        kind("im", pat_str=base._pat_str, mergeable_ranks=base._mergeable_ranks, special_tokens=specials)
        for kind in (tiktoken.Encoding, original.Encoding)
    )
    text = "<|im_start|>don't  stop\n\n 中文<|endoftext|>"
    assert ours.encode(text, allowed_special="all") == theirs.encode(text, allowed_special="all")
    assert ours.encode_with_unstable("hello fanta")[1] == sorted(theirs.encode_with_unstable("hello fanta")[1])
    assert ours.eot_token == theirs.eot_token


def test_copies_have_the_same_parts() -> None:
    ours = tiktoken.Encoding("own", **parts([b"ab", b"abc"], PATTERNS[0]))
    for other in (pickle.loads(pickle.dumps(ours)), copy.deepcopy(ours)):
        assert other.encode("abc<e>", allowed_special="all") == [257, 261]
        assert (other.name, other.n_vocab) == ("own", 262)


class Own(tiktoken.Encoding):
    """One of a program's own."""


def test_copies_are_of_the_same_class() -> None:
    ours = Own("own", **parts([b"ab"], PATTERNS[0]))
    for other in (pickle.loads(pickle.dumps(ours)), copy.copy(ours), copy.deepcopy(ours)):
        assert type(other) is Own
        assert other.encode("ab") == [256]


def test_a_special_token_that_is_a_rank_too() -> None:
    both_kinds = parts([b"<e>", b"<e"], PATTERNS[0])
    ours, theirs = (kind("own", **both_kinds) for kind in (tiktoken.Encoding, original.Encoding))
    for token in ("<e>", b"<e>", "<e", "a"):
        assert ours.encode_single_token(token) == theirs.encode_single_token(token)
    for options in ({"allowed_special": "all"}, {"disallowed_special": ()}):
        assert ours.encode("a<e>", **options) == theirs.encode("a<e>", **options)
        stable, unstable = theirs.encode_with_unstable("a<", **options)
        assert ours.encode_with_unstable("a<", **options) == (stable, sorted(unstable))


@settings(max_examples=300)
@given(
    words=WORDS,
    specials=st.dictionaries(st.sampled_from([*PIECES, "<|A|>"]), st.integers(300, 302)),
    text=st.one_of(st.sampled_from([*PIECES, "<|A|>"]), st.binary(max_size=3)),
)
def test_single_tokens(words: list[bytes], specials: dict[str, int], text: str | bytes) -> None:
    """Special tokens may share an id, and be spelt as a rank is."""
    ours, theirs = both(words, PATTERNS[0], special_tokens=specials)
    for each in (text, text.encode() if isinstance(text, str) else text):
        assert single(ours, each) == single(theirs, each)


def single(encoding: Any, text: str | bytes) -> int | None:
    try:
        return encoding.encode_single_token(text)
    except KeyError:
        return None


@pytest.mark.parametrize(("specials", "text", "token"), [(["<|A|>", "\n"], "\n", 10), (["\n", "[x]"], "[x]", 300)])
def test_single_tokens_of_one_id(specials: list[str], text: str, token: int) -> None:
    own = parts([], PATTERNS[0]) | {"special_tokens": dict.fromkeys(specials, 300)}
    for kind in (tiktoken.Encoding, original.Encoding):
        assert kind("own", **own).encode_single_token(text) == token


@pytest.mark.parametrize("pattern", [rb"\w+", None])
def test_patterns_that_are_no_text(pattern: object) -> None:
    for kind in (tiktoken.Encoding, original.Encoding):
        with pytest.raises(TypeError):
            kind("own", **parts([], PATTERNS[0]) | {"pat_str": pattern})


def test_how_many_tokens_there_must_be() -> None:
    own = parts([b"ab"], PATTERNS[0]) | {"special_tokens": {"<e>": 257}}
    for kind in (tiktoken.Encoding, original.Encoding):
        assert kind("own", **own, explicit_n_vocab=258).n_vocab == 258
        with pytest.raises(AssertionError):
            kind("own", **own, explicit_n_vocab=259)
        with pytest.raises(AssertionError):
            kind("own", **parts([b"ab"], PATTERNS[0]), explicit_n_vocab=258)


def test_an_empty_token() -> None:
    """Whisper's multilingual vocabulary has one."""
    own = parts([b"ab", b""], PATTERNS[0])
    ours, theirs = (kind("own", **own) for kind in (tiktoken.Encoding, original.Encoding))
    for text in ("", "ab", "xab<e>"):
        assert ours.encode(text, allowed_special="all") == theirs.encode(text, allowed_special="all")
    assert ours.decode([256, 257, 97]) == theirs.decode([256, 257, 97]) == "aba"
    assert ours.decode_single_token_bytes(257) == theirs.decode_single_token_bytes(257) == b""
    assert ours.encode_single_token(b"") == theirs.encode_single_token(b"") == 257
    assert ours.token_byte_values() == theirs.token_byte_values()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mergeable_ranks": SINGLE | {"ab": 256}}, "the keys of mergeable_ranks must be bytes, not str"),
        ({"special_tokens": {b"<a>": 300}}, "the keys of special_tokens must be str, not bytes"),
    ],
)
def test_parts_of_other_types(changed: dict[str, Any], reason: str) -> None:
    for kind in (original.Encoding, tiktoken.Encoding):
        with pytest.raises(TypeError, match=reason if kind is tiktoken.Encoding else None):
            kind("own", **parts([], PATTERNS[0]) | changed)


def test_special_tokens_with_one_id() -> None:
    own = parts([b"ab"], PATTERNS[0]) | {"special_tokens": {"<a>": 300, "<b>": 300, "<c>": 301}}
    ours, theirs = (kind("own", **own) for kind in (tiktoken.Encoding, original.Encoding))
    for text in ("<a>ab<b>", "<c><b>"):
        assert ours.encode(text, allowed_special="all") == theirs.encode(text, allowed_special="all")
    assert ours.special_tokens_set == theirs.special_tokens_set


def test_bytes_that_no_text_has_need_no_rank() -> None:
    ranks = {byte: rank for byte, rank in SINGLE.items() if byte not in b"\xc0\xc1" and byte < b"\xf5"}
    ours, theirs = both([], PATTERNS[0], mergeable_ranks=ranks | {b"a\xff": 256, b"ab": 257})
    for text in ("abc é中👍", "\U0010ffff", "<e>ab"):
        assert ours.encode(text, allowed_special="all") == theirs.encode(text, allowed_special="all")
    assert ours.decode_bytes([256]) == theirs.decode_bytes([256])
    assert ours.token_byte_values() == theirs.token_byte_values()
    with pytest.raises(KeyError):
        ours.decode_bytes([0xFF])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mergeable_ranks": {b"a": 0}}, "no token is the byte 0x00"),
        ({"mergeable_ranks": SINGLE | {b"ab": 7}}, "rank 7 appears twice"),
        ({"mergeable_ranks": SINGLE | {b"ab": -1}}, "rank -1 is none from 0 to 16777216"),
        ({"mergeable_ranks": SINGLE | {b"\xff": 2**32 - 1}}, "rank 4294967295 is none from 0 to 16777216"),
        ({"special_tokens": {"<a>": 7}}, "two tokens have one id"),
        ({"pat_str": "("}, "its split pattern cannot be compiled: missing \\)"),
    ],
)
def test_parts_that_contradict_each_other(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(VocabularyError, match=f"^own: {reason}"):
        tiktoken.Encoding("own", **parts([], PATTERNS[0]) | changed)
