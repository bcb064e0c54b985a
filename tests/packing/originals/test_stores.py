"""Stores on one machine: every text comes back, told apart from others, to several threads, within bounds."""

import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import HandleError, StoreError
from ctxpack.packing import MemoryOriginals, Originals, SQLiteOriginals
from ctxpack.packing.originals import content, memory, open_originals, sqlite

from ..conversations import examples
from .texts import TWINS, noise


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Originals]:
    if request.param == "memory":
        yield MemoryOriginals()
        return
    with closing(SQLiteOriginals(tmp_path / "store.db")) as opened:
        yield opened


@examples()
@given(st.lists(st.text(st.characters(), max_size=60), max_size=8))
def test_texts_come_back_byte_for_byte(given_texts: list[str]) -> None:
    for opened in (MemoryOriginals(), SQLiteOriginals(":memory:")):
        handles = [opened.put(text) for text in given_texts]
        assert [opened.get(handle) for handle in handles] == given_texts
        assert [opened.put(text) for text in given_texts] == handles


def test_a_lone_surrogate_and_a_long_text_come_back(store: Originals) -> None:
    for text in ("\ud800", "", "\0", "a\r\n" * 200_000):
        assert store.get(store.put(text)) == text


def test_texts_that_share_a_short_handle_are_told_apart(store: Originals) -> None:
    first, second = (store.put(text) for text in TWINS)
    assert second.startswith(first)
    assert [store.get(first), store.get(second)] == list(TWINS)
    assert [store.put(text) for text in TWINS] == [first, second]


def test_the_note_of_the_first_key_that_has_one_is_found(store: Originals) -> None:
    for key in ("a", "c"):
        store.note(key, f"note {key}")
    assert store.noted(["b", "c", "a"]) == (1, "note c")
    assert store.noted(["b"]) is None


def test_threads_share_a_store(store: Originals) -> None:
    texts = [f"text {number % 50}" * 30 for number in range(400)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(store.get, pool.map(store.put, texts))) == texts


def bounded(kind: str, tmp_path: Path, **bounds: Any) -> Originals:
    return MemoryOriginals(**bounds) if kind == "memory" else SQLiteOriginals(tmp_path / "store.db", **bounds)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_full_store_drops_what_was_unused_for_longest(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10**9, 10**9 + 10**8, 10_000))  # hours between any two uses
    monkeypatch.setattr(sqlite.time, "time", lambda: next(clock))
    store = bounded(kind, tmp_path, max_bytes=100_000)
    used, *others = (store.put(noise(number)) for number in range(2))
    for number in range(2, 60):
        latest = store.put(noise(number))
        assert store.get(latest) == noise(number)
        assert store.get(used) == noise(0)
    with pytest.raises(HandleError, match="dropped to keep the bounds"):
        store.get(others[0])
    assert store.get(store.put(noise(1))) == noise(1)


def test_a_text_larger_than_the_bound_is_kept_while_it_is_the_latest(tmp_path: Path) -> None:
    for kind in ("memory", "file"):
        store = bounded(kind, tmp_path, max_bytes=1000)
        assert store.get(store.put(noise(1))) == noise(1)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_handle_never_comes_to_stand_for_another_text(kind: str, tmp_path: Path) -> None:
    """A prompt may still show the handle of a text that was dropped."""
    store = bounded(kind, tmp_path, max_bytes=50_000)
    dropped = store.put(TWINS[0])
    for number in range(40):
        store.put(noise(number))
    other = store.put(TWINS[1])
    assert other != dropped
    with pytest.raises(HandleError):
        store.get(dropped)
    assert store.put(TWINS[0]) == dropped, "and comes back where it was"
    assert [store.get(dropped), store.get(other)] == list(TWINS)


def test_the_handles_of_dropped_texts_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "_MOST_DROPPED", 5)
    store = bounded("memory", tmp_path, max_bytes=1000)
    handles = [store.put(noise(number)) for number in range(40)]
    assert list(store._dropped) == handles[-6:-1]


def test_what_holds_small_notes_is_counted() -> None:
    tracemalloc.start()
    try:
        store = MemoryOriginals(max_bytes=1_000_000)
        for number in range(20_000):
            store.note(f"0123456789abcdef:anthropic.messages:{number:032x}", f"change {number}")
        assert tracemalloc.get_traced_memory()[0] < 1_200_000
    finally:
        tracemalloc.stop()
    assert store.noted([f"0123456789abcdef:anthropic.messages:{19_999:032x}"]) == (0, "change 19999")


@pytest.mark.parametrize("place", [5, b"originals.db", object()])
def test_what_is_no_store_is_refused_at_once(place: object) -> None:
    with pytest.raises(StoreError, match=r"not (int|bytes|object)"):
        open_originals(place)


def test_a_path_that_is_empty_is_refused() -> None:
    """SQLite would take it for a file that ends with the process."""
    with pytest.raises(StoreError, match="empty"):
        open_originals("")


def test_a_store_of_ones_own_is_taken_as_it_is(store: Originals) -> None:
    assert open_originals(store) is store


@pytest.mark.parametrize(
    "handle",
    ["note:key", "", "\0", "\ud800", "0123abc", "0123ABCD", "01234567 ", "01234567\n", "0" * 41, "0" * 10**6, None, 5],
)
def test_what_is_no_handle_gives_nothing_back_and_is_not_echoed(store: Originals, handle: Any) -> None:
    store.note("key", "decisions")
    with pytest.raises(HandleError) as caught:
        store.get(handle)
    assert len(str(caught.value)) < 400


def test_a_text_unpacks_to_no_more_than_a_store_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = content.compressed(b"a" * 100_000)
    assert len(packed) < 1000
    assert content.to_text(packed) == "a" * 100_000
    monkeypatch.setattr(content, "_LARGEST", 99_999)
    with pytest.raises(ValueError, match="larger"):
        content.to_text(packed)
    with pytest.raises(ValueError, match="cut short"):
        content.to_text(packed[:-1])
    with pytest.raises(StoreError, match="cannot be kept"):
        MemoryOriginals().put("a" * 100_000)
