"""Finds log files, plain or gzip, and hands out their lines one by one."""

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BufferedReader
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from ctxpack.errors import ReaderError

# What may stand behind a name; only gzip is read, the others are found to be named.
_PACKINGS = (".gz", ".zst", ".bz2", ".xz", ".zip")
_LOGS = (".jsonl", ".ndjson")
_MAYBE = (".json", ".log")
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_STEP = 1 << 20
_STDIN = "-"
# Bytes of a line, or of a file that is one JSON value: some ten times the largest request that a provider takes.
LONGEST = 1 << 29


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number from 1, and its bytes with their line end."""

    number: int
    data: bytes = field(repr=False)

    @property
    def complete(self) -> bool:
        """Whether the line was written to its end."""
        return self.data.endswith(b"\n")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file to read, or a pipe, or standard input, which has no path.

    Attributes:
        path: where it is.
        named: the user asked for this very file.
        is_copy: by its name it is a packed copy of another file that is read, so that nothing of it is.
    """

    path: Path | None
    named: bool
    is_copy: bool = False

    def __str__(self) -> str:
        return _STDIN if self.path is None else str(self.path)

    @property
    def is_log_by_name(self) -> bool:
        """Whether its name says that it is a log; others may be anything."""
        return self.path is not None and _unpacked(self.path).endswith(_LOGS)

    @property
    def size(self) -> int:
        """Bytes to read, packed as stored; 0 where nobody can tell yet, as of a pipe, and of a copy."""
        with suppress(OSError):  # it may be gone by now
            return 0 if self.path is None or self.is_copy else self.path.stat().st_size
        return 0

    def open(self) -> BufferedReader:
        """Its bytes; closing them leaves standard input open."""
        return open(sys.stdin.fileno(), "rb", closefd=False) if self.path is None else self.path.open("rb")


def find(paths: Iterable[str | PathLike[str]]) -> list[LogFile]:
    """The files to read: those named, and inside the directories named all `*.jsonl`, `*.ndjson`, `*.json`, `*.log`.

    These may have `.gz` behind, or what else packs, and are copies where what they pack is read, too.
    Each file once, those of a directory in order of their paths, but for those behind links to directories. The str "-"
    names standard input. Nothing is opened.

    Raises:
        ReaderError: no path is given, one is empty, does not exist or cannot be looked up, or a directory holds no such
            file.
    """
    found: dict[Path | None, LogFile] = {}
    for path in paths:
        for file in _meant(path):
            found.setdefault(file.path and Path(os.path.realpath(file.path)), file)
    if not found:
        raise ReaderError("no file or directory is given to read")
    return [replace(file, is_copy=_is_copy(path, found)) for path, file in found.items()]


def _is_copy(path: Path | None, found: Container[Path | None]) -> bool:
    return path is not None and path.suffix in _PACKINGS and path.with_suffix("") in found


def _unpacked(path: Path) -> str:
    """The name of a file without what says how it is packed."""
    return path.stem if path.suffix in _PACKINGS else path.name


def _meant(name: str | PathLike[str]) -> list[LogFile]:
    """The files that one name stands for."""
    if name == _STDIN:
        return [LogFile(None, named=True)]
    if name == "":
        raise ReaderError("a path is empty: the current directory is named '.'")
    path = Path(name)
    try:
        is_directory = S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise ReaderError(f"{path}: {_fault(error)}") from error
    return _inside(path) if is_directory else [LogFile(path, named=True)]


def _inside(directory: Path) -> list[LogFile]:
    """The files of a directory, and the directories in it that cannot be searched, which cannot be opened either."""
    closed: list[Path] = []
    tree = os.walk(directory, onerror=lambda error: closed.append(Path(error.filename)))
    found = [path for folder, _, names in tree for name in names if _may_be_log(path := Path(folder, name))] + closed
    if not found:
        raise ReaderError(f"{directory}: no .jsonl, .ndjson, .json or .log file inside, nor a packed one")
    return [LogFile(path, named=False) for path in sorted(found)]


def _may_be_log(path: Path) -> bool:
    """Whether it has the name of one, and is no pipe, which would be waited for."""
    if not _unpacked(path).endswith(_LOGS + _MAYBE):
        return False
    try:
        return S_ISREG(path.stat().st_mode)
    except OSError:
        return True  # opening it says why it cannot be read


def _fault(error: Exception) -> str:
    """What is wrong, without the path."""
    return getattr(error, "strerror", None) or str(error)


def lines(file: LogFile, advance: Callable[[int], None]) -> Iterator[Line]:
    """The lines of a file that are not blank, without a byte order mark.

    Memory: one line. A file is taken for gzip by its first bytes, whatever its name.

    Args:
        file: it is opened once, and read from its start to its end.
        advance: called about once a MiB, and at the end, with the bytes read since the last time, packed as stored: 0
            of a pipe.

    Raises:
        ReaderError: the file cannot be opened, read or unpacked, or a line has more than LONGEST bytes.
    """
    try:
        with file.open() as raw:
            yield from _numbered(file, raw, advance)
    except (OSError, EOFError, zlib.error) as error:
        raise ReaderError(f"{file}: {_fault(error)}") from error


def _numbered(file: LogFile, raw: BufferedReader, advance: Callable[[int], None]) -> Iterator[Line]:
    stream = gzip.GzipFile(fileobj=raw) if raw.peek(2).startswith(_GZIP) else raw
    reported = 0
    for number, data in enumerate(iter(partial(stream.readline, LONGEST + 1), b""), 1):
        if len(data) > LONGEST:
            raise ReaderError(f"{file}: line {number} has more than {LONGEST:,} bytes")
        if number == 1:
            data = data.removeprefix(_BOM)
        if not data.isspace():
            yield Line(number, data)
        done = _place(raw)
        if done - reported >= _STEP:
            advance(done - reported)
            reported = done
    advance(_place(raw) - reported)


def _place(raw: BufferedReader) -> int:
    """Bytes read so far; always 0 of a pipe, which cannot tell."""
    return raw.tell() if raw.seekable() else 0
