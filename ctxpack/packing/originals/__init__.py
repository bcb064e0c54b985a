"""Originals: the stores that give every removed text back, byte for byte. One file per place they are kept in."""

from ctxpack.packing.originals.memory import MemoryOriginals
from ctxpack.packing.originals.opening import open_originals
from ctxpack.packing.originals.protocol import Originals
from ctxpack.packing.originals.redis import RedisOriginals
from ctxpack.packing.originals.sqlite import SQLiteOriginals

__all__ = ["MemoryOriginals", "Originals", "RedisOriginals", "SQLiteOriginals", "open_originals"]
