"""Originals: the store that gives every removed text back, byte for byte."""

import sqlite3
import threading
from hashlib import blake2b
from os import PathLike
from typing import Protocol

from ctxpack.errors import HandleError, StoreError

# Hexadecimal digits of a handle; more are taken when two texts would share one.
_SHORTEST = 8


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
    """Originals in memory; they end with the process."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()

    def put(self, text: str) -> str:
        digest = _digest(text)
        with self._lock:
            for length in range(_SHORTEST, len(digest) + 1):
                handle = digest[:length]
                if self._texts.setdefault(handle, text) == text:
                    return handle
        raise StoreError("two texts have the same hash")

    def get(self, handle: str) -> str:
        with self._lock:
            if handle not in self._texts:
                raise HandleError(f"no original is stored under {handle!r}")
            return self._texts[handle]


class SQLiteOriginals:
    """Originals in an SQLite file, shared by processes on one machine."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("CREATE TABLE IF NOT EXISTS originals (handle TEXT PRIMARY KEY, text BLOB NOT NULL)")
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def put(self, text: str) -> str:
        digest, data = _digest(text), _to_bytes(text)
        for length in range(_SHORTEST, len(digest) + 1):
            handle = digest[:length]
            self._run("INSERT OR IGNORE INTO originals VALUES (?, ?)", (handle, data))
            if self._run("SELECT text FROM originals WHERE handle = ?", (handle,)) == data:
                return handle
        raise StoreError(f"{self._path}: two texts have the same hash")

    def get(self, handle: str) -> str:
        data = self._run("SELECT text FROM originals WHERE handle = ?", (handle,))
        if data is None:
            raise HandleError(f"{self._path}: no original is stored under {handle!r}")
        return data.decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Closes the file; the store cannot be used any more."""
        self._database.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> bytes | None:
        """Runs one statement; the first column of the first row it gives, if it gives one."""
        try:
            with self._lock:
                row = self._database.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        return None if row is None else bytes(row[0])


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


def _digest(text: str) -> str:
    return blake2b(_to_bytes(text), digest_size=20).hexdigest()


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
