"""Originals: the store that gives every removed text back, byte for byte."""

import math
import sqlite3
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, cast

from ctxpack.errors import HandleError, StoreError

if TYPE_CHECKING:
    from redis import Redis

# Hexadecimal digits of a handle; more are taken when two texts would share one.
_SHORTEST = 8
# Bytes of the hash that tells texts apart.
_DIGEST = 20
_URLS = ("redis://", "rediss://", "unix://")
# Bytes below which compressing does not pay. Level 1 makes tool results a third, at 35 us each; level 6 saves 3 % more.
_SMALL = 256
_PLAIN, _ZLIB = b"p", b"z"
# Seconds between two writes that a text is in use.
_NOTED = 3600
# Keys asked for at once.
_ASKED = 500
_TABLE = """CREATE TABLE IF NOT EXISTS texts (
    handle TEXT PRIMARY KEY, digest BLOB NOT NULL, used REAL NOT NULL, data BLOB NOT NULL)"""
_COLUMNS = ["handle", "digest", "used", "data"]
# A prompt may still show the handle of a text that was dropped: it must not come to stand for another one.
_DROPPED = """CREATE TABLE IF NOT EXISTS dropped (
    handle TEXT PRIMARY KEY, digest BLOB NOT NULL, used REAL NOT NULL) WITHOUT ROWID"""
_ON_DROP = """CREATE TRIGGER IF NOT EXISTS drops AFTER DELETE ON texts WHEN OLD.digest != x'' BEGIN
    INSERT OR REPLACE INTO dropped VALUES (OLD.handle, OLD.digest, OLD.used); END"""
# All texts but the latest used that fit. The latest stays whatever its size.
_DROP = """DELETE FROM texts WHERE handle IN (
    SELECT handle FROM (
        SELECT handle, row_number() OVER latest AS place, sum(length(data)) OVER latest AS kept FROM texts
        WINDOW latest AS (ORDER BY used DESC, rowid DESC))
    WHERE kept > ? AND place > 1)"""
_LOOK = """SELECT digest, used, 1 FROM texts WHERE handle = ?1
    UNION ALL SELECT digest, used, 0 FROM dropped WHERE handle = ?1"""


