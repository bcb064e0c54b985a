"""Known summaries: which one holds for a body, in memory and in the store."""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from ctxpack.errors import StoreError
from ctxpack.packing.journal import dumped, loaded
from ctxpack.packing.originals import Originals
from ctxpack.packing.summaries.summary import Summary

# Ends of bodies remembered.
_LIMIT = 65_536


class KnownSummaries:
    """The summary of a body is that of the longest of its beginnings that was sent, whichever session sent it.

    Beginnings are told by the chained hash at their end, which covers everything up to there, the model included. A
    body counts as sent up to each of its blocks, since the last of them may be a note that no later body repeats. What
    was decided first for an end stays: a conversation that goes back to where it was before a summary is without it.

    Memory: a hash for each block, and the summaries in use. Thread-safety: none; its session locks.
    """

    def __init__(self, originals: Originals, scope: str) -> None:
        self._originals = originals
        self._scope = scope
        self._known: OrderedDict[bytes, Summary | None] = OrderedDict()

    def find(self, dialect: str, chain: Sequence[bytes]) -> Summary | None:
        """The summary that holds for a body. O(blocks).

        Args:
            dialect: of the body.
            chain: the chained hash at the end of each of its blocks, as the caller sends them.

        Raises:
            StoreError: the store cannot be read.
        """
        backward = list(reversed(chain))
        place = next((at for at, wire in enumerate(backward) if wire in self._known), len(backward))
        noted = self._originals.noted([self._key(dialect, wire) for wire in backward[:place]])
        if noted is not None:
            return self._read(noted[1])
        return self._known[backward[place]] if place < len(backward) else None

    def note(self, dialect: str, ends: Sequence[bytes], summary: Summary | None) -> None:
        """Remembers what holds for a body that is sent. O(blocks), and the bytes of a summary where one is new.

        Args:
            dialect: of the body.
            ends: the chained hash at the end of each block for which it holds; the last one is the body's.
            summary: what holds, None for none.

        Raises:
            StoreError: the store cannot be written.
        """
        new = [wire for wire in ends[:-1] if wire not in self._known] + list(ends[-1:])
        if summary is not None:
            handle = self._originals.put(dumped(summary))
            for wire in new:
                self._originals.note(self._key(dialect, wire), handle)
        for wire in new:
            self._known[wire] = summary
            self._known.move_to_end(wire)
        while len(self._known) > _LIMIT:
            self._known.popitem(last=False)

    def _read(self, handle: str) -> Summary | None:
        """A summary from the store; None where it was dropped, or written by another version: then it is made anew."""
        try:
            return loaded(self._originals.get(handle), Summary)
        except (StoreError, ValueError, msgspec.ValidationError):
            return None

    def _key(self, dialect: str, wire: bytes) -> str:
        return f"{self._scope}:{dialect}:summary:{wire.hex()}"
