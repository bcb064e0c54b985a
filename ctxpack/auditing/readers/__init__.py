"""Reads logs of several formats into calls. One module per format, each with `fits` and `read`."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from os import PathLike
from typing import Protocol

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import claude_code, records
from ctxpack.auditing.readers.files import Line, LogFile, find, lines
from ctxpack.errors import ReaderError

__all__ = ["find", "read"]

_SNIFFED = 32


class Format(Protocol):
    """What the module of a log format offers."""

    def fits(self, line: bytes) -> bool:
        """Whether this line is a record of the format and of no other."""

    def read(self, path: str, lines: Iterable[Line], seen: set[str]) -> Iterator[Call | Skip]:
        """The calls of one file.

        Args:
            path: the file, to name it in a `Skip`.
            lines: its lines.
            seen: ids of the calls counted before; grows.
        """


_FORMATS: tuple[Format, ...] = (claude_code, records)


def read(
    paths: Iterable[str | PathLike[str]], *, on_progress: Callable[[int], None] | None = None
) -> Iterator[Call | Skip]:
    """The billed calls of log files, each once, and a `Skip` for everything left out.

    Files are read in order (a directory's by path), calls of a session in the order of the log. A call found again in a
    later file, as in the transcript of a resumed session, is left out there and counted as a `Skip`. So is what cannot
    be read inside a directory; a file asked for by name must be a log. A last line that is still being written is a
    `Skip`, too.

    Memory: one session's history and the ids of all calls. Time: linear in the bytes read and the bodies made.
    Thread-safety: one iterator belongs to one thread; several may run at once.

    Args:
        paths: files, also pipes, "-" for standard input, and directories to search for `*.jsonl` and `*.jsonl.gz`.
        on_progress: called now and then with the bytes read so far, over all files, packed as they are stored. Bytes of
            pipes do not count.

    Raises:
        ReaderError: at once, where a path does not exist or a directory holds no log file; while iterating, where a
            file asked for by name cannot be read or is of no known format.
    """
    return _read(find(paths), on_progress or (lambda done: None))


def _read(files: list[LogFile], on_progress: Callable[[int], None]) -> Iterator[Call | Skip]:
    seen: set[str] = set()
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done)

    for file in files:
        yield from _read_file(file, lines(file, advance), seen)


def _read_file(file: LogFile, source: Iterator[Line], seen: set[str]) -> Iterator[Call | Skip]:
    path = str(file)
    try:
        head = list(islice(source, _SNIFFED))
    except ReaderError:
        if file.named:
            raise
        yield Skip(path, 0, Reason.UNREADABLE)
        return
    known = _format(head)
    if known is not None:
        yield from _guarded(known.read(path, chain(head, source), seen), path)
    elif file.named:
        raise ReaderError(f"{path}: no record of a known log format in its first {_SNIFFED} lines")
    else:
        yield Skip(path, 0, Reason.NOT_A_LOG)


def _guarded(items: Iterator[Call | Skip], path: str) -> Iterator[Call | Skip]:
    """Ends a file that breaks off in the middle (a damaged archive, a failing disk) with a `Skip`."""
    try:
        yield from items
    except ReaderError:
        yield Skip(path, 0, Reason.UNREADABLE)


def _format(head: list[Line]) -> Format | None:
    return next((known for line in head for known in _FORMATS if known.fits(line.data)), None)
