"""Originals in an SQLite file."""

import math
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
from typing import Any
from weakref import finalize

from ctxpack.errors import StoreError
from ctxpack.locks import lock_kept_from_forks
from ctxpack.packing.originals.content import (
    check_bounds,
    compressed,
    digest_of,
    encoded,
    handles,
    is_handle,
    missing,
    note_name,
    to_text,
)
from ctxpack.packing.originals.protocol import Originals

# Seconds between two writes that a text is in use.
_NOTED = 3600
# Keys asked for at once.
_ASKED = 500
_TABLE = """CREATE TABLE IF NOT EXISTS texts (
    handle TEXT PRIMARY KEY, digest BLOB NOT NULL, used REAL NOT NULL, data BLOB NOT NULL)"""
_USED = "CREATE INDEX IF NOT EXISTS used ON texts (used)"
_COLUMNS = ["handle", "digest", "used", "data"]
# A prompt may still show the handle of a text that was dropped: it must not come to stand for another one.
_DROPPED = """CREATE TABLE IF NOT EXISTS dropped (
    handle TEXT PRIMARY KEY, digest BLOB NOT NULL, used REAL NOT NULL) WITHOUT ROWID"""
_DROPPED_USED = "CREATE INDEX IF NOT EXISTS dropped_used ON dropped (used)"
# Bytes that all texts take in the file, so that nobody adds them up: names stand in an index, too.
_SUMS = "CREATE TABLE IF NOT EXISTS sums (place INTEGER PRIMARY KEY, bytes INTEGER NOT NULL)"
_SIZE = "length({0}.data) + 2 * length({0}.handle) + 70"
_PROGRAMS = [
    f"""CREATE TRIGGER IF NOT EXISTS adds AFTER INSERT ON texts BEGIN
    INSERT INTO sums VALUES (1, {_SIZE.format("NEW")})
    ON CONFLICT (place) DO UPDATE SET bytes = bytes + excluded.bytes; END""",
    """CREATE TRIGGER IF NOT EXISTS changes AFTER UPDATE OF data ON texts BEGIN
    UPDATE sums SET bytes = bytes + length(NEW.data) - length(OLD.data); END""",
    f"""CREATE TRIGGER IF NOT EXISTS drops AFTER DELETE ON texts BEGIN
    UPDATE sums SET bytes = bytes - ({_SIZE.format("OLD")});
    INSERT OR REPLACE INTO dropped SELECT OLD.handle, OLD.digest, OLD.used WHERE OLD.digest != x''; END""",
]
# Whoever made the file could have made others that run where a text is kept, for as long as they like.
_FOUND = "SELECT sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"
# Texts dropped at once: whoever adds one waits for it, and so do other processes.
_FEW = 64
# Less than any text takes: so many bytes for each that is dropped make room for a large one among small ones.
_LEAST = 64
# The latest stays whatever its size. More leave than must, so that not every text added drops one.
_LATEST = "(SELECT rowid FROM texts ORDER BY used DESC, rowid DESC LIMIT 1)"
_IS_FULL = f"SELECT 1 FROM sums WHERE bytes > ?1 AND EXISTS (SELECT 1 FROM texts WHERE rowid != {_LATEST})"
_IS_DUE = f"""{_IS_FULL} OR EXISTS (SELECT 1 FROM texts WHERE used < ?2)
    OR EXISTS (SELECT 1 FROM dropped WHERE used < ?3)"""
_DROP = f"""DELETE FROM texts WHERE rowid IN (
    SELECT rowid FROM (
        SELECT rowid, used, sum(bytes) OVER (ORDER BY used, rowid) - bytes AS older
        FROM (SELECT rowid, used, {_SIZE.format("texts")} AS bytes FROM texts ORDER BY used, rowid LIMIT {_FEW}))
    WHERE used < ?2 OR (older < (SELECT bytes FROM sums) - ?1 * 15 / 16 AND rowid != {_LATEST}))"""
_FORGET = f"DELETE FROM dropped WHERE handle IN (SELECT handle FROM dropped WHERE used < ? LIMIT {_FEW})"
_NOTE = """INSERT INTO texts VALUES (?, x'', ?, ?)
    ON CONFLICT (handle) DO UPDATE SET used = excluded.used, data = excluded.data"""
_LOOK = """SELECT digest, used, 1 FROM texts WHERE handle = ?1
    UNION ALL SELECT digest, used, 0 FROM dropped WHERE handle = ?1"""


