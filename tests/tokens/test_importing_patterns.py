"""Split patterns that the core has no scanner for, beside the library of their file: the same or refused."""

import re
from pathlib import Path

import pytest
import tiktoken as original
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tokenizers import Regex, pre_tokenizers

from ctxpack.errors import VocabularyError
from ctxpack.tokens import tiktoken
from ctxpack.tokens.byte_level import regexes
from ctxpack.tokens.constructs import FANCY_REGEX, ONIGURUMA, Library, translated
from ctxpack.tokens.encodings import load
from ctxpack.tokens.patterns import native_pattern, splitter
from tests.tokens.tokenizer_json import LEVEL, both, in_sequence, small, split, written

CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
    r"|\s+(?!\S)|\s"
)
ATOMS = [
    *"ab1 é\n²\u200d", r"\s", r"\S", r"\d", r"\w", r"\W", r"\h", r"\H", r"\p{L}", r"\P{L}", r"\p{N}", ".", "^", "$",
    r"\A", r"\z", r"\Z", r"\b", "[ab]", "[^a]", r"[\w\s]", r"[^\w]", r"[^\W]", "[[:alpha:]]", "[^[:alnum:]]",
    "[[:punct:]]", "[[:space:]b]", r"[\p{L}&&[^a]]", r"[\h]", "[a-c1-9]", "(?i:'s|k)", "(?=a)", r"(?!\s)", "(?<=a)",
    r"(?<!^b)", "(?:a|1{1,3}+)", "(?>b|ab)", r"\R",
]  # fmt: skip
QUANTIFIERS = [*[""] * 9, *"*+?", "*?", "+?", "??", "*+", "++", "?+", "{1,2}", "{2}", "{1,2}+", "{2}?", "{0,2}", "{2,}"]
PIECES = st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(QUANTIFIERS)), min_size=1, max_size=3)
PATTERNS = st.lists(PIECES, min_size=1, max_size=3).map(
    lambda parts: "|".join("".join(map("".join, pieces)) for pieces in parts)
)
TEXTS = st.lists(st.text(st.sampled_from("ab1 é\n²k's\u200d\u212a"), max_size=9), min_size=6, max_size=6)
SINGLE = {bytes([byte]): byte for byte in range(256)}
# Two bytes of a pretoken are one token, so that ids tell where pretokens end.
PAIRS = {bytes([one, two]): 256 + 256 * one + two for one in b"ab1 \nk's" for two in b"ab1 \nk's"}


def pieces_of(pattern: str, text: str) -> list[str]:
    """How our reading of a tokenizer.json's pattern cuts a text."""
    data = text.encode()
    ends = splitter(tuple(regexes(in_sequence(split(pattern), LEVEL))))(data)
    return [data[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]


def theirs(pattern: str, text: str) -> list[str]:
    return [piece for piece, _ in pre_tokenizers.Split(Regex(pattern), "isolated").pre_tokenize_str(text)]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (CL100K, "123456"),
        (r"\p{N}{1,2}+", "12345"),
        (r"a{2}?b|.", "aabb"),
        (r"^.|..", "ab\nab\n"),
        (r"[^\n]+$|[^\n]|\n", "ab\nab"),
        (r"a\Z|..", "ba\n"),
        (r"a\z|..", "ba\n"),
        (r"\h+|.", "fag 09"),
        (r"\w+|.", "a²¼ b\u200dc"),
        (r"[[:digit:]]+|.", "1२3"),
        (r"|..", "abcd"),
        (r"[^a]|[^\n]", "a\nb"),
    ],
)
def test_a_pattern_of_a_tokenizer_json(pattern: str, text: str) -> None:
    assert pieces_of(pattern, text) == theirs(pattern, text)


@settings(max_examples=400, deadline=None)
@given(pattern=PATTERNS, texts=TEXTS)
def test_any_pattern_of_a_tokenizer_json(pattern: str, texts: list[str]) -> None:
    try:
        cut = [pieces_of(pattern, text) for text in texts]
        split_by_them = [theirs(pattern, text) for text in texts]
    except Exception:  # theirs is no more than that
        reject()
    assert cut == split_by_them


