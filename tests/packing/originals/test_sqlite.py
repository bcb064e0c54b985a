"""The store in a file: shared by processes, bounded, and what damage and a full disk do."""

import gc
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ctxpack.errors import HandleError, StoreError
from ctxpack.packing import SQLiteOriginals
from ctxpack.packing.originals import sqlite

from .texts import TWINS, noise

WRITER = """
import sys
from ctxpack.packing import SQLiteOriginals
store = SQLiteOriginals(sys.argv[1])
for number in range(60):
    text = f"text {number % 40}\\r\\n\\x00 \\u2028 \\ud83d\\ude00" * 20
    print(store.put(text))
    assert store.get(store.put(text)) == text
store.close()
"""
READER = """
import sys
from ctxpack.packing import SQLiteOriginals
store = SQLiteOriginals(sys.argv[1])
sys.stdout.buffer.write(store.get(sys.argv[2]).encode("utf-8", "surrogatepass"))
store.close()
"""


def test_another_process_reads_what_was_written(tmp_path: Path) -> None:
    path, text = tmp_path / "store.db", "höhe\r\n\u2028\0" * 1000
    with closing(SQLiteOriginals(path)) as opened:
        handle = opened.put(text)
        done = subprocess.run([sys.executable, "-c", READER, path, handle], capture_output=True, check=True)
        assert done.stdout == text.encode()


def test_processes_share_a_file(tmp_path: Path) -> None:
    """All start on a file that does not exist yet."""
    path = tmp_path / "store.db"
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    results = [(process.communicate(), process.returncode) for process in started]
    assert [code for _, code in results] == [0, 0, 0], results
    assert len({out for (out, _), _ in results}) == 1


def size_of(path: Path) -> int:
    return sum(os.path.getsize(f"{path}{end}") for end in ("", "-wal") if os.path.exists(f"{path}{end}"))


def test_texts_are_kept_compressed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path)) as opened:
        handle = opened.put("the same line again\n" * 50_000)
        assert size_of(path) < 200_000
        assert opened.get(handle) == "the same line again\n" * 50_000


def test_a_file_gives_the_space_of_dropped_texts_back(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path, max_bytes=400_000)) as opened:
        for number in range(300):
            opened.put(noise(number))
    assert size_of(path) < 800_000


def test_a_file_gives_the_space_of_a_large_text_back(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path, max_bytes=100_000)) as opened:
        opened.put(noise(0, size=2_000_000))
        opened.put("another")
    assert os.path.getsize(path) < 100_000


def test_what_holds_small_notes_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path, max_bytes=400_000)) as opened:
        for number in range(8000):
            opened.note(f"0123456789abcdef:anthropic.messages:{number % 5000:032x}", f"change {number}")
        for size in (10, 5000, 1000):
            opened.note("the same", noise(0, size))
        kept = opened._row(f"SELECT sum({sqlite._SIZE.format('texts')}) FROM texts", ())
        assert kept == opened._row("SELECT bytes FROM sums", ()) <= (400_000,)
        assert opened.noted([f"0123456789abcdef:anthropic.messages:{2999:032x}"]) == (0, "change 7999")
    assert os.path.getsize(path) < 600_000


def test_a_store_is_not_read_through_to_keep_its_bounds(tmp_path: Path) -> None:
    steps: list[int] = []
    for number, size in enumerate((100, 2000)):
        path = tmp_path / f"{number}.db"
        with closing(SQLiteOriginals(path)) as opened:
            for text in range(size):
                opened.put(f"text {text}")
        with closing(SQLiteOriginals(path, max_bytes=1000)) as opened:
            taken: list[None] = []
            opened._database.set_progress_handler(lambda taken=taken: taken.append(None), 10)
            opened.put("another")
            steps.append(len(taken))
            assert opened._row("SELECT count(*) FROM texts", ()) == (size + 1 - 64,)
    assert steps[1] < 1.5 * steps[0]


def kept_bytes(opened: SQLiteOriginals) -> int:
    found = opened._row("SELECT bytes FROM sums", ())
    assert found is not None
    return found[0]


