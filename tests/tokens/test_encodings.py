"""Loading encodings, sharing them between threads, and what a damaged vocabulary file says."""

import hashlib
import pickle
import shutil
import struct
import threading
import zlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.tokens import Encoding, encoding
from ctxpack.tokens.encodings import DATA, load
from tests.tokens.conftest import NAMES, read_ranks

HEADER = struct.Struct("<8sIIII32s")


@pytest.mark.parametrize("name", NAMES)
def test_the_bundled_file_rebuilds_its_source(name: str) -> None:
    lines = (b64encode(token) + b" %d\n" % rank for token, rank in read_ranks(name).items())
    digest = HEADER.unpack_from(Path(DATA, f"{name}.vocab").read_bytes())[-1]
    assert hashlib.sha256(b"".join(lines)).digest() == digest


def test_an_encoding_is_loaded_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(map(id, pool.map(encoding, ["cl100k_base"] * 32)))
    assert found == {id(encoding("cl100k_base"))}


def test_names(o200k: Encoding) -> None:
    assert (o200k.name, o200k.n_vocab) == ("o200k_base", 200019)
    assert repr(o200k) == "<Encoding 'o200k_base'>"
    with pytest.raises(UnknownEncodingError, match=r"'gpt9'.*cl100k_base, o200k_base"):
        encoding("gpt9")


def test_pickling_gives_the_shared_encoding(o200k: Encoding) -> None:
    assert pickle.loads(pickle.dumps(o200k)) is o200k


def test_threads_agree(o200k: Encoding) -> None:
    texts = [f"text {i} für 中文 {'abc' * i}\n" * 40 for i in range(60)]
    expected = [len(o200k.encode(text)) for text in texts]
    start = threading.Barrier(6)

    def work(_: int) -> list[int]:
        start.wait()
        return [o200k.count(text) for text in texts]

    with ThreadPoolExecutor(6) as pool:
        assert all(counts == expected for counts in pool.map(work, range(6)))


@pytest.mark.parametrize("threads", [None, 1, 2, 7])
def test_batches(o200k: Encoding, threads: int | None) -> None:
    texts = ["a" * 70_000, "", b"bytes", "中文" * 30_000, "\ud800", *(f"line {i}" for i in range(100))]
    assert o200k.count_batch(texts, threads) == [o200k.count(text) for text in texts]
    assert o200k.count_batch([], threads) == []
    assert o200k.count_batch(iter(["a b"]), threads) == [2]


def test_a_batch_needs_a_thread(o200k: Encoding) -> None:
    with pytest.raises(ValueError, match="threads must be at least 1, not 0"):
        o200k.count_batch(["a"], threads=0)


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    return Path(shutil.copy(Path(DATA, "o200k_base.vocab"), tmp_path))


def assert_refused(path: Path, reason: str) -> None:
    with pytest.raises(VocabularyError, match=rf"o200k_base\.vocab: .*{reason}"):
        load("o200k_base", str(path.parent))


def resealed(data: bytes, payload: bytes) -> bytes:
    """The payload under a header whose checksum fits."""
    fields = list(HEADER.unpack_from(data))
    fields[4] = zlib.crc32(payload)
    return HEADER.pack(*fields) + payload


def test_a_good_copy_loads(vocabulary: Path) -> None:
    assert load("o200k_base", str(vocabulary.parent)).count("hello world") == 2


def test_a_missing_file(vocabulary: Path) -> None:
    vocabulary.unlink()
    assert_refused(vocabulary, "No such file")


@pytest.mark.parametrize(
    ("size", "reason"), [(0, "cut short"), (40, "cut short"), (60, "cut short"), (-1, "cut short")]
)
def test_a_truncated_file(vocabulary: Path, size: int, reason: str) -> None:
    vocabulary.write_bytes(vocabulary.read_bytes()[:size])
    assert_refused(vocabulary, reason)


@pytest.mark.parametrize(
    ("at", "reason"),
    [(0, "no vocabulary file"), (8, "version 1"), (30, "sha256"), (60, "damaged"), (1_000_000, "damaged")],
)
def test_a_flipped_bit(vocabulary: Path, at: int, reason: str) -> None:
    data = bytearray(vocabulary.read_bytes())
    data[at] ^= 1
    vocabulary.write_bytes(data)
    assert_refused(vocabulary, reason)


def test_the_file_of_another_encoding(vocabulary: Path) -> None:
    shutil.copy(Path(DATA, "cl100k_base.vocab"), vocabulary)
    assert_refused(vocabulary, "made from a source with sha256 223921b7")


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, 0, "a token is empty"),
        (0, 2, "a byte has no token|lengths do not add up|no merge"),
        (199_998 + 1000, 200, "no merge of two others"),
        (199_998 + 1000, 0, "no merge of two others"),
    ],
)
def test_contradictions_under_a_good_checksum(vocabulary: Path, at: int, value: int, reason: str) -> None:
    data = vocabulary.read_bytes()
    payload = bytearray(data[HEADER.size :])
    payload[at] = value
    vocabulary.write_bytes(resealed(data, bytes(payload)))
    assert_refused(vocabulary, reason)


def test_special_tokens_cut_short(vocabulary: Path) -> None:
    data = vocabulary.read_bytes()
    vocabulary.write_bytes(resealed(data, data[HEADER.size : -1]))
    assert_refused(vocabulary, "special tokens are cut short")