def own(pattern: str, kind: type) -> "original.Encoding":
    return kind("own", pat_str=pattern, mergeable_ranks=SINGLE | PAIRS, special_tokens={})


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("[[:alpha:]]+|.", "aé"),
        (r"[^\n]+$|.|\n", "ab\n"),
        (r"b\Z|..|\n", "ab\n\n"),
        (r"\h+|.", "ab"),
        (r"1{1,3}+|.", "11111"),
    ],
)
def test_a_pattern_of_tiktoken(pattern: str, text: str) -> None:
    assert own(pattern, tiktoken.Encoding).encode(text) == own(pattern, original.Encoding).encode(text)


@settings(max_examples=400, deadline=None)
@given(pattern=PATTERNS, texts=TEXTS)
def test_any_pattern_of_tiktoken(pattern: str, texts: list[str]) -> None:
    try:
        ours = own(pattern, tiktoken.Encoding)
        expected = [own(pattern, original.Encoding).encode(text) for text in texts]
    except (VocabularyError, ValueError):
        reject()
    except BaseException as error:  # it panics where a match is empty
        if type(error).__name__ != "PanicException":
            raise
        reject()
    for text, theirs in zip(texts, expected, strict=True):
        found = ours.encode(text)
        assert found == theirs or found == by_standard_library(pattern, text)


def by_standard_library(pattern: str, text: str) -> list[int]:
    """A second opinion: tiktoken 0.14 finds `b+a*b+` in "b"."""
    pieces = [match[0] for match in re.finditer(pattern, text)]
    whole = own(r"[\s\S]+", original.Encoding)
    return [token for piece in pieces for token in whole.encode(piece)]


@pytest.mark.parametrize("library", [ONIGURUMA, FANCY_REGEX], ids=["oniguruma", "fancy_regex"])
@pytest.mark.parametrize(
    ("pattern", "construct"),
    [
        (r"\R|.", r"the escape \R"),
        (r"\X", r"the escape \X"),
        (r"a\Kb", r"the escape \K"),
        (r"\Ga", r"the escape \G"),
        (r"(a)\1", r"the escape \1"),
        ("(?s).", "the group (?s)"),
        ("(?<n>a)", "the group (?<n"),
        ("(?i:ss)", "ss inside (?i:"),
        ("(?i:ß)", "ß inside (?i:"),
        ("(?i:i)", "i inside (?i:"),
        ("(?i:s)(?i:t)", "(?i: inside or right after (?i:"),
        (r"(?i:\p{Lu})", r"\p{Lu}"),
        ("[a--b]", "the range a--"),
        ("[a||b]", "|| in a set"),
        ("[a~~b]", "~~ in a set"),
        ("[]a]", "] at the start of a set"),
        (r"[\d-z]", "-z in a set"),
        ("[[:graph:]]", "[:graph:]"),
        (r"\p{Emoji}", r"\p{Emoji}"),
        ("(a*)*", "* after what may match nothing"),
        ("a{2}{3}", "the quantifier {2}{"),
        ("(?<!a+)b", "+ inside (?<= or (?<!"),
        ("a{e}", "{ after nothing"),
    ],
)
def test_constructs_that_are_refused(pattern: str, construct: str, library: Library) -> None:
    with pytest.raises(ValueError, match="its split pattern has ") as raised:
        translated(pattern, library)
    assert f"has {construct}, which is not known to mean the same as in {library.name}" in str(raised.value)


def test_a_whole_file(tmp_path: Path) -> None:
    """Its cl100k pattern is none of the core's: {1,3}+ repeats there."""
    body = small() | {"added_tokens": [], "pre_tokenizer": in_sequence(split(CL100K), LEVEL)}
    ours, other = both(body, tmp_path)
    for text in ("123456 12345678", "don't  stop\n\n", "x  "):
        assert ours.encode(text) == other.encode(text).ids
    assert native_pattern((CL100K,)) == "cl100k"
    body["pre_tokenizer"] = in_sequence(split(r"\X"), LEVEL)
    with pytest.raises(VocabularyError, match=r"tokenizer\.json: its split pattern has the escape \\X"):
        load(str(written(body, tmp_path)))