def test_a_large_text_is_made_room_for_however_small_the_others_are(tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db", max_bytes=400_000)) as opened:
        for number in range(2500):
            opened.note(f"{number:032x}", f"change {number}")
        for number in range(3):
            opened.put(noise(number, size=200_000))
            assert kept_bytes(opened) <= 400_000
        opened.put(noise(9, size=2_000_000))
        assert kept_bytes(opened) > 400_000, "the latest stays"
        opened.put("another")
        assert kept_bytes(opened) < 1000


def test_not_every_text_added_to_a_full_store_drops_one(tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db", max_bytes=400_000)) as opened:
        held = [(opened.put(noise(number, size=1000)), kept_bytes(opened))[1] for number in range(1000)]
    dropping = sum(after < before for before, after in pairwise(held))
    assert max(held) <= 400_000
    assert 0 < dropping < 50


def test_the_handle_of_a_text_dropped_for_its_age_is_kept_as_long_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 10**9
    monkeypatch.setattr(sqlite.time, "time", lambda: now)
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        handle = opened.put(TWINS[0])
        now += 100_000
        assert opened.put(TWINS[1]) != handle
        with pytest.raises(HandleError):
            opened.get(handle)
        assert opened._row("SELECT count(*) FROM dropped WHERE handle = ?", (handle,)) == (1,)
        now += 100_000
        opened.put("another")
        assert opened._row("SELECT count(*) FROM dropped WHERE handle = ?", (handle,)) == (0,)


def test_a_text_unused_for_too_long_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10**9
    monkeypatch.setattr(sqlite.time, "time", lambda: now)
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        used, unused = opened.put("used " * 100), opened.put("unused " * 100)
        now += 80_000
        assert opened.get(used) == "used " * 100
        now += 10_000
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        opened.put("another")
        assert opened.get(used) == "used " * 100
        with pytest.raises(HandleError):
            opened.get(unused)


def test_the_use_of_a_text_is_noted_to_the_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, written = iter([0, 0, 3600, 3601]), []
    monkeypatch.setattr(sqlite.time, "time", lambda: 10**9 + next(seconds))
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        for _ in range(4):
            opened.put("text")
            written.append(opened._database.total_changes)
    assert written[0] == written[1] == written[2] < written[3]


def test_a_file_is_closed_with_the_last_who_holds_its_store(tmp_path: Path) -> None:
    store = SQLiteOriginals(tmp_path / "store.db")
    connection = store._database
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


@pytest.mark.parametrize("bounds", [{"max_bytes": 0}, {"max_bytes": -1}, {"max_bytes": "1 GiB"}, {"max_age": 0}])
def test_bounds_are_positive(bounds: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="positive"):
        SQLiteOriginals(tmp_path / "store.db", **bounds)


def test_a_damaged_text_is_named_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path)) as opened:
        handle = opened.put("secret " * 100)
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE texts SET data = x'7a00ff'")
            other.commit()
        with pytest.raises(StoreError, match=handle) as caught:
            opened.get(handle)
        assert "secret" not in str(caught.value)


def test_a_file_that_may_only_be_read_still_gives_its_texts_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        handle = opened.put("kept")
        opened._database.execute("PRAGMA query_only = ON")
        # So much later that the use would be noted.
        monkeypatch.setattr(sqlite.time, "time", lambda: 4e9)
        assert opened.get(handle) == "kept"
        with pytest.raises(StoreError, match=r"store\.db.*readonly"):
            opened.put("another")


def test_opening_a_file_that_may_only_be_read_is_a_store_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SQLiteOriginals(tmp_path / "store.db").close()
    # Permissions would not keep an administrator from writing.
    read_only = partial(sqlite3.connect, f"file:{tmp_path / 'store.db'}?mode=ro", uri=True)
    monkeypatch.setattr(sqlite.sqlite3, "connect", lambda path, **options: read_only(**options))
    with pytest.raises(StoreError, match=r"store\.db.*readonly"):
        SQLiteOriginals(tmp_path / "store.db")


