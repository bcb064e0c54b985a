"""Bounds what is kept of conversations to those that went on last."""

from collections.abc import Iterator
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

# Conversations that may go on at one time, and bytes of the bodies that are kept of them.
OPEN = 1024
BYTES = 64 << 20


class Recent(Generic[_K, _V]):
    """What is kept of the conversations that went on last; where they are too many, or too large, the others leave.

    Thread-safety: none.
    """

    def __init__(self) -> None:
        self._kept: dict[_K, _V] = {}
        self._sizes: dict[_K, int] = {}
        self._bytes = 0

    def get(self, key: _K) -> _V | None:
        """What is kept of a conversation. O(1)."""
        return self._kept.get(key)

    def latest(self) -> Iterator[tuple[_K, _V]]:
        """All of them, the one that went on last first."""
        return reversed(self._kept.items())

    def keep(self, key: _K, value: _V, size: int = 0) -> _V:
        """Makes a conversation the latest, `size` being the bytes of the bodies that are kept of it. O(1)."""
        self.drop(key)
        self._kept[key], self._sizes[key] = value, size
        self._bytes += size
        while len(self._kept) > OPEN or (self._bytes > BYTES and len(self._kept) > 1):
            self.drop(next(iter(self._kept)))
        return value

    def drop(self, key: _K) -> None:
        """Forgets a conversation, if it is kept. O(1)."""
        self._kept.pop(key, None)
        self._bytes -= self._sizes.pop(key, 0)
