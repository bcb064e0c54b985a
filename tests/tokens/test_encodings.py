"""Loading encodings, sharing them between threads, and what a damaged vocabulary file says."""

import os
import pickle
import shutil
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ctxpack._native.bpe import BpeEncoding
from ctxpack._native.sentencepiece import SentencePieceEncoding
from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.tokens import Encoding, TokenCounter, encoding
from ctxpack.tokens.encodings import load
from ctxpack.tokens.making import made
from ctxpack.tokens.vocabulary import DATA, SUFFIX, read_vocabulary

HEADER = struct.Struct("<8sII")


def test_an_encoding_is_loaded_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(map(id, pool.map(encoding, ["cl100k_base"] * 32)))
    assert found == {id(encoding("cl100k_base"))}


class Bare(BpeEncoding):
    """One that does not say what its core is made of."""

    def __init__(self) -> None:
        self.extra = 1


class Coreless(Encoding):
    """One of none of the two kinds."""

    _makes_core = True  # says nobody who could know


@pytest.mark.parametrize("kind", [Encoding, BpeEncoding, SentencePieceEncoding, Bare, Coreless])
def test_no_encoding_is_without_a_core(kind: type[Encoding]) -> None:
    for make in (kind, lambda: kind.__new__(kind)):
        with pytest.raises(TypeError):
            make()


def test_no_core_is_replaced() -> None:
    """Those who use it would not know."""
    ours = BpeEncoding("own", "gpt2", *(bytes(range(256)), b"", [], [], [(0, 0)], [], {}))
    counter, offsets = ours.counter(), ours.offsets("abc")
    ours.__init__("other", "gpt2", *(bytes(range(256)), b"", [], [], [(0, 7)], [], {}))
    assert (counter.append("abc"), offsets.total, list(ours.encode("a")), ours.name) == (3, 3, [97], "own")
    offsets.__init__(ours, "")
    assert offsets.total == 3
    with pytest.raises(TypeError, match="a counter is made once"):
        counter.__init__(ours)
    for use in (TokenCounter.copy, repr, lambda made: made.append("a")):
        with pytest.raises(TypeError, match="the counter was not made"):
            use(TokenCounter.__new__(TokenCounter))


def test_none_is_no_text() -> None:
    """The core would read past it."""
    rows = bytes(range(256)), b""
    for wholes, spares, specials in (([None], [], {}), ([], [None], {}), ([], [], {None: 300})):
        with pytest.raises(TypeError, match="None is no text"):
            BpeEncoding("own", "gpt2", *rows, wholes, spares, [(0, 0)], [], specials)


def test_texts_that_nobody_else_keeps() -> None:
    rows = bytes(range(256)), b""
    wholes = (bytes([byte]) * 100 for byte in b"ab")
    ours = BpeEncoding("own", "gpt2", *rows, wholes, [], [(0, 0)], [], {})
    assert [len(ours.encode(letter * 100)) for letter in "abc"] == [1, 1, 100]


def test_a_counter_is_not_used_half_made(o200k: Encoding) -> None:
    counter = TokenCounter.__new__(TokenCounter)

    class Special(frozenset[str]):
        def __eq__(self, other: object) -> bool:
            with pytest.raises(TypeError, match="the counter was not made"):
                counter.append("a")
            return False

        __hash__ = frozenset.__hash__

    counter.__init__(o200k, special=Special())
    assert counter.append("a") == 1


def test_names(o200k: Encoding) -> None:
    assert (o200k.name, o200k.n_vocab) == ("o200k_base", 200019)
    assert repr(o200k) == "<Encoding 'o200k_base'>"
    with pytest.raises(UnknownEncodingError, match=r"'gpt9'.*cl100k_base, .*llama3.*tekken"):
        encoding("gpt9")


def test_pickling_gives_the_shared_encoding(o200k: Encoding) -> None:
    assert pickle.loads(pickle.dumps(o200k)) is o200k