class Originals(Protocol):
    """Content-addressed texts, and notes under keys of the caller's.

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

    def note(self, key: str, text: str) -> None:
        """Keeps a text under a key; a later one takes its place.

        Raises:
            StoreError: it cannot be written.
        """

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        """Place of the first key that has a note, and the note; None where none has. O(keys).

        Raises:
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

    def note(self, key: str, text: str) -> None:
        name = _note(key)
        with self._lock:
            if name in self._texts:
                self._bytes -= len(self._texts.pop(name)[1])
            self._keep(name, b"", _compressed(_to_bytes(text)))

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        with self._lock:
            place = next((at for at, key in enumerate(keys) if _note(key) in self._texts), None)
            return None if place is None else (place, _to_text(self._texts[_note(keys[place])][1]))

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
            # What is written outlives the process; a machine that loses power may lose the last of it, never the file.
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_TABLE)
            self._database.execute("CREATE INDEX IF NOT EXISTS used ON texts (used)")
            self._database.execute(_DROPPED)
            self._database.execute(_ON_DROP)
            columns = [row[1] for row in self._database.execute("PRAGMA table_info(texts)")]
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error
        if columns != _COLUMNS:
            raise StoreError(f"{path}: the file was not made by this version of ctxpack")

    def put(self, text: str) -> str:
        data = _to_bytes(text)
        digest, now = _digest(data), time.time()
        for handle in _handles(digest):
            row = self._row(_LOOK, (handle,))
            if row is None or (row[0] == digest and not row[2]):
                packed = _compressed(data)
                self._row("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)", (handle, digest, now, packed))
                self._added(len(packed), now)
                row = self._row(_LOOK, (handle,))
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

    def note(self, key: str, text: str) -> None:
        packed, now = _compressed(_to_bytes(text)), time.time()
        self._row("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?)", (_note(key), b"", now, packed))
        self._added(len(packed), now)

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        for first in range(0, len(keys), _ASKED):
            places = {_note(key): place for place, key in enumerate(keys[first : first + _ASKED], first)}
            marks = ", ".join("?" * len(places))
            rows = self._rows(f"SELECT handle, data FROM texts WHERE handle IN ({marks})", tuple(places))
            for place, data in sorted((places[name], data) for name, data in rows):
                # A note that is damaged is none.
                with suppress(ValueError, TypeError, zlib.error):
                    return place, _to_text(data)
        return None

    def close(self) -> None:
        """Closes the file; the store cannot be used any more."""
        self._database.close()

    def _touch(self, handle: str, used: float, now: float) -> None:
        # A clock may also have been ahead.
        if abs(now - used) > _NOTED:
            self._row("UPDATE texts SET used = ? WHERE handle = ?", (now, handle))

    def _added(self, size: int, now: float) -> None:
        """Looks at the bounds now and then: adding up what is there takes O(texts)."""
        self._unchecked += size
        if self._unchecked > self._max_bytes // 16:
            self._unchecked = 0
            if self._max_age is not None:
                for table in ("texts", "dropped"):
                    self._row(f"DELETE FROM {table} WHERE used < ?", (now - self._max_age,))
            self._row(_DROP, (self._max_bytes,))
            self._row("PRAGMA incremental_vacuum", ())

    def _row(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        """Runs one statement; the first row it gives, if it gives one."""
        rows = self._rows(statement, values)
        return rows[0] if rows else None

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error


class RedisOriginals:
    """Originals in a Redis server, compressed, shared by a fleet. Needs the extra `redis`.

    Args:
        url: `redis://`, `rediss://` or `unix://`, as `redis.Redis.from_url` takes it.
        max_age: seconds that a text stays without use; the server drops it then. Bound its memory at the server.
        timeout: seconds that a call waits for the server.

    Raises:
        StoreError: the package is missing, the URL is none, or a bound is not positive.

    Connects at the first use.
    """

    def __init__(self, url: str, *, max_age: float = 30 * 86_400, timeout: float = 2.0) -> None:
        _check_bounds(1, max_age)
        self._max_age = math.ceil(max_age)
        try:
            import redis
        except ImportError as error:
            raise StoreError("a Redis store needs the package redis: pip install 'ctxpack[redis]'") from error
        self._error = redis.RedisError
        try:
            self._client = redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
        except ValueError:
            # The URL may hold a password.
            raise StoreError("the store's URL is none that Redis knows") from None

    def put(self, text: str) -> str:
        data = _to_bytes(text)
        digest = _digest(data)
        for handle in _handles(digest):
            kept = self._used(handle)
            if kept is None:
                with self._asking() as client:
                    client.set(_key(handle), digest + _compressed(data), nx=True, ex=self._max_age)
                kept = self._used(handle)
            if kept is not None and kept.startswith(digest):
                return handle
        raise StoreError("two texts have the same hash")

    def get(self, handle: str) -> str:
        kept = self._used(handle)
        if kept is None:
            raise _missing(handle)
        try:
            return _to_text(kept[_DIGEST:])
        except (ValueError, zlib.error) as error:
            raise StoreError(f"the Redis store: what is stored under {handle!r} is damaged") from error

    def note(self, key: str, text: str) -> None:
        with self._asking() as client:
            client.set(_key(_note(key)), _compressed(_to_bytes(text)), ex=self._max_age)

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        for first in range(0, len(keys), _ASKED):
            with self._asking() as client:
                found = cast("list[bytes | None]", client.mget([_key(_note(key)) for key in keys[first:][:_ASKED]]))
            for place, data in enumerate(found, first):
                if data is not None:
                    with suppress(ValueError, zlib.error):
                        return place, _to_text(data)
        return None

    def close(self) -> None:
        """Closes the connections; the next use opens one."""
        self._client.close()

    def _used(self, handle: str) -> bytes | None:
        """What is kept under a handle, which stays for another `max_age`."""
        with self._asking() as client:
            return cast("bytes | None", client.getex(_key(handle), ex=self._max_age))

    @contextmanager
    def _asking(self) -> "Iterator[Redis]":
        try:
            yield self._client
        except self._error as error:
            # The error's own text may hold what was sent.
            raise StoreError(f"the Redis store: {type(error).__name__}") from error


def open_originals(place: "str | PathLike[str] | Originals | None") -> Originals:
    """A store in memory (None), at a Redis server (a URL), in an SQLite file (a path), or the caller's own.

    Raises:
        StoreError: the store cannot be opened.
    """
    if place is None:
        return MemoryOriginals()
    if isinstance(place, str) and place.startswith(_URLS):
        return RedisOriginals(place)
    if isinstance(place, str | PathLike):
        return SQLiteOriginals(place)
    return place


def _check_bounds(max_bytes: int, max_age: float | None) -> None:
    if max_bytes < 1 or (max_age is not None and max_age <= 0):
        raise StoreError("max_bytes and max_age are positive")


def _key(handle: str) -> str:
    return f"ctxpack:{handle}"


def _note(key: str) -> str:
    """What a note is kept under: no handle, which are hexadecimal."""
    return f"note:{key}"


def _handles(digest: bytes) -> Iterator[str]:
    """Handles that a text may get, the shortest first."""
    name = digest.hex()
    return (name[:length] for length in range(_SHORTEST, len(name) + 1))


def _missing(handle: str, where: str = "") -> HandleError:
    return HandleError(
        f"{where}no original is stored under {handle!r}: it never was, or was dropped to keep the bounds"
    )


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _compressed(data: bytes) -> bytes:
    """The data behind a byte that says how it is kept."""
    packed = zlib.compress(data, 1) if len(data) >= _SMALL else data
    return _ZLIB + packed if len(packed) < len(data) else _PLAIN + data


def _to_text(packed: bytes) -> str:
    data = zlib.decompress(packed[1:]) if packed[:1] == _ZLIB else packed[1:]
    return data.decode("utf-8", "surrogatepass")
