"""How texts are named and kept in every store: handles from their hash, bytes that may be compressed."""

import zlib
from collections.abc import Iterator
from hashlib import blake2b

from ctxpack.errors import HandleError, StoreError

# Hexadecimal digits of a handle; more are taken when two texts would share one.
_SHORTEST = 8
# Bytes of the hash that tells texts apart.
DIGEST_SIZE = 20
# Bytes below which compressing does not pay. Level 1 makes tool results a third, at 35 us each; level 6 saves 3 % more.
_SMALL = 256
_PLAIN, _ZLIB = b"p", b"z"


def check_bounds(max_bytes: int, max_age: float | None) -> None:
    """Raises StoreError where a bound is not positive."""
    if max_bytes < 1 or (max_age is not None and max_age <= 0):
        raise StoreError("max_bytes and max_age are positive")


def note_name(key: str) -> str:
    """What a note is kept under: no handle, which are hexadecimal."""
    return f"note:{key}"


def handles(digest: bytes) -> Iterator[str]:
    """Handles that a text may get, the shortest first."""
    name = digest.hex()
    return (name[:length] for length in range(_SHORTEST, len(name) + 1))


def missing(handle: str, where: str = "") -> HandleError:
    """The error where nothing is stored under a handle."""
    return HandleError(
        f"{where}no original is stored under {handle!r}: it never was, or was dropped to keep the bounds"
    )


def digest_of(data: bytes) -> bytes:
    """The hash that names a text, `DIGEST_SIZE` bytes."""
    return blake2b(data, digest_size=DIGEST_SIZE).digest()


def encoded(text: str) -> bytes:
    """UTF-8; lone surrogates, which JSON may hold, are kept."""
    return text.encode("utf-8", "surrogatepass")


def compressed(data: bytes) -> bytes:
    """The data after a byte that says how it is kept."""
    packed = zlib.compress(data, 1) if len(data) >= _SMALL else data
    return _ZLIB + packed if len(packed) < len(data) else _PLAIN + data


def to_text(packed: bytes) -> str:
    """What `compressed` was given, as text.

    Raises:
        ValueError, zlib.error: the bytes are damaged.
    """
    data = zlib.decompress(packed[1:]) if packed[:1] == _ZLIB else packed[1:]
    return data.decode("utf-8", "surrogatepass")
