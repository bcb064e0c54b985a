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
    """A normal form that remembers what it was asked for."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> str:
        self.texts.append(text)
        return nfc(text)


ASKED = Asked()
BYTES = BpeEncoding("bytes", "gpt2", bytes(range(256)), b"", [], [], [(0, 0)], [], {}, ASKED)


def asked(text: str | bytes) -> str:
    """What of the text an encoding has brought to NFC before it counts it, a line for each part."""
    ASKED.texts.clear()
    BYTES.count(text)
    return "".join(ASKED.texts)


def bytes_of(text: str) -> bytes:
    """Of its normal form."""
    return bytes(list(BYTES.encode(text)))


@cache
def known_points() -> list[str]:
    """Those that by themselves are in NFC, as the core sees."""
    return [point for point in POINTS if not asked(point)]


@cache
def plain_points() -> list[str]:
    """Those that nothing before them changes."""
    return [point for point in known_points() if asked("\u0344" + point) == "\u0344\n"]


@cache
def decompositions() -> dict[str, str]:
    """But for Hangul."""
    parts = {point: unicodedata.normalize("NFD", point) for point in POINTS if not "\uac00" <= point < "\ud7a4"}
    return {point: part for point, part in parts.items() if point != part}


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


SURROUNDINGS = ["{}", "e{}", "ế\u0301{}", "क{}\u093c", "{}\u0327\u0301", "ে{}\u09be", "가{}"]


@pytest.mark.parametrize("context", [*SURROUNDINGS, "α" * 30 + "e{}\u0301" + "ж" * 40, "中" * 20 + "か{}" + "가" * 30])
def test_what_is_not_asked_about_is_in_nfc(context: str) -> None:
    texts = [text for text in map(context.format, POINTS) if not asked(text)]
    assert [text for text in texts if not unicodedata.is_normalized("NFC", text)] == []


@pytest.mark.parametrize("between", ["", "\u0334", "\u0323", "\u0345"])
def test_every_mark_behind_what_it_may_join(between: str) -> None:
    parts = decompositions()
    starts = {start for point, part in parts.items() for start in (point, part[0])}
    marks = {mark for part in parts.values() for mark in part[1:]}
    texts = [start + between + mark for start in starts for mark in marks]
    assert [text for text in texts if not asked(text) and not unicodedata.is_normalized("NFC", text)] == []


JOINING = st.sampled_from(
    "\n aeẹếqαᾳयनে\u0bc6か한ᄀا\u0301\u0327\u0345\u0334\u0323\u0344\u0898\u093c\u09be\u0bbe\u3099\u0653\u0651\u064e"
)


@given(text=st.text(MARKS | JOINING))
def test_parts_are_brought_to_nfc_as_the_text_is(text: str) -> None:
    assert bytes_of(text) == THEIRS.normalize_str(text).encode()


@given(text=st.text(JOINING, min_size=20, max_size=400))
def test_long_texts_are_brought_to_nfc_by_parts(text: str) -> None:
    assert bytes_of(text) == THEIRS.normalize_str(text).encode()
    assert asked(text) or THEIRS.normalize_str(text) == text


@cache
def frozen_plain() -> frozenset[str]:
    return frozenset(plain_points())


def units(text: str) -> list[str]:
    """The text before each plain character, and from it on."""
    plain, found = frozen_plain(), [""]
    for point in text:
        if point in plain:
            found.append("")
        found[-1] += point
    return found


@given(before=st.text("а中\U0001f44d", max_size=70), text=st.text(MARKS | JOINING, max_size=200))
def test_long_texts_have_the_parts_that_short_ones_have(before: str, text: str) -> None:
    long = before + text + "가á" * 40
    assert asked(long) == "".join(map(asked, units(long)))


@pytest.mark.parametrize(
    "part", ["q\u0301\u0323", "e\u0301", "e" + "\u0334" * 40 + "\u0301", "\u09c7\u09be", "中\u0344"]
)
@pytest.mark.parametrize("fill", ["x", "中", "ж", "\u0e01\u0e49", "\U0001f44d"])
def test_doubtful_parts_are_found_wherever_they_are(part: str, fill: str) -> None:
    assert {asked(fill * size + part + fill * 70) for size in range(70)} == {part + "\n"}
    assert asked(part * 50) == (part + "\n") * 50


def test_plain_points_stay_as_they_are() -> None:
    assert [point for point in plain_points() if unicodedata.combining(point)] == []
    assert [point for point in plain_points() if not unicodedata.is_normalized("NFC", point)] == []


def test_what_joins_a_character_before_it_is_not_plain() -> None:
    composites = {point: part for point, part in decompositions().items() if unicodedata.is_normalized("NFC", point)}
    assert {mark for part in composites.values() for mark in part[1:]}.isdisjoint(plain_points())
    assert not set(map(chr, [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)])).intersection(plain_points())


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
    assert not asked(text)
    assert not asked(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "اللُّغَةُ العَرَبِيَّةُ جَمِيلٌ جِدًّا",
        "उन्होंने सड़क पर क्या लिखा, फ़िल्म",
        "আমি বাংলায় গান গাই",
        "கொடுத்த நூல்கள் எங்கே",
        "Tiếng Việt được viết bằng chữ Quốc ngữ",
        "Ọ̀rọ̀ tí a kọ ní èdè Yorùbá",
        "за́мок на замке́",
        "שָׁלוֹם עֲלֵיכֶם",
        "ที่นี่มีน้ำใจและความรู้",
        "한국어와 日本語が、ベトナム",
        "ཀ་ཁ་ག་ང་བོད་ཡིག",
        "မြန်မာဘာသာစကား",
    ],
)
def test_languages(text: str) -> None:
    """Their signs and marks are told to be in NFC, as texts are written."""
    composed = unicodedata.normalize("NFC", text)
    for marked in (composed, composed * 50):
        assert bytes_of(marked) == THEIRS.normalize_str(marked).encode() == marked.encode()
        assert not asked(marked)
    decomposed = unicodedata.normalize("NFD", text)
    assert bytes_of(decomposed) == THEIRS.normalize_str(decomposed).encode()


@given(text=st.text(), place=st.integers(0))
def test_only_what_is_doubtful_is_asked_about(text: str, place: int) -> None:
    at = place % (len(text) + 1)
    mixed = text[:at] + "xe\u0301y" + text[at:]
    assert "e\u0301\n" in asked(mixed) == asked(mixed.encode())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cafe\u0301, né", "e\u0301\n"),
        ("e\u0301e\u0301xy\u0344", "e\u0301\ne\u0301\ny\u0344\n"),
        ("\n\u0344a\n\u0323\u0327\n", "\u0344\n\u0323\u0327\n"),
        ("\u0344", "\u0344\n"),
        ("ণে\u09beণ", "ে\u09be\n"),
        ("q\u0301\u0323\u0301q\u0323\u0301", "q\u0301\u0323\u0301\n"),
    ],
    ids=ascii,
)
def test_parts_are_from_plain_character_to_plain_character(text: str, parts: str) -> None:
    assert asked(text) == parts
    assert bytes_of(text) == THEIRS.normalize_str(text).encode()


def test_a_megabyte_of_marks_that_join_what_is_far_before_them() -> None:
    """Would take minutes if each looked back for it."""
    assert not asked("q" + "\u0301" * 500_000)
    assert len(asked("e\u0323" + "\u0327" * 500_000)) == 500_003


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