class SQLiteOriginals(Originals):
    """Originals in an SQLite file, compressed, shared by processes on one machine.

    Args:
        path: the file; made where there is none, for its owner alone: it holds what prompts hold.
        max_bytes: most bytes of compressed texts, with their names and what holds them, about what the file takes;
            beyond them those unused for longest are dropped, to a sixteenth below or 64 at once, but never the latest.
        max_age: seconds that a text stays without use; None for ever. Use is noted to the hour.
        timeout: seconds that a call waits while another process writes.

    Raises:
        StoreError: the file cannot be opened, or a bound is not positive.

    Thread-safety: safe; processes may share the file.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        max_bytes: int = 1 << 30,
        max_age: float | None = 30 * 86_400,
        timeout: float = 30.0,
    ) -> None:
        check_bounds(max_bytes=max_bytes, max_age=math.inf if max_age is None else max_age)
        self._path = path
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._lock = lock_kept_from_forks()
        _make_private(path)
        try:
            self._database = sqlite3.connect(path, timeout=timeout, check_same_thread=False, isolation_level=None)
            finalize(self, self._database.close)  # nobody else closes a session's store, and Python 3.13 warns of it
            self._refuse_others()
            # Before the first table, or the file never shrinks.
            self._database.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._database.execute("PRAGMA journal_mode = WAL")
            # What is written outlives the process; a machine that loses power may lose the last of it, never the file.
            self._database.execute("PRAGMA synchronous = NORMAL")
            for statement in (_TABLE, _USED, _DROPPED, _DROPPED_USED, _SUMS, *_PROGRAMS):
                self._database.execute(statement)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def put(self, text: str) -> str:
        data = encoded(text)
        digest, now = digest_of(data), time.time()
        for handle in handles(digest):
            row = self._row(_LOOK, (handle,))
            if row is None or (row[0] == digest and not row[2]):
                packed = compressed(data)
                self._row("INSERT INTO texts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (handle, digest, now, packed))
                self._keep_bounds(len(packed), now)
                row = self._row(_LOOK, (handle,))
            if row is not None and row[0] == digest:
                self._touch(handle, row[1], now)
                return handle
        raise StoreError(f"{self._path}: two texts have the same hash")

    def get(self, handle: str) -> str:
        asked = "SELECT data, used FROM texts WHERE handle = ?"
        row = self._row(asked, (handle,)) if is_handle(handle) else None
        if row is None:
            raise missing(handle)
        # A use that cannot be noted, as where the file may only be read or is damaged, hides no text.
        with suppress(StoreError, TypeError):
            self._touch(handle, row[1], time.time())
        try:
            return to_text(row[0])
        except (ValueError, zlib.error) as error:
            raise StoreError(f"{self._path}: what is stored under {handle!r} is damaged") from error

    def note(self, key: str, text: str) -> None:
        packed, now = compressed(encoded(text)), time.time()
        self._row(_NOTE, (note_name(key), now, packed))
        self._keep_bounds(len(packed), now)

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        for first in range(0, len(keys), _ASKED):
            places = {note_name(key): place for place, key in enumerate(keys[first : first + _ASKED], first)}
            marks = ", ".join("?" * len(places))
            rows = self._rows(f"SELECT handle, data FROM texts WHERE handle IN ({marks})", tuple(places))
            for place, data in sorted((places[name], data) for name, data in rows):
                # A note that is damaged is none.
                with suppress(ValueError, zlib.error):
                    return place, to_text(data)
        return None

    def close(self) -> None:
        """Closes the file; the store cannot be used any more."""
        self._database.close()

    def _refuse_others(self) -> None:
        """Leaves a file of another version as it is; one whose maker was stopped half way is gone on with."""
        columns = [row[1] for row in self._rows("PRAGMA table_info(texts)", ())]
        programs = [row[0] for row in self._rows(_FOUND, ())]
        made = [program.replace("IF NOT EXISTS ", "") for program in _PROGRAMS]
        if columns not in ([], _COLUMNS) or programs != made[: len(programs)]:
            raise StoreError(f"{self._path}: the file was not made by this version of ctxpack")

    def _touch(self, handle: str, used: float, now: float) -> None:
        # A clock may also have been ahead.
        if abs(now - used) > _NOTED:
            self._row("UPDATE texts SET used = ? WHERE handle = ?", (now, handle))

    def _keep_bounds(self, added: int, now: float) -> None:
        """Drops what is too old or too much, a few at a time. O(log texts + bytes added)."""
        age = math.inf if self._max_age is None else self._max_age
        bounds = self._max_bytes, now - age
        if self._row(_IS_DUE, (*bounds, now - 2 * age)) is None:
            return
        for _ in range(1 + added // (_FEW * _LEAST)):
            self._row(_DROP, bounds)
            if self._row(_IS_FULL, bounds[:1]) is None:
                break
        self._row(_FORGET, (now - 2 * age,))
        with self._asking() as database:
            # As a script: what gives no rows is else run to its first step only, and one page given back.
            database.executescript("PRAGMA incremental_vacuum")

    def _row(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        """Runs one statement; the first row it gives, if it gives one."""
        rows = self._rows(statement, values)
        return rows[0] if rows else None

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._asking() as database:
            return database.execute(statement, values).fetchall()

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._database
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error


def _make_private(path: str | PathLike[str]) -> None:
    """Makes the file that SQLite would make, but for its owner alone; what else goes wrong SQLite says."""
    if str(path) == ":memory:":
        return
    try:
        # SQLite follows a link also where it leads to no file yet.
        os.close(os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileNotFoundError:
        raise StoreError(f"{path}: there is no directory {os.path.dirname(os.path.realpath(path))}") from None
    except OSError:
        pass
