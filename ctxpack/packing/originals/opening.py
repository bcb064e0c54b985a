"""Which store a place means."""

from os import PathLike

from ctxpack.errors import StoreError
from ctxpack.packing.originals.memory import MemoryOriginals
from ctxpack.packing.originals.protocol import Originals
from ctxpack.packing.originals.redis import RedisOriginals
from ctxpack.packing.originals.sqlite import SQLiteOriginals

_URLS = ("redis://", "rediss://", "unix://")


def open_originals(place: "str | PathLike[str] | Originals | None", timeout: float = 30.0) -> Originals:
    """A store in memory (None), at a Redis server (a URL), in an SQLite file (a path), or the caller's own.

    Args:
        place: the store, as described.
        timeout: as of SQLiteOriginals, for a file.

    Raises:
        StoreError: the store cannot be opened, or it is none of these.
    """
    if place is None:
        return MemoryOriginals()
    if place == "":
        raise StoreError("a store's path is empty: what is kept there would be gone with the process")
    if isinstance(place, str) and place.startswith(_URLS):
        return RedisOriginals(place)
    if isinstance(place, str | PathLike):
        return SQLiteOriginals(place, timeout=timeout)
    if not isinstance(place, Originals):
        raise StoreError(f"a store is None, a path, a URL or an Originals, not {type(place).__name__}")
    return place
