"""NFC as Hugging Face's tokenizers has it, for every code point among marks that it may move or compose with; and what
an encoding takes for NFC without asking."""

import unicodedata
from functools import cache

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import NFC

from ctxpack._native.bpe import BpeEncoding
from ctxpack.tokens import encoding
from ctxpack.tokens.library import named
from ctxpack.tokens.normalization import _MARKS, nfc
from tests.tokens.oracles import oracle, tiktoken_like

THEIRS = NFC()
MARKS = st.characters(categories=["Mn", "Mc", "Lo", "Ll"])
POINTS = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
COMPOSING = "eかᄀ한\u0301\u0327\u0345\u0898\u1161\u11a8\u3099\u0374\u2126\ufb2a\U00016d67\U00016d63"


class Asked:
    """A normal form that remembers whether it was asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, text: str) -> str:
        self.times += 1
        return text


ASKED = Asked()
BYTES = BpeEncoding("bytes", "gpt2", bytes(range(256)), b"", [], [], [(0, 0)], [], {}, ASKED)


def is_plain(text: str | bytes) -> bool:
    """Whether an encoding counts the text without having it brought to NFC."""
    before = ASKED.times
    BYTES.count(text)
    return ASKED.times == before


@cache
def plain_points() -> list[str]:
    return list(filter(is_plain, POINTS))


@pytest.mark.parametrize("context", ["q\u0345{}\u0334", "e{}\u0301", "{}\u0301\u0327", "\u1100{}\u1161\u11a8"])
def test_every_code_point(context: str) -> None:
    assert [text for text in map(context.format, POINTS) if nfc(text) != THEIRS.normalize_str(text)] == []


@given(text=st.text(MARKS | st.sampled_from("e\u0301\u0327\u0345\u0334\u0898\u1100\u1161\u11a8\U00016d67\U00016d63")))
def test_any_text(text: str) -> None:
    assert nfc(text) == THEIRS.normalize_str(text)


LONG = st.text(st.sampled_from("\u0301\u0327\u0323\u0334\u0345\u0344\u0f73\u0f75\u0f81\u0898…"), min_size=30)


@given(text=st.text(st.sampled_from("eé \u0301\u0323")), marks=LONG, end=st.text(st.sampled_from("eé \u0301\u0323")))
def test_many_marks_in_a_row(text: str, marks: str, end: str) -> None:
    assert nfc(text + marks + end) == THEIRS.normalize_str(text + marks + end)


def test_all_that_may_stand_among_marks_is_found_there() -> None:
    starts = {point for point in POINTS if unicodedata.combining(unicodedata.normalize("NFD", point)[0])}
    assert {point for point in starts if not _MARKS.fullmatch(point * 32)} == set()


@pytest.mark.parametrize("pair", ["\u0301\u0323", "\u0f73\u0344"], ids=ascii)
def test_a_megabyte_of_marks_out_of_order(pair: str) -> None:
    """Would take minutes if they were put in order by insertion."""
    assert nfc(pair * 200_000) == THEIRS.normalize_str(pair * 200_000)


def test_plain_text_stays() -> None:
    assert nfc("é") == "é"
    assert nfc("e\u0301") == "é"
    assert nfc("e\u0898\u0301") == "e\u0898\u0301"


def test_plain_points_are_in_nfc() -> None:
    assert [point for point in plain_points() if unicodedata.combining(point)] == []
    assert [point for point in plain_points() if not unicodedata.is_normalized("NFC", point)] == []


def test_what_joins_a_character_before_it_is_not_plain() -> None:
    joining = {mark for point in POINTS for mark in unicodedata.normalize("NFD", point)[1:]}
    assert joining.isdisjoint(plain_points())


def test_what_is_written_most_is_plain() -> None:
    ranges = [(0, 0x300), (0x400, 0x483), (0x2010, 0x2065), (0x2190, 0x2300), (0x3041, 0x3097), (0x30A0, 0x3100)]
    ranges += [(0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xE01, 0xE38), (0x1F300, 0x1F6D0)]
    points = {chr(point) for first, behind in ranges for point in range(first, behind)}
    assert points.issubset(plain_points())


@given(places=st.lists(st.integers(0, 0x10FFFF), max_size=300))
def test_text_of_plain_points_is_in_nfc(places: list[int]) -> None:
    plain = plain_points()
    text = "".join(plain[place % len(plain)] for place in places)
    assert unicodedata.is_normalized("NFC", text)
    assert is_plain(text)
    assert is_plain(text.encode())


@given(text=st.text(), place=st.integers(0))
def test_one_other_character_is_enough_to_ask(text: str, place: int) -> None:
    at = place % (len(text) + 1)
    mixed = text[:at] + "\u0301" + text[at:]
    assert not is_plain(mixed)
    assert not is_plain(mixed.encode())


@pytest.mark.parametrize("name", ["qwen3", "qwen3.5", "minimax"])
@given(text=st.text(st.sampled_from(COMPOSING + "a “’…中Жé\U0001f44d") | st.characters(exclude_categories=["Cs"])))
def test_counts_of_mixed_text(name: str, text: str) -> None:
    ours, theirs = oracle(name)
    ids = theirs(text)
    assert list(ours.encode(text)) == list(ours.encode(text.encode())) == ids
    assert ours.count(text) == ours.count_batch([text])[0] == len(ids)


@pytest.mark.parametrize("name", ["qwen3", "qwen3.5", "minimax"])
@given(parts=st.lists(st.sampled_from(["<special>", *COMPOSING, "a", "<", ">", "\u0338", "e"])))
def test_special_tokens_are_found_before_what_is_between_them_is_normalized(name: str, parts: list[str]) -> None:
    """A mark behind one, as in `>` and U+0338, which compose to one character, does not hide it."""
    ours, theirs = oracle(name)
    text, token = next(iter(sorted(ours.special_tokens.items())))
    given_text = "".join(parts).replace("<special>", text)
    expected = [[token, *theirs(part)] for part in given_text.split(text)]
    ids = [token for part in expected for token in part][1:]
    assert list(ours.encode(given_text, special="allow")) == list(ours.encode(given_text, special={text})) == ids
    assert ours.count(given_text.encode(), special="allow") == len(ids)
    assert ours.count_batch(["", given_text], special="allow") == [0, len(ids)]
    assert list(ours.encode_batch([given_text, "a"], special="allow")[0]) == ids
    for refusing in (ours.count, lambda text, special: ours.count_batch([text], special=special)[0]):
        if text in given_text:
            with pytest.raises(ValueError, match="which is refused"):
                refusing(given_text, special="refuse")
        else:
            assert refusing(given_text, special="refuse") == len(ids)


def test_qwen_normalizes_before_it_looks_for_special_tokens() -> None:
    """As its own tokenizer does: unicodedata.normalize, then tiktoken's encode with all special tokens allowed."""
    ours = encoding("qwen")
    assert named("qwen").about.normalization == "NFC first"
    assert list(ours.encode("<|im_end|>\u0338", special="allow")) == list(ours.encode("<|im_end|≯"))
    assert list(ours.encode("<|im_end|>e\u0301", special="allow")) == [151645, *ours.encode("é")]
    assert ours.count("<|im_end|>\u0338", special="refuse") == ours.count("<|im_end|≯")