def test_other_threads_go_on_while_an_encoding_is_made() -> None:
    vocabulary = read_vocabulary(os.path.join(DATA, "o200k_base" + SUFFIX), "o200k_base")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # only what lets go of the interpreter lets another thread run
    try:
        went_on = [_goes_on_while(lambda: made("o200k_base", "", vocabulary)) for _ in range(10)]
    finally:
        sys.setswitchinterval(interval)
    assert any(went_on)


def _goes_on_while(work: Callable[[], object]) -> bool:
    turn, ran = threading.Lock(), []
    turn.acquire()
    other = threading.Thread(target=lambda: ran.append(turn.acquire()))
    other.start()
    turn.release()
    work()
    went_on = bool(ran)
    other.join()
    return went_on


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
    with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
        o200k.count_batch(["a"], threads=1.5)


def test_a_batch_is_no_single_text(o200k: Encoding) -> None:
    for batch in (o200k.count_batch, o200k.encode_batch):
        for text in ("abc", b"abc", bytearray(b"abc"), memoryview(b"abc")):
            with pytest.raises(TypeError, match=f"an iterable of texts, not one {type(text).__name__}"):
                batch(text)


def test_what_is_no_token_is_named_as_given(o200k: Encoding) -> None:
    for text in ("no such token", b"no such token"):
        with pytest.raises(KeyError) as raised:
            o200k.token(text)
        assert raised.value.args == (text,)
    with pytest.raises(KeyError) as raised:
        o200k.token(memoryview(b"no such token"))
    assert raised.value.args == (b"no such token",)


def test_a_path_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(DATA))
    found = encoding(Path("r50k_base.vocab"))
    assert found is encoding(Path(DATA, "r50k_base.vocab")) is encoding(os.path.join(DATA, "r50k_base.vocab"))
    assert found.encode("hello world") == encoding("r50k_base").encode("hello world")
    with pytest.raises(VocabularyError, match=r"none\.json: cannot be read"):
        encoding(tmp_path / "none.json")


class OfBytes:
    """A path of bytes, as os.scandir(b".") gives them."""

    def __fspath__(self) -> bytes:
        return b"./mine.vocab"


@pytest.mark.parametrize("name", [b"o200k_base", b"./mine.vocab", 5, None, OfBytes()])
def test_an_encoding_is_named_by_a_str(name: Any) -> None:
    with pytest.raises(TypeError, match=f'named by a str, such as "o200k_base", .* not by {type(name).__name__}'):
        encoding(name)


def test_a_relative_path_is_the_same_file_in_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [tmp_path / source for source in ("p50k_base", "cl100k_base")]
    for place in places:
        place.mkdir()
        shutil.copy(Path(DATA, place.name + ".vocab"), place / "mine.vocab")
    found = []
    for place in places:
        monkeypatch.chdir(place)
        found.append(encoding("./mine.vocab"))
    names = [str(place / "mine.vocab") for place in places]
    assert [(enc.name, enc.n_vocab) for enc in found] == [(names[0], 50281), (names[1], 100277)]
    assert repr(found[0]) == f"<Encoding {names[0]!r}>"
    assert pickle.loads(pickle.dumps(found[0])) is found[0] is encoding("../p50k_base/mine.vocab")


def test_a_name_with_a_directory_is_no_bundled_encoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("./o200k_base", os.path.join(DATA, "o200k_base"), Path(DATA, "o200k_base")):
        with pytest.raises(VocabularyError, match="o200k_base: cannot be read"):
            encoding(name)


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    return Path(shutil.copy(Path(DATA, "o200k_base.vocab"), tmp_path))


def assert_refused(path: Path, reason: str) -> None:
    with pytest.raises(VocabularyError, match=rf"o200k_base\.vocab: .*{reason}"):
        load(str(path))


def sections_of(data: bytes) -> list[bytes]:
    """Description, regexes, single bytes, pairs, wholes, spares, runs, hasty and specials."""
    at, sections = HEADER.size, []
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        sections.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return sections


