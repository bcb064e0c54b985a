"""Parts of texts in SentencePiece models: spans, texts that grow and texts cut short, each as the package counts it."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from ctxpack._native.sentencepiece import SentencePieceEncoding
from tests.reference.truncating import longest_head, longest_tail
from tests.tokens.checks import assert_ends, cut
from tests.tokens.sentencepiece_models import (
    ALL,
    WORDS,
    Pair,
    mistral_files,
    mistral_pair,
    pair_named,
    pair_of,
    trained,
)
from tests.tokens.test_sentencepiece import LONG, TRICKY
from tests.tokens.texts import spans

LIMITS = st.one_of(st.integers(0, 12), st.integers(0, 300))
# Long enough that there is something between the seams next to a span's ends.
LONGER = st.lists(TRICKY, min_size=1, max_size=3).map(lambda parts: "".join(parts * 12)[:1500])


@settings(max_examples=100)
@given(span=spans(LONGER))
@pytest.mark.parametrize("name", ALL)
def test_a_span_counts_as_it_does_alone(name: str, span: tuple[str, int, int]) -> None:
    pair, (text, start, stop) = pair_named(name), span
    assert pair.ours.offsets(text).count(start, stop) == len(pair.expected(text[start:stop]))


@settings(max_examples=4)
@given(text=LONGER)
@pytest.mark.parametrize("name", ALL)
def test_every_long_span(name: str, text: str) -> None:
    ours, text = pair_named(name).ours, text[:600]
    offsets = ours.offsets(text)
    spans = [(start, stop) for start in range(0, len(text), 3) for stop in range(start + 200, len(text) + 1)]
    assert [offsets.count(*span) for span in spans] == ours.count_batch([text[slice(*span)] for span in spans])


# Rows of hundreds of characters, most of which some model may cut nowhere.
ROW = st.builds(
    lambda units, times: ("".join(units) * times)[:700],
    st.lists(
        st.sampled_from([*"ab1-=中▁ ①", "he", "ing", "<mask>", "<mask>x", "＜ｍａｓｋ＞", "ﬁ", "e\u0301", "\u200b"]),
        min_size=1,
        max_size=3,
    ),
    st.integers(100, 400),
)
ROWS = st.lists(st.one_of(ROW, TRICKY.map(lambda text: text[:8])), min_size=1, max_size=4).map("".join)


@settings(max_examples=100)
@given(text=st.one_of(TRICKY, st.text()), seed=st.integers(0, 2**32), longest=st.sampled_from([1, 3, 40]))
@pytest.mark.parametrize("name", ALL)
def test_every_step_of_a_growing_text(name: str, text: str, seed: int, longest: int) -> None:
    pair = pair_named(name)
    counter, so_far = pair.ours.counter(), ""
    for part in cut(text, seed, longest):
        so_far += part
        assert counter.append(part) == len(pair.expected(so_far))
    assert counter.copy().count == counter.count == len(pair.expected(text))


@settings(max_examples=40)
@given(text=ROWS, seed=st.integers(0, 2**32), longest=st.sampled_from([1, 3, 300]))
@pytest.mark.parametrize("name", ALL)
def test_every_step_of_a_word_that_grows(name: str, text: str, seed: int, longest: int) -> None:
    pair = pair_named(name)
    counter, so_far = pair.ours.counter(), ""
    for part in cut(text, seed, longest):
        so_far += part
        assert counter.append(part) == pair.ours.count(so_far)
    assert counter.count == len(pair.expected(text))
    fork = counter.copy()
    assert fork.append("a") == pair.ours.count(text + "a")
    assert counter.append(" b") == pair.ours.count(text + " b")


@settings(max_examples=100)
@given(data=st.one_of(TRICKY.map(str.encode), st.binary()), seed=st.integers(0, 2**32))
def test_a_growing_text_of_bytes(data: bytes, seed: int) -> None:
    ours = pair_named("unigram_symbols").ours
    counter, so_far = ours.counter(), b""
    for part in cut(data, seed, 5):
        so_far += part
        assert counter.append(part) == ours.count(so_far)


def assert_longest(ours: SentencePieceEncoding, text: str, n: int) -> None:
    assert ours.truncate(text, n) == longest_head(ours.count, text, n)
    assert ours.truncate(text, n, keep="tail") == longest_tail(ours.count, text, n)


@settings(max_examples=60)
@given(text=st.one_of(TRICKY, LONGER.map(lambda text: text[-120:])), n=LIMITS)
@pytest.mark.parametrize("name", ALL)
def test_the_longest_that_fits(name: str, text: str, n: int) -> None:
    assert_longest(pair_named(name).ours, text, n)


@settings(max_examples=60)
@given(text=LONGER, n=LIMITS)
@pytest.mark.parametrize("name", ALL)
def test_both_ends(name: str, text: str, n: int) -> None:
    assert_ends(pair_named(name).ours, text, n)


def assert_parts(pair: Pair, text: str) -> None:
    """Of a long text: spans, a growing text and cuts, near its ends and far from them."""
    ours, draw = pair.ours, random.Random(5)
    offsets, total = ours.offsets(text), len(pair.expected(text))
    assert offsets.total == total
    for _ in range(20):
        start, stop = sorted(draw.choices(range(len(text) + 1), k=2))
        assert offsets.count(start, stop) == len(pair.expected(text[start:stop]))
    counter = ours.counter()
    for part in cut(text, 7, 60_000):
        counter.append(part)
    assert counter.count == total
    for n in (0, 1, 57, 3000, max(total - 1, 0), total, 2**62):
        head, tail = ours.truncate(text, n), ours.truncate(text, n, keep="tail")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(pair.expected(head)) <= n
        assert len(pair.expected(tail)) <= n
        assert head == text or len(pair.expected(text[: len(head) + 1])) > n
        assert tail == text or len(pair.expected(text[-len(tail) - 1 :])) > n


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("name", ["bpe_bytes", "bpe_nmt_nfkc", "unigram_bytes", "unigram_across_words", "bpe_unused"])
def test_parts_of_long_texts(name: str, text: str) -> None:
    assert_parts(pair_named(name), LONG[text]()[:50_000])


def model_of(pieces: dict[str, float]) -> Pair:
    """A unigram model that keeps all spaces."""
    model = ModelProto()
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    model.normalizer_spec.add_dummy_prefix = model.normalizer_spec.remove_extra_whitespaces = False
    model.pieces.add(piece="<unk>", score=0, type=model.SentencePiece.UNKNOWN)
    for piece, score in pieces.items():
        model.pieces.add(piece=piece, score=score)
    return pair_of(model)


@pytest.mark.parametrize("size", [513, 528, 600, 1500])
def test_a_text_that_fits_is_kept_whole_where_it_cannot_be_cut(size: int) -> None:
    ours, text = model_of({"-": -5, "-" * 16: -3}).ours, "-" * size
    for keep in ("head", "tail", "ends"):
        assert ours.truncate(text, ours.count(text), keep) == text


def test_a_tail_where_rounding_decides() -> None:
    """The further from the start, the more often `ab` is one token: a span counts otherwise than a part of the text."""
    ours, text = model_of({"a": -5, "b": -6, "c": -3, "ab": -11.001}).ours, "abc" * 10_000
    total = ours.count(text)
    assert ours.truncate(text, total, "tail") == text
    kept = ours.truncate(text, total - 5, "tail")
    assert ours.count(kept) <= total - 5 < ours.count(text[-len(kept) - 1 :])


@pytest.mark.parametrize("path", mistral_files(), ids=lambda path: path.name)
def test_parts_in_mistral_models(path: object) -> None:
    assert_parts(mistral_pair(path), LONG["words"]()[:50_000])


@pytest.mark.parametrize("name", ["bpe_nmt_nfkc", "unigram_nmt_nfkc", "unigram_suffix"])
def test_a_growing_text_bit_by_bit(name: str) -> None:
    """Would take hours if a step cost what was there before, as it does where no seams are found."""
    pair, text = pair_named(name), " ".join(random.Random(9).choices(WORDS, k=130_000))
    counter = pair.ours.counter()
    for letter in text:
        counter.append(letter)
    assert counter.count == len(pair.expected(text))


@pytest.mark.parametrize("unit", ["a", "ab", "1", "-="])
@pytest.mark.parametrize("name", ["bpe_nmt_nfkc", "bpe_bytes", "unigram_nmt_nfkc", "unigram_bytes"])
def test_a_word_that_grows_bit_by_bit(name: str, unit: str) -> None:
    """Would take an hour if a step cost what was there before."""
    ours, times = pair_named(name).ours, 200_000 // len(unit)
    counter = ours.counter()
    counter.append(unit * (times // 4))
    for _ in range(times - times // 4):
        counter.append(unit)
    assert counter.count == ours.count(unit * times)
    assert counter.append("c d") == ours.count(unit * times + "c d")


def test_a_word_whose_last_character_changes_all_pairs() -> None:
    """The further behind a pair stands, the sooner it merges."""
    letters = "αβγδεζηθικλμνξοπρστυ"
    proto = ModelProto.FromString(trained("bpe_no_prefix"))
    for score, pair in enumerate(pairwise("x" + letters), start=1):
        proto.pieces.add(piece="".join(pair), score=score)
    proto.pieces.add(piece="xx", score=100)
    model, so_far = pair_of(proto), "x" * 300
    counter = model.ours.counter()
    counter.append(so_far)
    for letter in letters:
        so_far += letter
        assert counter.append(letter) == len(model.expected(so_far))


def test_a_word_that_grows_beyond_the_largest_sum() -> None:
    """The package takes the sum of scores away then; before and behind, rounding decides how many tokens it is."""
    proto = ModelProto.FromString(trained("unigram_no_prefix"))
    for piece, score in {"ღ": -97.3, "ღღ": -194.6, "ღღღ": -291.9}.items():
        proto.pieces.add(piece=piece, score=score)
    model = pair_of(proto)
    counter = model.ours.counter()
    for size in range(7, 2100, 7):
        assert counter.append("ღ" * 7) == len(model.expected("ღ" * size))