@cache
def plain_qwen() -> tiktoken.Encoding:
    return tiktoken_like(named("qwen"))


@given(text=st.text(st.sampled_from("ae \u08d3\u0327\u1dfa\u1df8\u0323\u1ac1\u1de8\u0301\U00016d63가\u11a8")))
def test_qwen_normalizes_by_the_tables_of_python(text: str) -> None:
    """Which know marks that Hugging Face's do not."""
    ours = encoding("qwen")
    expected = plain_qwen().encode_ordinary(unicodedata.normalize("NFC", text))
    assert list(ours.encode(text)) == expected
    assert ours.counter().append(text) == ours.count(text) == len(expected)


class Alike(str):
    """Equal to what has the same normal form."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return unicodedata.normalize("NFC", str.__str__(self)) == unicodedata.normalize("NFC", str(other))

    def isascii(self) -> bool:
        return True


def test_classes_derived_from_str_are_taken_as_str() -> None:
    ours, text = encoding("qwen3"), "cafe\u0323\u0301"
    assert ours.count(Alike(text)) == ours.count_batch([Alike(text)])[0] == ours.count(text) == 3
    assert ours.encode(Alike(text)) == ours.encode(text)
    assert ours.truncate(Alike(text), 9) == ours.truncate(text, 9)


def test_invalid_text_counts_as_its_replacement() -> None:
    qwen3 = encoding("qwen3")
    assert qwen3.count("é\ud800") == qwen3.count("é\ufffd")
    assert qwen3.count(b"e\xcc\x81\xcc") == qwen3.count("é\ufffd")