def sealed(sections: list[bytes]) -> bytes:
    """A file of these sections whose checksum fits."""
    payload = b"".join(struct.pack("<I", len(section)) + section for section in sections)
    return HEADER.pack(b"CTXVOCAB", 2, zlib.crc32(payload)) + payload


def test_a_file_by_its_path(vocabulary: Path) -> None:
    by_path = encoding(str(vocabulary))
    assert by_path.count("hello world") == 2
    assert encoding(str(vocabulary)) is by_path
    assert pickle.loads(pickle.dumps(by_path)) is by_path


def test_a_missing_file(vocabulary: Path) -> None:
    vocabulary.unlink()
    assert_refused(vocabulary, "No such file")


@pytest.mark.parametrize(
    ("size", "reason"), [(0, "cut short"), (15, "cut short"), (60, "cut short"), (-1, "cut short")]
)
def test_a_truncated_file(vocabulary: Path, size: int, reason: str) -> None:
    vocabulary.write_bytes(vocabulary.read_bytes()[:size])
    assert_refused(vocabulary, reason)


@pytest.mark.parametrize(
    ("at", "reason"), [(0, "no vocabulary file"), (8, "version 2"), (12, "damaged"), (60, "damaged"), (-1, "damaged")]
)
def test_a_flipped_bit(vocabulary: Path, at: int, reason: str) -> None:
    data = bytearray(vocabulary.read_bytes())
    data[at] ^= 1
    vocabulary.write_bytes(data)
    assert_refused(vocabulary, reason)


def test_the_file_of_another_encoding(vocabulary: Path) -> None:
    shutil.copy(Path(DATA, "cl100k_base.vocab"), vocabulary)
    with pytest.raises(VocabularyError, match=r"o200k_base\.vocab: it is the vocabulary of cl100k_base"):
        read_vocabulary(str(vocabulary), "o200k_base")


RUN = struct.Struct("<II")


@pytest.mark.parametrize(
    ("section", "data", "reason"),
    [
        (0, b"", "sections contradict"),
        (1, b"[a-z", "split pattern cannot be compiled"),
        (2, b"ab", "a byte has no token"),
        (2, b"a" * 256, "a byte has no token"),
        (3, b"\x00\x00\x00\x00\x01\x00", "no merge of two older ones"),
        (3, b"\x00" * 7, "merges are cut short"),
        (3, b"", "runs of ids are out of order|two tokens"),
        (4, b"\x00\x00", "empty or too long"),
        (4, b"\x09\x00a", "sections contradict"),
        (6, b"", "a token has no id"),
        (6, b"\x00", "sections contradict"),
        (6, RUN.pack(0, 0) + RUN.pack(300, 5), "two tokens have one id"),
        (6, RUN.pack(0, 2**31), "an id is too large"),
        (8, struct.pack("<IH", 5, 1) + b"a", "two tokens have one id"),
        (8, struct.pack("<IH", 200_000, 9) + b"a", "sections contradict"),
    ],
)
def test_contradictions_under_a_good_checksum(vocabulary: Path, section: int, data: bytes, reason: str) -> None:
    sections = sections_of(vocabulary.read_bytes())
    sections[section] = data
    if (section, data) == (3, b""):
        sections[6] = RUN.pack(0, 0) + RUN.pack(300, 300)
    vocabulary.write_bytes(sealed(sections))
    assert_refused(vocabulary, reason)


def test_a_file_with_more_sections(vocabulary: Path) -> None:
    vocabulary.write_bytes(sealed([*sections_of(vocabulary.read_bytes()), b""]))
    assert_refused(vocabulary, "sections contradict")


def test_shared_merges_come_from_the_file_beside_it(vocabulary: Path) -> None:
    harmony = Path(shutil.copy(Path(DATA, "o200k_harmony.vocab"), vocabulary.parent))
    assert load(str(harmony)).encode("hello world") == [24912, 2375]
    vocabulary.unlink()
    with pytest.raises(VocabularyError, match=r"o200k_base\.vocab: cannot be read"):
        load(str(harmony))
