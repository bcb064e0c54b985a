"""Reads logs of several formats into calls. One module per format, each with `fits` and `read`."""

import shlex
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice
from os import PathLike
from typing import Protocol

import msgspec

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import claude_code, records
from ctxpack.auditing.readers.decoding import decode
from ctxpack.auditing.readers.documents import elements, is_document
from ctxpack.auditing.readers.files import Line, LogFile, find, lines
from ctxpack.errors import ReaderError
from ctxpack.likeness import likeness, packing

__all__ = ["find", "read"]

_SNIFFED = 32
_WANTED = (
    "a Claude Code transcript, or records with the objects `usage` (or a `response` that has it)"
    " and `request` (or `body`, or a `model`)"
)
# Members that are objects; some clients log them as texts of JSON.
_OBJECTS = frozenset({"usage", "response", "request", "body"})
_NAMES_SHOWN = 12
_NAME = 40
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Format(Protocol):
    """What the module of a log format offers."""

    def fits(self, line: bytes) -> bool:
        """Whether this line is a record of the format and of no other."""

    def read(self, path: str, lines: Iterable[Line], seen: dict[str, int]) -> Iterator[Call | Skip]:
        """The calls of one file.

        Args:
            path: the file, to name it in a `Skip`.
            lines: its lines.
            seen: output tokens of the calls counted before, by id; grows.
        """


_FORMATS: tuple[Format, ...] = (claude_code, records)


def read(
    paths: Iterable[str | PathLike[str]], *, on_progress: Callable[[int], None] | None = None
) -> Iterator[Call | Skip]:
    """The billed calls of log files, each once, and a `Skip` for everything left out.

    Files are read in order (a directory's by path), calls of a session in the order of the log. A call found again in a
    later file, as in the transcript of a resumed session, is left out there and counted as a `Skip`. So is a packed
    copy of a file that is read, and what cannot be read inside a directory, but for files that by their name need not
    be logs; a file asked for by name must be one. A last line that is still being written is a `Skip`, too, and so is
    the rest of a file that breaks off, as a gzip that is cut short.

    Memory: one session's history and the ids of all calls; a whole file that is one JSON array. Time: linear in the
    bytes read and the bodies made. Thread-safety: one iterator belongs to one thread; several may run at once.

    Args:
        paths: files, also pipes, "-" for standard input, and directories to search, see `find`.
        on_progress: called now and then with the bytes read so far, over all files, packed as they are stored. Bytes of
            pipes do not count.

    Raises:
        ReaderError: at once, where no path is given, one does not exist or a directory holds no file that may be a log;
            while iterating, where a file asked for by name cannot be read or is of no known format, or no file is a
            log.
    """
    return _read(find(paths), on_progress or (lambda done: None))


def _read(files: list[LogFile], on_progress: Callable[[int], None]) -> Iterator[Call | Skip]:
    seen: dict[str, int] = {}
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done)

    first, unknown, is_any_log = "", 0, False
    for file in files:
        if file.is_copy:
            yield Skip(str(file), 0, Reason.COPY)
            continue
        fault = yield from _read_file(file, lines(file, advance), seen)
        is_any_log = is_any_log or not fault
        first = first or fault
        unknown += bool(fault)
    if not is_any_log:
        raise ReaderError(first + (f"; none of the {unknown} files could be read" if unknown > 1 else ""))


def _read_file(file: LogFile, source: Iterator[Line], seen: dict[str, int]) -> Generator[Call | Skip, None, str]:
    """The calls of a file, if it is a log; returns why it is none, "" where it is one, or cannot be read."""
    path, reading = str(file), _Reading()
    given = reading.of(source)
    head = list(islice(given, _SNIFFED))
    known, records = _format(head), chain(head, given)
    if known is None and is_document(head):
        objects = reading.of(elements(path, records))
        found = list(islice(objects, _SNIFFED))
        known, records, head = _format(found), chain(found, objects), found or head
    if known is not None:
        yield from known.read(path, records, seen)
        if reading.fault:
            yield Skip(path, 0, Reason.UNREADABLE_REST)
        return ""
    if reading.fault:
        if file.named:
            raise reading.fault
        yield Skip(path, 0, Reason.UNREADABLE)
        return ""
    is_packed, fault = _no_log(path, head)
    if file.named:
        raise ReaderError(fault)
    if is_packed or file.is_log_by_name:
        yield Skip(path, 0, Reason.PACKED if is_packed else Reason.NOT_A_LOG)
    return fault


class _Reading:
    """Hands out lines up to the last that can be read; `fault` says why there are no more, None at their end."""

    fault: ReaderError | None = None

    def of(self, lines: Iterator[Line]) -> Iterator[Line]:
        try:
            yield from lines
        except ReaderError as error:
            self.fault = error


def _no_log(path: str, head: list[Line]) -> tuple[bool, str]:
    """Whether a file of no known format is packed, and what is wrong with it."""
    if head and (known := packing(head[0].data)):
        name, program = known
        return True, f"{path}: looks like {name}; unpack it: `{program} {shlex.quote(path)} | ctxpack audit -`"
    return False, f"{path}: no record of a known log format; {_seen(path, head)}; wanted: {_WANTED}"


def _format(head: list[Line]) -> Format | None:
    return next((known for line in head for known in _FORMATS if known.fits(line.data)), None)


def _seen(path: str, head: list[Line]) -> str:
    """The members of the first objects, to compare with what is wanted, or what else the lines are."""
    if not head:
        return "it is empty"
    objects = [members for line in head if (members := _members(line.data)) is not None]
    if not objects and is_document(head):
        made = f"`jq -c . {shlex.quote(path)}` makes them lines"
        return f"it is damaged, or several JSON values that are no lines: {made}"
    if not objects:
        return f"its first lines are no JSON objects{likeness(head[0].data)}"
    names: dict[str, msgspec.Raw] = {}
    for members in objects:
        names |= members
    shown = [f"{name[:_NAME]}{_lack(name, raw)}" for name, raw in names.items()][:_NAMES_SHOWN]
    return f"its first lines have: {', '.join(shown) or 'nothing'}"


def _members(line: bytes) -> dict[str, msgspec.Raw] | None:
    """Those of an object; None where the line is none."""
    try:
        return decode(_MEMBERS, line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _lack(name: str, raw: msgspec.Raw) -> str:
    """What a member of a wanted name lacks."""
    return " (no object)" if name in _OBJECTS and not bytes(raw).startswith(b"{") else ""
