"""Originals in the memory of one process."""

from collections import OrderedDict
from collections.abc import Sequence

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

# Dropped texts whose handles are remembered: about 25 MB of them.
_MOST_DROPPED = 1 << 17
# Bytes that an entry takes beside its name and its text: two strings, a pair, a place in the table.
_ENTRY = 250


class MemoryOriginals(Originals):
    """Originals in memory, compressed; they end with the process.

    Args:
        max_bytes: most bytes of compressed texts, with their names and what holds them; beyond them those unused for
            longest are dropped, never the latest.

    Raises:
        StoreError: max_bytes is not positive.

    Thread-safety: safe.
    """

    def __init__(self, max_bytes: int = 1 << 28) -> None:
        check_bounds(max_bytes=max_bytes)
        self._max_bytes = max_bytes
        self._bytes = 0
        self._texts: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        # A prompt may still show the handle of a text that was dropped: it must not come to stand for another one.
        self._dropped: OrderedDict[str, bytes] = OrderedDict()
        self._lock = lock_kept_from_forks()

    def put(self, text: str) -> str:
        data = encoded(text)
        digest = digest_of(data)
        with self._lock:
            # The longest handle is the whole hash, and no other text's.
            handle = next(handle for handle in handles(digest) if self._owner(handle) in (digest, None))
            if handle not in self._texts:
                self._keep(handle, digest, compressed(data))
            self._texts.move_to_end(handle)
            return handle

    def get(self, handle: str) -> str:
        with self._lock:
            if not is_handle(handle) or handle not in self._texts:
                raise missing(handle)
            self._texts.move_to_end(handle)
            return to_text(self._texts[handle][1])

    def note(self, key: str, text: str) -> None:
        name = note_name(key)
        with self._lock:
            if name in self._texts:
                self._bytes -= _size(name, self._texts.pop(name)[1])
            self._keep(name, b"", compressed(encoded(text)))

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        with self._lock:
            place = next((at for at, key in enumerate(keys) if note_name(key) in self._texts), None)
            return None if place is None else (place, to_text(self._texts[note_name(keys[place])][1]))

    def _owner(self, handle: str) -> bytes | None:
        """The hash of the text that a handle stands for, or stood for before that was dropped."""
        return self._texts[handle][0] if handle in self._texts else self._dropped.get(handle)

    def _keep(self, handle: str, digest: bytes, packed: bytes) -> None:
        self._texts[handle] = (digest, packed)
        self._bytes += _size(handle, packed)
        while self._bytes > self._max_bytes and len(self._texts) > 1:
            self._drop()

    def _drop(self) -> None:
        """Drops what was unused for longest. Of a text its handle is remembered, of a note nothing."""
        name, (digest, packed) = self._texts.popitem(last=False)
        self._bytes -= _size(name, packed)
        if digest:
            self._dropped[name] = digest
            self._dropped.move_to_end(name)
        if len(self._dropped) > _MOST_DROPPED:
            self._dropped.popitem(last=False)


def _size(name: str, packed: bytes) -> int:
    return len(name) + len(packed) + _ENTRY
