"""What every store of originals offers."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
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
