"""Originals: the store that gives every removed text back, byte for byte."""

import sqlite3
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from os import PathLike
from typing import Any, Protocol

from ctxpack.errors import HandleError, StoreError

# Hexadecimal digits of a handle; more are taken when two texts would share one.
_SHORTEST = 8
# Bytes below which compressing does not pay. Level 1 makes tool results a third, at 35 us each; level 6 saves 3 % more.
_SMALL = 256
_PLAIN, _ZLIB = b"p", b"z"
# Seconds between two notes that a text is in use: each is a write.
_NOTED = 3600
_TABLE = """CREATE TABLE IF NOT EXISTS texts (
    handle TEXT PRIMARY KEY, digest BLOB NOT NULL, used REAL NOT NULL, data BLOB NOT NULL)"""
# All texts but the latest used that fit. The latest stays whatever its size.
_DROP = """DELETE FROM texts WHERE handle IN (
    SELECT handle FROM (
        SELECT handle, row_number() OVER latest AS place, sum(length(data)) OVER latest AS kept FROM texts
        WINDOW latest AS (ORDER BY used DESC, rowid DESC))
    WHERE kept > ? AND place > 1)"""


class Originals(Protocol):
    """Content-addressed texts.

    Thread-safety: safe.
    """

    def put(self, text: str) -> str:
        """Keeps a text and returns its handle; the same text always gets the same handle.

        Raises:
            StoreError: it cannot be written.
        """

    def get(self, handle: str) -> str:
        """The text behind a handle.

        Raises:
            HandleError: nothing is stored under it.
            StoreError: the store cannot be read.
        """


class MemoryOriginals:
    """Originals in memory, compressed; they end with the process.

    Args:
        max_bytes: most bytes of compressed texts; beyond them those unused for longest are dropped, never the latest.

    Raises:
        StoreError: max_bytes is not positive.
    """

    def __init__(self, max_bytes: int = 1 << 28) -> None:
        _check_bounds(max_bytes, None)
        self._max_bytes = max_bytes
        self._bytes = 0
        self._texts: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, text: str) -> str:
        data = _to_bytes(text)
        digest = _digest(data)
        with self._lock:
            for handle in _handles(digest):
                if handle not in self._texts:
                    self._keep(handle, digest, _compressed(data))
                if self._texts[handle][0] == digest:
                    self._texts.move_to_end(handle)
                    return handle
        raise StoreError("two texts have the same hash")

    def get(self, handle: str) -> str:
        with self._lock:
            if handle not in self._texts:
                raise _missing(handle)
            self._texts.move_to_end(handle)
            return _to_text(self._texts[handle][1])

    def _keep(self, handle: str, digest: bytes, packed: bytes) -> None:
        self._texts[handle] = (digest, packed)
        self._bytes += len(packed)
        while self._bytes > self._max_bytes and len(self._texts) > 1:
            _, (_, dropped) = self._texts.popitem(last=False)
            self._bytes -= len(dropped)


class SQLiteOriginals:
    """Originals in an SQLite file, compressed, shared by processes on one machine.

    Args:
        path: the file; made where there is none.
        max_bytes: most bytes of compressed texts, kept to within a sixteenth; beyond them those unused for longest are
            dropped, but never the latest.
        max_age: seconds that a text stays without use; None for ever. Use is noted to the hour.

    Raises:
        StoreError: the file cannot be opened, or a bound is not positive.
    """

    def __init__(
        self, path: str | PathLike[str], *, max_bytes: int = 1 << 30, max_age: float | None = 30 * 86_400
    ) -> None:
        _check_bounds(max_bytes, max_age)
        self._path = path
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._unchecked = max_bytes  # bytes that may have been added since the bounds were looked at
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            # Before the first table, or the file never shrinks.
            self._database.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute(_TABLE)
            self._database.execute("CREATE INDEX IF NOT EXISTS used ON texts (used)")
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def put(self, text: str) -> str:
        data = _to_bytes(text)
        digest, now = _digest(data), time.time()
        for handle in _handles(digest):
            row = self._row("SELECT digest, used FROM texts WHERE handle = ?", (handle,))
            if row is None:
                packed = _compressed(data)
                self._row("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)", (handle, digest, now, packed))
                self._added(len(packed), now)
                row = self._row("SELECT digest, used FROM texts WHERE handle = ?", (handle,))
            if row is not None and row[0] == digest:
                self._touch(handle, row[1], now)
                return handle
        raise StoreError(f"{self._path}: two texts have the same hash")

    def get(self, handle: str) -> str:
        row = self._row("SELECT data, used FROM texts WHERE handle = ?", (handle,))
        if row is None:
            raise _missing(handle, f"{self._path}: ")
        self._touch(handle, row[1], time.time())
        try:
            return _to_text(row[0])
        except (ValueError, TypeError, zlib.error) as error:
            raise StoreError(f"{self._path}: what is stored under {handle!r} is damaged") from error

    def close(self) -> None:
        """Closes the file; the store cannot be used any more."""
        self._database.close()

    def _touch(self, handle: str, used: float, now: float) -> None:
        if now - used > _NOTED:
            self._row("UPDATE texts SET used = ? WHERE handle = ?", (now, handle))

    def _added(self, size: int, now: float) -> None:
        """Looks at the bounds now and then: adding up what is there takes O(texts)."""
        self._unchecked += size
        if self._unchecked > self._max_bytes // 16:
            self._unchecked = 0
            if self._max_age is not None:
                self._row("DELETE FROM texts WHERE used < ?", (now - self._max_age,))
            self._row(_DROP, (self._max_bytes,))
            self._row("PRAGMA incremental_vacuum", ())

    def _row(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        """Runs one statement; the first row it gives, if it gives one."""
        try:
            with self._lock:
                rows = self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        return rows[0] if rows else None


def open_originals(place: "str | PathLike[str] | Originals | None") -> Originals:
    """A store in memory (None), in an SQLite file (a path), or the caller's own.

    Raises:
        StoreError: the file cannot be opened.
    """
    if place is None:
        return MemoryOriginals()
    if isinstance(place, str | PathLike):
        return SQLiteOriginals(place)
    return place


def _check_bounds(max_bytes: int, max_age: float | None) -> None:
    if max_bytes < 1 or (max_age is not None and max_age <= 0):
        raise StoreError("max_bytes and max_age are positive")


def _handles(digest: bytes) -> Iterator[str]:
    """Handles that a text may get, the shortest first."""
    name = digest.hex()
    return (name[:length] for length in range(_SHORTEST, len(name) + 1))


def _missing(handle: str, where: str = "") -> HandleError:
    return HandleError(
        f"{where}no original is stored under {handle!r}: it never was, or was dropped to keep the bounds"
    )


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=20).digest()


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _compressed(data: bytes) -> bytes:
    """The data behind a byte that says how it is kept."""
    packed = zlib.compress(data, 1) if len(data) >= _SMALL else data
    return _ZLIB + packed if len(packed) < len(data) else _PLAIN + data


def _to_text(packed: bytes) -> str:
    data = zlib.decompress(packed[1:]) if packed[:1] == _ZLIB else packed[1:]
    return data.decode("utf-8", "surrogatepass")
