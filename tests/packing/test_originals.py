"""Stores: every text comes back, from memory, from a file, in another process, and with several at once."""

import os
import random
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import HandleError, StoreError
from ctxpack.packing import MemoryOriginals, SQLiteOriginals
from ctxpack.packing import originals as originals_module

from .conversations import examples

# Two texts whose hashes agree in the first 32 bits.
TWINS = ("text 48296", "text 65600")
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


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryOriginals()
        return
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        yield opened


@examples()
@given(st.lists(st.text(st.characters(), max_size=60), max_size=8))
def test_texts_come_back_byte_for_byte(given_texts):
    for opened in (MemoryOriginals(), SQLiteOriginals(":memory:")):
        handles = [opened.put(text) for text in given_texts]
        assert [opened.get(handle) for handle in handles] == given_texts
        assert [opened.put(text) for text in given_texts] == handles


def test_a_lone_surrogate_and_a_long_text_come_back(store):
    for text in ("\ud800", "", "\0", "a\r\n" * 200_000):
        assert store.get(store.put(text)) == text


def test_texts_that_share_a_short_handle_are_told_apart(store):
    first, second = (store.put(text) for text in TWINS)
    assert second.startswith(first)
    assert [store.get(first), store.get(second)] == list(TWINS)
    assert [store.put(text) for text in TWINS] == [first, second]


def test_another_process_reads_what_was_written(tmp_path):
    path, text = tmp_path / "store.db", "höhe\r\n\u2028\0" * 1000
    with closing(SQLiteOriginals(path)) as opened:
        handle = opened.put(text)
        done = subprocess.run([sys.executable, "-c", READER, path, handle], capture_output=True, check=True)
        assert done.stdout == text.encode()


def test_processes_share_a_file(tmp_path):
    """All start on a file that does not exist yet."""
    path = tmp_path / "store.db"
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    results = [(process.communicate(), process.returncode) for process in started]
    assert [code for _, code in results] == [0, 0, 0], results
    assert len({out for (out, _), _ in results}) == 1


def test_threads_share_a_store(store):
    texts = [f"text {number % 50}" * 30 for number in range(400)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(store.get, pool.map(store.put, texts))) == texts


def size_of(path):
    return sum(os.path.getsize(f"{path}{end}") for end in ("", "-wal") if os.path.exists(f"{path}{end}"))


def noise(number, size=10_000):
    """Text that does not compress well."""
    return random.Random(number).randbytes(size // 2).hex()


def test_texts_are_kept_compressed(tmp_path):
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path)) as opened:
        handle = opened.put("the same line again\n" * 50_000)
        assert size_of(path) < 100_000
        assert opened.get(handle) == "the same line again\n" * 50_000


def bounded(kind, tmp_path, **bounds):
    return MemoryOriginals(**bounds) if kind == "memory" else SQLiteOriginals(tmp_path / "store.db", **bounds)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_full_store_drops_what_was_unused_for_longest(kind, tmp_path, monkeypatch):
    clock = iter(range(10**9, 10**9 + 10**8, 10_000))  # hours between any two uses
    monkeypatch.setattr(originals_module.time, "time", lambda: next(clock))
    store = bounded(kind, tmp_path, max_bytes=100_000)
    used, *others = (store.put(noise(number)) for number in range(2))
    for number in range(2, 60):
        latest = store.put(noise(number))
        assert store.get(latest) == noise(number)
        assert store.get(used) == noise(0)
    with pytest.raises(HandleError, match="dropped to keep the bounds"):
        store.get(others[0])
    assert store.get(store.put(noise(1))) == noise(1)


def test_a_text_larger_than_the_bound_is_kept_while_it_is_the_latest(tmp_path):
    for kind in ("memory", "file"):
        store = bounded(kind, tmp_path, max_bytes=1000)
        assert store.get(store.put(noise(1))) == noise(1)


def test_a_file_gives_the_space_of_dropped_texts_back(tmp_path):
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path, max_bytes=400_000)) as opened:
        for number in range(300):
            opened.put(noise(number))
    assert size_of(path) < 800_000


def test_a_text_unused_for_too_long_is_dropped(tmp_path, monkeypatch):
    now = 10**9
    monkeypatch.setattr(originals_module.time, "time", lambda: now)
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


@pytest.mark.parametrize("bounds", [{"max_bytes": 0}, {"max_bytes": -1}, {"max_age": 0}])
def test_bounds_are_positive(bounds, tmp_path):
    with pytest.raises(StoreError, match="positive"):
        SQLiteOriginals(tmp_path / "store.db", **bounds)


def test_a_damaged_text_is_named_without_its_content(tmp_path):
    path = tmp_path / "store.db"
    with closing(SQLiteOriginals(path)) as opened:
        handle = opened.put("secret " * 100)
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE texts SET data = x'7a00ff'")
            other.commit()
        with pytest.raises(StoreError, match=handle) as caught:
            opened.get(handle)
        assert "secret" not in str(caught.value)


def test_a_full_disk_is_a_store_error(tmp_path):
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        opened._database.execute("PRAGMA max_page_count = 10")
        with pytest.raises(StoreError, match=r"store\.db.*full"):
            opened.put(noise(1, 1_000_000))


def test_a_handle_never_comes_to_stand_for_another_text(tmp_path):
    """A prompt may still show the handle of a text that was dropped."""
    with closing(SQLiteOriginals(tmp_path / "store.db", max_bytes=50_000)) as opened:
        dropped = opened.put(TWINS[0])
        for number in range(40):
            opened.put(noise(number))
        other = opened.put(TWINS[1])
        assert other != dropped
        with pytest.raises(HandleError):
            opened.get(dropped)
        assert opened.put(TWINS[0]) == dropped, "and comes back where it was"
        assert [opened.get(dropped), opened.get(other)] == list(TWINS)


def test_a_dropped_note_leaves_nothing(tmp_path):
    with closing(SQLiteOriginals(tmp_path / "store.db", max_bytes=50_000)) as opened:
        opened.note("key", "note")
        for number in range(40):
            opened.put(noise(number))
        assert opened.noted(["key"]) is None
        assert opened._row("SELECT count(*) FROM texts WHERE handle LIKE 'note:%'", ()) == (0,)


def test_a_damaged_note_is_none(tmp_path):
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        opened.note("first", "damaged " * 100)
        opened.note("second", "whole " * 100)
        opened._row("UPDATE texts SET data = x'7a00ff' WHERE handle = 'note:first'", ())
        assert opened.noted(["first", "second"]) == (1, "whole " * 100)
        assert opened.noted(["first"]) is None


def test_a_file_with_another_table_is_refused(tmp_path):
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE texts (handle TEXT PRIMARY KEY, used REAL, text TEXT)")
    with pytest.raises(StoreError, match=r"store\.db.*not made by this version"):
        SQLiteOriginals(path)


def test_a_clock_that_was_ahead_keeps_no_text_for_ever(tmp_path, monkeypatch):
    now = 2 * 10**9
    monkeypatch.setattr(originals_module.time, "time", lambda: now)
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        handle = opened.put("from the future")
        now = 10**9
        assert opened.get(handle) == "from the future"
        now += 100_000
    with closing(SQLiteOriginals(tmp_path / "store.db", max_age=86_400)) as opened:
        opened.put("another")
        with pytest.raises(HandleError):
            opened.get(handle)


def test_a_writer_that_is_killed_leaves_whole_texts(tmp_path):
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
