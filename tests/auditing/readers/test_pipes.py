"""Logs that come through a pipe, which is read once and cannot tell its place."""

import gzip
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from ctxpack.auditing.calls import Call
from ctxpack.auditing.readers import find, read
from ctxpack.errors import ReaderError

from .logs import record

LOG = b"".join(record(id=str(number)) for number in range(5000))
PACKINGS = pytest.mark.parametrize("packed", [bytes, gzip.compress])


@contextmanager
def writing(target: Path | int, data: bytes) -> Iterator[None]:
    """Writes to a pipe while it is read."""

    def write() -> None:
        with open(target, "wb") as pipe:
            pipe.write(data)

    thread = Thread(target=write, daemon=True)
    thread.start()
    yield
    thread.join()


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    os.mkfifo(path)
    return path


@PACKINGS
def test_a_pipe_is_read_once_and_counts_for_no_progress(fifo: Path, packed: Callable[[bytes], bytes]) -> None:
    progress: list[int] = []
    with writing(fifo, packed(LOG)):
        items = list(read([fifo, fifo], on_progress=progress.append))
    assert [item.id for item in items if isinstance(item, Call)] == [str(number) for number in range(5000)]
    assert set(progress) == {0}
    assert sum(file.size for file in find([fifo, "-"])) == 0


@PACKINGS
def test_standard_input(monkeypatch: pytest.MonkeyPatch, packed: Callable[[bytes], bytes]) -> None:
    output, source = os.pipe()
    with open(output, encoding="utf-8") as stdin, writing(source, packed(LOG)):
        monkeypatch.setattr(sys, "stdin", stdin)
        items = list(read(["-", "-"]))
        assert not stdin.closed
        os.fstat(output)  # raises where it is closed
    assert len(items) == 5000
    assert all(isinstance(item, Call) and item.session == "-:1" for item in items)


def test_standard_input_that_is_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(ReaderError, match="-: no record of a known log format"):
            list(read(["-"]))


def test_a_file_whose_name_is_a_dash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(record())
    assert len(list(read(["./-"]))) == len(list(read([Path("-")]))) == 1
