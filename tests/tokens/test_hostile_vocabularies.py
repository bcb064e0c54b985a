"""Vocabulary files that were made to do harm: well-formed, but nothing like them is ever written."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ctxpack.errors import VocabularyError
from ctxpack.tokens.encodings import load
from ctxpack.tokens.importing import Rules, vocabulary_of
from ctxpack.tokens.vocabulary import BYTES, NO_ID, Description, Vocabulary, read_vocabulary
from ctxpack.tokens.writing import packed

PATTERN = r"[\s\S]+"
DOUBLED = 15
LONG = BYTES + DOUBLED - 1  # rank of the token of 32,768 bytes


def vocabulary(merges: Sequence[tuple[int, int]] = (), **parts: Any) -> Vocabulary:
    pairs = b"".join(left.to_bytes(3, "little") + right.to_bytes(3, "little") for left, right in merges)
    about = Description("made-up", (PATTERN,), base=parts.pop("base", ""), shared=parts.pop("shared", 0))
    default: dict[str, Any] = {"wholes": [], "spares": [], "runs": [(0, 0)], "hasty": [], "specials": {}}
    return Vocabulary(about, bytes(range(BYTES)), pairs, **(default | parts))


def written(path: Path, made: Vocabulary) -> Path:
    path.write_bytes(packed(made))
    return path


def doublings() -> list[tuple[int, int]]:
    return [(97, 97), *((rank, rank) for rank in range(BYTES, LONG))]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (vocabulary([*doublings(), *([(LONG, 97)] * 3000)]), "the tokens have too many bytes in all"),
        (vocabulary([*doublings(), (LONG, LONG)]), "a token is empty or too long"),
        (vocabulary([(97, 97), (98, 98), (97, 97)]), "two tokens are made of the same two"),
        (vocabulary(runs=[(0, 0), (97, NO_ID), (98, 98)]), "a byte has no token"),
        (vocabulary([(97, 97)], runs=[(0, 0), (256, NO_ID)]), "a token has no id"),
        (vocabulary([(97, 97)], runs=[(0, 1), (255, NO_ID)]), "a token has no id"),
        (vocabulary(runs=[(0, 1), (254, NO_ID)]), "a token has no id"),
        (vocabulary([(97, 97), (256, 97)], hasty=[(257, 256)]), "hasty tokens are out of order"),
        (vocabulary([(97, 97), (256, 97)], hasty=[(256, 1 << 27)]), "hasty tokens are out of order"),
    ],
)
def test_merges_that_would_overrun_the_core_are_refused(tmp_path: Path, made: Vocabulary, reason: str) -> None:
    path = written(tmp_path / "made-up.vocab", made)
    with pytest.raises(VocabularyError, match=f"^{re.escape(str(path))}: {reason}$"):
        load(str(path))


@pytest.mark.parametrize("base", ["made-up", "other"])
def test_files_that_share_each_others_merges_are_refused(tmp_path: Path, base: str) -> None:
    path = written(tmp_path / "made-up.vocab", vocabulary(base=base, shared=BYTES))
    written(tmp_path / "other.vocab", vocabulary(base="made-up", shared=BYTES))
    with pytest.raises(VocabularyError, match=f"^{re.escape(str(path))}: it shares the merges of {base!r}"):
        read_vocabulary(str(path))


@pytest.mark.parametrize("base", ["../other", "{}/other", "below/../other", "..\\other", "C:other"])
def test_a_file_elsewhere_is_not_read_for_its_merges(tmp_path: Path, base: str) -> None:
    base = base.format(tmp_path)
    for place in (tmp_path, tmp_path / "in", tmp_path / "in" / "below"):
        place.mkdir(exist_ok=True)
        written(place / "other.vocab", vocabulary())
    path = written(tmp_path / "in" / "made-up.vocab", vocabulary(base=base, shared=BYTES))
    with pytest.raises(VocabularyError) as caught:
        load(str(path))
    assert str(caught.value) == f"{path}: it shares the merges of {base!r}: that is no plain name"


@pytest.mark.parametrize("shared", [-5, 255, 258])
def test_no_more_merges_can_be_shared_than_there_are(tmp_path: Path, shared: int) -> None:
    written(tmp_path / "other.vocab", vocabulary([(97, 97)]))
    path = written(tmp_path / "made-up.vocab", vocabulary(base="other", shared=shared))
    with pytest.raises(VocabularyError, match="it does not have so many of its own"):
        read_vocabulary(str(path))


def test_a_missing_file_of_shared_merges_is_named_with_the_file_that_asks_for_it(tmp_path: Path) -> None:
    path = written(tmp_path / "made-up.vocab", vocabulary(base="gone", shared=BYTES))
    with pytest.raises(VocabularyError, match=rf"^{re.escape(str(path))}: .*gone\.vocab: cannot be read"):
        read_vocabulary(str(path))


def test_the_longest_token_that_is_loaded_is_the_longest_that_a_file_can_hold(tmp_path: Path) -> None:
    longest = b"x" * 0xFFFF
    path = written(tmp_path / "made-up.vocab", vocabulary(wholes=[longest]))
    assert load(str(path)).count(longest) == 1
    with pytest.raises(ValueError, match="cannot hold a token of 65,536 bytes"):
        packed(vocabulary(wholes=[longest + b"x"]))


@pytest.mark.parametrize(("size", "tokens"), [(16, 70_000), (32, 20_000), (64, 10_000)])
def test_nearly_all_tokens_are_of_one_length(tmp_path: Path, size: int, tokens: int) -> None:
    """More than tables of such pretokens start with room for."""
    wholes = [f"{number:0{size}}".encode() for number in range(tokens)]
    made = load(str(written(tmp_path / "made-up.vocab", vocabulary(wholes=wholes))))
    for number in range(0, tokens, 1000):
        assert made.count(wholes[number]) == 1
        assert list(made.encode(wholes[number])) == [BYTES + number]


def test_haste_of_characters_is_refused_when_it_is_imported() -> None:
    """tiktoken merges "éaé" to "é" and "aé"; the core would begin with both "é" and find "éa" first."""
    made = [b"a\xc3\xa9", b"\xc3\xa9a", b"\xc3\xa9"]
    ranks = {token: rank for rank, token in enumerate([*(bytes([byte]) for byte in range(BYTES)), *made])}
    with pytest.raises(VocabularyError, match="the order of merges is not one of ranks"):
        vocabulary_of("made-up", ranks, Rules((PATTERN,)))


def test_of_tokens_that_are_spelt_alike_the_first_is_the_one_that_merging_finds(tmp_path: Path) -> None:
    alike = vocabulary([(97, 98), (256, 99), (98, 99), (97, 258)])  # ab, abc, bc, and abc again
    made = load(str(written(tmp_path / "made-up.vocab", alike)))
    assert made.count("abc") == 1
    assert list(made.encode("abc")) == [257]
    assert made.token("abc") == 257