def test_a_full_disk_is_a_store_error(tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        opened._database.execute("PRAGMA max_page_count = 10")
        with pytest.raises(StoreError, match=r"store\.db.*full"):
            opened.put(noise(1, 1_000_000))


def test_what_a_model_may_be_shown_names_no_file(tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened, pytest.raises(HandleError) as caught:
        opened.get("00000000")
    assert "store.db" not in str(caught.value)


def test_a_dropped_note_leaves_nothing(tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db", max_bytes=50_000)) as opened:
        opened.note("key", "note")
        for number in range(40):
            opened.put(noise(number))
        assert opened.noted(["key"]) is None
        assert opened._row("SELECT count(*) FROM texts WHERE handle LIKE 'note:%'", ()) == (0,)


def test_a_damaged_note_is_none(tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        opened.note("first", "damaged " * 100)
        opened.note("second", "whole " * 100)
        opened._row("UPDATE texts SET data = x'7a00ff' WHERE handle = 'note:first'", ())
        assert opened.noted(["first", "second"]) == (1, "whole " * 100)
        assert opened.noted(["first"]) is None


def test_a_file_with_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE texts (handle TEXT PRIMARY KEY, used REAL, text TEXT)")
    with pytest.raises(StoreError, match=r"store\.db.*not made by this version"):
        SQLiteOriginals(path)


def test_a_file_of_another_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute(sqlite._TABLE)
        other.execute("CREATE TRIGGER drops AFTER DELETE ON texts WHEN OLD.digest != x'' BEGIN SELECT 1; END")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"store\.db.*not made by this version"):
        SQLiteOriginals(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("made", range(4))
def test_a_file_that_was_made_half_way_is_gone_on_with(tmp_path: Path, made: int) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        for statement in (sqlite._TABLE, sqlite._DROPPED, sqlite._SUMS, *sqlite._PROGRAMS)[: made + 3]:
            other.execute(statement)
    with closing(SQLiteOriginals(path)) as opened:
        opened.put("text")
        assert kept_bytes(opened) > 0


@pytest.mark.parametrize(
    "program",
    [
        "CREATE TRIGGER drops AFTER INSERT ON texts BEGIN DELETE FROM texts; END",
        "CREATE TRIGGER more BEFORE INSERT ON texts BEGIN DELETE FROM texts; END",
        "CREATE VIEW dropped AS SELECT handle, digest, used FROM texts",
    ],
)
def test_a_file_that_runs_what_another_wrote_is_refused(tmp_path: Path, program: str) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute(sqlite._TABLE)
        other.execute(program)
    with pytest.raises(StoreError, match=r"store\.db"):
        SQLiteOriginals(path)


def test_a_clock_that_was_ahead_keeps_no_text_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 2 * 10**9
    monkeypatch.setattr(sqlite.time, "time", lambda: now)
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        handle = opened.put("from the future")
        now = 10**9
        assert opened.get(handle) == "from the future"
        now += 100_000
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        opened.put("another")
        with pytest.raises(HandleError):
            opened.get(handle)


def test_a_writer_that_is_killed_leaves_whole_texts(tmp_path: Path) -> None:
    """What was named before the kill is there after it."""
    script = (
        "import sys\nfrom ctxpack.packing import SQLiteOriginals\nstore = SQLiteOriginals(sys.argv[1])\n"
        "for number in range(10**6):\n    print(store.put(f'text {number} ' * 500), flush=True)\n"
    )
    path = tmp_path / "store.db"
    for _ in range(2):
        writer = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True)
        handles = [writer.stdout.readline().strip() for _ in range(50)]
        writer.kill()
        writer.communicate()
        with closing(SQLiteOriginals(path)) as opened:
            assert [opened.get(handle) for handle in handles] == [f"text {number} " * 500 for number in range(50)]
            assert opened._row("PRAGMA integrity_check", ()) == ("ok",)


@pytest.mark.skipif(os.name != "posix", reason="permissions of another kind")
def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "originals.db"
    SQLiteOriginals(path).put("secret")
    assert [each.stat().st_mode & 0o777 for each in tmp_path.iterdir()] == [0o600] * len(list(tmp_path.iterdir()))
    path.chmod(0o640)
    SQLiteOriginals(path).put("other")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name != "posix", reason="permissions of another kind")
def test_a_file_behind_a_link_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "originals.db")
    SQLiteOriginals(tmp_path / "link.db").put("secret")
    assert (tmp_path / "originals.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("row", ["used = 'x'", "used = x'00'", "used = 9e999", "data = 'text'", "data = 5"])
def test_values_of_other_types_are_damage(tmp_path: Path, row: str) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        handle = opened.put("text")
        opened.note("key", "note")
        opened._row(f"UPDATE texts SET {row}", ())
        if row.startswith("used"):
            assert (opened.get(handle), opened.noted(["key"])) == ("text", (0, "note"))
        else:
            assert opened.noted(["key"]) is None
            with pytest.raises(StoreError, match="damaged"):
                opened.get(handle)


def test_a_store_in_a_directory_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.db: there is no directory .*not_there"):
        SQLiteOriginals(tmp_path / "not_there" / "store.db")


def test_texts_that_no_handle_tells_apart_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "handles", lambda digest: [digest.hex()[:8]])
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        opened.put(TWINS[0])
        with pytest.raises(StoreError, match="the same hash"):
            opened.put(TWINS[1])
