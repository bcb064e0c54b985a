"""Stores: every text comes back, from memory, from a file, in another process, and with several at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, SQLiteOriginals

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
