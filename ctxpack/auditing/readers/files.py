"""Finds log files, plain or gzip, and hands out their lines one by one."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from os import PathLike
from pathlib import Path

from ctxpack.errors import ReaderError

_SUFFIXES = (".jsonl", ".jsonl.gz")
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number from 1, and its bytes with their line end."""

    number: int
    data: bytes

    @property
    def complete(self) -> bool:
        """Whether the line was written to its end."""
        return self.data.endswith(b"\n")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file to read; `named` says that the user asked for this very file."""

    path: Path
    named: bool


def find(paths: Iterable[str | PathLike[str]]) -> list[LogFile]:
    """The files to read: those named, and `*.jsonl` and `*.jsonl.gz` anywhere inside the directories named.

    Each file once, those of a directory in order of their paths.

    Raises:
        ReaderError: a path does not exist, or a directory holds no such file.
    """
    found: dict[Path, LogFile] = {}
    for path in map(Path, paths):
        for file in _inside(path) if path.is_dir() else [LogFile(path, named=True)]:
            found.setdefault(file.path.resolve(), file)
    for file in found.values():
        if not file.path.exists():
            raise ReaderError(f"{file.path}: no such file or directory")
    return list(found.values())


def _inside(directory: Path) -> list[LogFile]:
    found = [path for path in sorted(directory.rglob("*")) if path.name.endswith(_SUFFIXES) and path.is_file()]
    if not found:
        raise ReaderError(f"{directory}: no .jsonl or .jsonl.gz file inside")
    return [LogFile(path, named=False) for path in found]


def lines(path: Path, advance: Callable[[int], None]) -> Iterator[Line]:
    """The lines of a file that are not blank, without a byte order mark.

    Memory: one line. A file is taken for gzip by its first bytes, whatever its name.

    Args:
        path: the file.
        advance: called about once a MiB, and at the end, with the bytes read since the last time, packed as stored.

    Raises:
        ReaderError: the file cannot be opened, read or unpacked.
    """
    try:
        with path.open("rb") as raw:
            yield from _numbered(raw, advance)
    except (OSError, EOFError, zlib.error) as error:
        raise ReaderError(f"{path}: {error}") from error


def _numbered(raw: BufferedReader, advance: Callable[[int], None]) -> Iterator[Line]:
    stream = gzip.GzipFile(fileobj=raw) if raw.peek(2).startswith(_GZIP) else raw
    reported = 0
    for number, data in enumerate(stream, 1):
        if number == 1:
            data = data.removeprefix(_BOM)
        if not data.isspace():
            yield Line(number, data)
        done = raw.tell()
        if done - reported >= _STEP:
            advance(done - reported)
            reported = done
    advance(raw.tell() - reported)


def seconds(stamp: str | None) -> float | None:
    """Unix seconds of an ISO 8601 time; None where there is none or it is damaged."""
    try:
        return datetime.fromisoformat(stamp).timestamp() if stamp else None
    except ValueError:
        return None
