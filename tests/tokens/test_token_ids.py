"""TokenIds: a sequence of int and a buffer of uint32."""

import array
import pickle
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, TokenIds

IDS = [5, 0, 200018, 7, 4294967295]


def test_numpy_shares_the_memory() -> None:
    ids = TokenIds(IDS)
    shared = np.asarray(ids)
    assert shared.dtype == np.uint32
    assert shared.shape == (5,)
    assert shared.tolist() == IDS
    assert not shared.flags.writeable
    assert np.shares_memory(shared, np.asarray(ids))
    del ids
    assert shared.tolist() == IDS


def test_what_is_shared_stays_where_it_is() -> None:
    ids = TokenIds(range(10))
    view, each = memoryview(ids), iter(ids)
    ids.__init__(range(1_000_000))
    assert list(view) == list(each) == list(ids) == list(range(10))


def test_buffer() -> None:
    view = memoryview(TokenIds(IDS))
    assert (view.format, view.itemsize, view.nbytes, view.readonly) == ("I", 4, 20, True)
    assert bytes(view) == array.array("I", IDS).tobytes()
    assert memoryview(TokenIds()).nbytes == 0


@given(st.lists(st.integers(0, 2**32 - 1)), st.lists(st.integers(0, 2**32 - 1)))
def test_adding(first: list[int], second: list[int]) -> None:
    ids = TokenIds(second)
    for other in (first, tuple(first), TokenIds(first)):
        assert type(other + ids) is type(ids + other) is TokenIds
        assert list(other + ids) == first + second
        assert list(ids + other) == second + first
    assert ids == second
    for other in ("a", b"a", 1, None):
        with pytest.raises(TypeError, match="unsupported operand"):
            ids + other


def test_is_a_sequence() -> None:
    tokens = TokenIds([3, 1, 3])
    assert isinstance(tokens, Sequence)
    assert (tokens.index(1), tokens.count(3), 1 in tokens, list(reversed(tokens))) == (1, 2, True, [3, 1, 3])
    with pytest.raises(ValueError, match=r"^$"):
        tokens.index(7)


@given(ids=st.lists(st.integers(0, 2**32 - 1)), cut=st.slices(12))
def test_behaves_like_a_list(ids: list[int], cut: slice) -> None:
    tokens = TokenIds(ids)
    assert len(tokens) == len(ids)
    assert list(tokens) == ids
    assert tokens == ids
    assert tokens[cut] == ids[cut]
    assert isinstance(tokens[cut], TokenIds)
    assert list(reversed(tokens)) == ids[::-1]
    assert eval(repr(tokens)) == tokens
    assert pickle.loads(pickle.dumps(tokens)) == tokens


def test_indexing() -> None:
    tokens = TokenIds(IDS)
    assert tokens[0] == 5
    assert tokens[-1] == 4294967295
    assert tokens[np.int64(3)] == 7
    for at in (5, -6, 2**70):
        with pytest.raises(IndexError):
            tokens[at]
    with pytest.raises(TypeError):
        tokens["0"]


def test_equality() -> None:
    tokens = TokenIds([1, 2])
    assert tokens == (1, 2)
    assert tokens == TokenIds((1, 2))
    assert (tokens == np.array([1, 3])).tolist() == [True, False]
    assert tokens != [1, 2, 3]
    assert tokens != [1]
    assert tokens != b"\x01\x02"
    assert tokens != {1: 2}
    with pytest.raises(TypeError, match="unhashable"):
        hash(tokens)


@pytest.mark.parametrize(
    "ids", [IDS, tuple(IDS), array.array("I", IDS), np.array(IDS), np.array(IDS, np.uint32), iter(IDS), TokenIds(IDS)]
)
def test_made_from(ids: object) -> None:
    assert TokenIds(ids) == IDS


def test_made_from_every_other_of_a_buffer() -> None:
    assert TokenIds(np.array(IDS, np.uint32)[::2]) == IDS[::2]
    assert TokenIds(memoryview(array.array("I", IDS))[::-1]) == IDS[::-1]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (np.array([IDS], np.uint32), "token ids have one dimension, not 2"),
        (np.array([IDS]), "token ids have one dimension, not 2"),
        (np.array(1), "token ids have one dimension, not 0"),
        ("12", "token ids are an iterable of int or a buffer of uint32, not str"),
        (12, "token ids are an iterable of int or a buffer of uint32, not int"),
        (None, "token ids are an iterable of int or a buffer of uint32, not NoneType"),
    ],
)
def test_what_is_no_row_of_ids(o200k: Encoding, wrong: object, reason: str) -> None:
    for take in (TokenIds, o200k.decode, o200k.decode_bytes):
        with pytest.raises(TypeError, match=f"^{reason}$"):
            take(wrong)


@pytest.mark.parametrize("wrong", [-1, 2**32, 2**70])
def test_ids_out_of_range(o200k: Encoding, wrong: int) -> None:
    with pytest.raises(ValueError, match=f"{wrong} is not a token id"):
        TokenIds([1, wrong])
    with pytest.raises(ValueError, match=f"{wrong} is not a token id"):
        o200k.decode([1, wrong])


def test_an_error_of_what_gives_the_ids_is_its_own() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise OverflowError("mine")

    with pytest.raises(OverflowError, match="mine"):
        TokenIds(failing())


@pytest.mark.parametrize("wrong", [1.5, "1", None, np.float64(2)])
def test_what_is_no_integer_is_no_id(o200k: Encoding, wrong: object) -> None:
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        o200k.decode([1, wrong])


@pytest.mark.parametrize("wrong", [199998, 200017, 200019])
def test_decoding_what_is_no_token(o200k: Encoding, wrong: int) -> None:
    with pytest.raises(ValueError, match=f"{wrong} is not a token id"):
        o200k.decode_bytes([1, wrong])
