"""Ranks in files, beside tiktoken's."""

import hashlib
import sys
from pathlib import Path
from unittest import mock

import pytest
import tiktoken.load as original

from ctxpack.tokens import tiktoken
from ctxpack.tokens.tiktoken.load import dump_tiktoken_bpe, load_tiktoken_bpe

RANKS = {bytes([byte]): byte for byte in range(256)} | {b"he": 256, b"\xff\x00": 300}


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Ranks as tiktoken itself writes them, with `open` in place of the package that it asks for."""
    path = str(tmp_path / "own.tiktoken")
    with mock.patch.dict(sys.modules, blobfile=mock.Mock(BlobFile=open)):
        original.dump_tiktoken_bpe(RANKS, path)
    return path


def test_ranks_are_read_and_written_alike(file: str, tmp_path: Path) -> None:
    assert load_tiktoken_bpe(file) == original.load_tiktoken_bpe(file) == RANKS
    assert load_tiktoken_bpe(Path(file), hashlib.sha256(Path(file).read_bytes()).hexdigest()) == RANKS
    dump_tiktoken_bpe(dict(reversed(RANKS.items())), tmp_path / "again.tiktoken")
    assert (tmp_path / "again.tiktoken").read_bytes() == Path(file).read_bytes()


def test_an_encoding_of_ranks_in_a_file(file: str) -> None:
    ranks = tiktoken.load.load_tiktoken_bpe(file)
    own = tiktoken.Encoding("own", pat_str=r"\w+|\W+", mergeable_ranks=ranks, special_tokens={"<e>": 301})
    assert own.encode("he<e>", allowed_special="all") == [256, 301]


@pytest.mark.parametrize(
    "data", [b"", b"\n\nYQ== 0\r\n\nYg== -1", b"YQ== 0\nYQ== 2", b" YQ==  0 ", b"Y!Q== 0", b"\xff 1"]
)
def test_lines_that_tiktoken_takes(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ranks").write_bytes(data)
    assert load_tiktoken_bpe(tmp_path / "ranks") == original.load_tiktoken_bpe(str(tmp_path / "ranks"))


@pytest.mark.parametrize("data", [b"YQ==", b"YQ== x", b"YQ== 0\nYQ== 1 2", b"YQ 0", b" "])
def test_lines_that_are_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ranks").write_bytes(data)
    said = []
    for load in (load_tiktoken_bpe, original.load_tiktoken_bpe):
        with pytest.raises(ValueError, match=r"^Error parsing line ") as caught:
            load(str(tmp_path / "ranks"))
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_files_that_are_not_read(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "cache"))  # without it, tiktoken looks at no hash
    for load in (load_tiktoken_bpe, original.load_tiktoken_bpe):
        with pytest.raises(ValueError, match=rf"^Hash mismatch for .*{file}"):
            load(file, "0" * 64)
        with pytest.raises(FileNotFoundError):
            load(file + "x")
    with pytest.raises(ValueError, match=r"^https://host/x: nothing is downloaded here: download it yourself"):
        load_tiktoken_bpe("https://host/x", "0" * 64)
