"""Served reads: how often a cache serves what a forecast counts on, as all sessions with one store recorded it."""

from dataclasses import replace

import msgspec

from ctxpack.packing.calibration import Calibration
from ctxpack.packing.journal import dumped, loaded
from ctxpack.packing.originals import Originals

# Reads that those of earlier sessions are worth: what a provider serves changes with time.
_MOST = 1000


class _Sums(msgspec.Struct, frozen=True):
    """As the fields of Calibration."""

    reads: int
    served: float


class ServedReads:
    """What earlier sessions recorded, and what this one keeps for later ones.

    Of sessions that run at the same time the sums of the one that keeps them last stay; no read counts twice. Where
    earlier ones recorded more than 1,000 reads, they are worth as many.

    Thread-safety: none; its session locks.
    """

    def __init__(self, originals: Originals, scope: str) -> None:
        self._originals = originals
        self._key = f"{scope}:served reads"
        self._earlier: _Sums | None = None
        self._kept = 0

    def with_earlier(self, own: Calibration) -> Calibration:
        """A session's calibration with the reads of earlier ones; where it has new ones, they are kept. O(1).

        Raises:
            StoreError: the store cannot be read or written.
        """
        if self._earlier is None:
            self._earlier = self._read()
        sums = _Sums(self._earlier.reads + own.reads, self._earlier.served + own.served)
        if own.reads > self._kept:
            self._originals.note(self._key, dumped(sums))
            self._kept = own.reads
        return replace(own, reads=sums.reads, served=sums.served)

    def _read(self) -> _Sums:
        """The sums in the store; none where there are none, or such as no session keeps."""
        found = self._originals.noted([self._key])
        try:
            sums = loaded(found[1], _Sums) if found else _Sums(0, 0.0)
        except (ValueError, msgspec.ValidationError):
            return _Sums(0, 0.0)
        if not 0 <= sums.served <= sums.reads:
            return _Sums(0, 0.0)
        reads = min(sums.reads, _MOST)
        return _Sums(reads, sums.served * (reads / (sums.reads or 1)))
