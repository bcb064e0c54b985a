"""Unigram models whose pieces or texts lie where what is kept of a piece changes: its length, its bytes, its score."""

import pytest
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from tests.reference.sentencepiece import ReferenceModel
from tests.tokens.sentencepiece_models import Pair, pair_of, trained


def pair_with(setting: str, pieces: dict[str, float]) -> Pair:
    proto = ModelProto.FromString(trained(f"unigram_{setting}"))
    for piece, score in pieces.items():
        proto.pieces.add(piece=piece, score=score)
    return pair_of(proto)


def assert_same(pair: Pair, text: str) -> None:
    for _ in range(2):  # a word is segmented once, then looked up
        expected = pair.expected(text)
        assert list(pair.ours.encode(text)) == expected
        assert pair.ours.count(text) == len(expected)


@pytest.mark.parametrize("setting", ["identity", "no_prefix"])
@pytest.mark.parametrize("known", [True, False])
def test_the_first_characters_of_two_bytes(setting: str, known: bool) -> None:
    """Alone in their word: of all characters beyond ASCII their bytes are nearest to it."""
    pair = pair_with(setting, {"\x80": -3.0, "\x80\x82": -4.0} if known else {})
    for text in ("\x80", "\x82", "\x80\x82", "\x80\x80\x82\x82", "\x80\x82" * 20, "\x80 \x82", "\xc0\xbf"):
        assert_same(pair, text)
        assert list(pair.ours.encode(text)) == ReferenceModel(pair.proto).encode(pair.theirs.normalize(text))


@pytest.mark.parametrize("size", [5, 6, 62, 63, 64, 65, 127, 128, 129])
@pytest.mark.parametrize("letter", ["q", "é", "中"])
def test_a_piece_of_any_length(size: int, letter: str) -> None:
    letters, others = divmod(size, len(letter.encode()))
    piece = letter * letters + "q" * others
    pair = pair_with("bytes_only", {piece: -1.0, piece[:-1] + "z": -2.0})
    for text in (piece, piece[:-1], piece + letter, piece + piece, piece[:-1] + "z", f"the {piece}{piece[:-1]} of"):
        assert_same(pair, text)


def test_scores_far_apart() -> None:
    """What one piece wins is little beside what another one weighs."""
    pair = pair_with("bytes_only", {"qqqq": -1000.0, "qq": -500.0001, "qqq": -1499.9999, "zzzz": -20_000.0})
    for text in ("qqqq", "qqqqq", "qqqqqqqq", "zzzzqqqq", "zzzz", "qqqq" * 40, "zzzz" * 9 + "qqqq"):
        assert_same(pair, text)


def test_many_small_steps_round_one_way() -> None:
    """Forty letters win near the start of a text; far from it, where each step rounds down, the piece of all does."""
    letters, far = 40, 1 / 256  # the space between floats below -32,768
    one = -(1 + 0.6 * far)
    pair = pair_with("bytes_only", {"w": one, "w" * letters: letters * one - 5 * far})
    word = " " + "w" * letters
    assert_same(pair, word)
    far_off = "the " * 9_000 + word
    assert len(pair.expected(word)) - 1 == letters
    assert len(pair.expected(far_off)) < 9_000 + letters
    assert_same(pair, far_off)
    assert_same(pair, word * 3 + far_off)
