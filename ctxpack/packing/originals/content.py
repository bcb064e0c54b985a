"""How texts are named and kept in every store: handles from their hash, bytes that may be compressed."""

import re
import zlib
from collections.abc import Iterator
from hashlib import blake2b

from ctxpack.errors import HandleError, StoreError

# Hexadecimal digits of a handle; more are taken when two texts would share one.
_SHORTEST, _LONGEST = 8, 40
_HANDLE = re.compile(rf"[0-9a-f]{{{_SHORTEST},{_LONGEST}}}")
# Bytes of the hash that tells texts apart.
DIGEST_SIZE = 20
# Bytes below which compressing does not pay. Level 1 makes tool results a third, at 35 us each; level 6 saves 3 % more.
_SMALL = 256
_PLAIN, _ZLIB = b"p", b"z"
# Bytes of a text; some ten times the largest request that a provider takes.
_LARGEST = 1 << 28


def check_bounds(**bounds: object) -> None:
    """Raises StoreError where a bound is no positive number."""
    for name, bound in bounds.items():
        if not isinstance(bound, int | float) or not bound > 0:
            raise StoreError(f"{name} is a positive number, not {bound!r}")


def note_name(key: str) -> str:
    """What a note is kept under: no handle, which are hexadecimal."""
    return f"note:{key}"


def handles(digest: bytes) -> Iterator[str]:
    """Handles that a text may get, the shortest first."""
    name = digest.hex()
    return (name[:length] for length in range(_SHORTEST, len(name) + 1))


def is_handle(name: object) -> bool:
    """Whether texts may be kept under a name; what a model asks for may be any text, also that of a note."""
    return isinstance(name, str) and _HANDLE.fullmatch(name) is not None


def missing(handle: object) -> HandleError:
    """The error where nothing is stored under a handle. A model may be shown it, so that it names no place."""
    return HandleError(
        f"no original is stored under {str(handle)[:_LONGEST]!r}: it never was, or was dropped to keep the bounds"
    )


def digest_of(data: bytes) -> bytes:
    """The hash that names a text, `DIGEST_SIZE` bytes."""
    return blake2b(data, digest_size=DIGEST_SIZE).digest()


def encoded(text: str) -> bytes:
    """UTF-8; lone surrogates, which JSON may hold, are kept.

    Raises:
        StoreError: there are more bytes than a store takes.
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > _LARGEST:
        raise StoreError(f"a text of {len(data):,} bytes cannot be kept, which is more than {_LARGEST:,}")
    return data


def compressed(data: bytes) -> bytes:
    """The data after a byte that says how it is kept."""
    packed = zlib.compress(data, 1) if len(data) >= _SMALL else data
    return _ZLIB + packed if len(packed) < len(data) else _PLAIN + data


def to_text(packed: object) -> str:
    """What `compressed` was given, as text; a store may hold anything that another process wrote there.

    Raises:
        ValueError, zlib.error: it is damaged.
    """
    if not isinstance(packed, bytes):
        raise ValueError("what is kept are no bytes")
    data = _decompressed(packed[1:]) if packed[:1] == _ZLIB else packed[1:]
    return data.decode("utf-8", "surrogatepass")


def _decompressed(data: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    whole = unpacking.decompress(data, _LARGEST)
    if not unpacking.eof:
        raise ValueError("it is cut short, or larger than any text that is kept")
    return whole
