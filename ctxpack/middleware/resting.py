"""Stores that fail slowly: one request waits for such a store, not each of those behind it as well."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from ctxpack.errors import HandleError, StoreError
from ctxpack.packing import Originals


class RestingOriginals(Originals):
    """A store that is left alone after it failed, for as long as that took: meanwhile every call fails at once.

    Requests with one model wait for each other: without rests the tenth would wait for ten failures.

    Thread-safety: as the store's.
    """

    def __init__(self, store: Originals) -> None:
        self._store = store
        self._rests_until = 0.0

    def put(self, text: str) -> str:
        with self._asking() as store:
            return store.put(text)

    def get(self, handle: str) -> str:
        with self._asking() as store:
            return store.get(handle)

    def note(self, key: str, text: str) -> None:
        with self._asking() as store:
            store.note(key, text)

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        with self._asking() as store:
            return store.noted(keys)

    @contextmanager
    def _asking(self) -> Iterator[Originals]:
        began = monotonic()
        if began < self._rests_until:
            raise StoreError("the store failed a moment ago and is left alone")
        try:
            yield self._store
        except HandleError:
            raise  # it did answer
        except Exception:
            failed = monotonic()
            self._rests_until = failed + (failed - began)
            raise
