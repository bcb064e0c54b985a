"""Tells what bytes look like that should have been UTF-8 text."""

# What such files begin with, and what to do about it.
_BEGINNINGS = {
    b"\x1f\x8b": "gzip; unpack it first",
    b"\x28\xb5\x2f\xfd": "Zstandard; unpack it first",
    b"\xfd7zXZ\0": "xz; unpack it first",
    b"BZh": "bzip2; unpack it first",
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"\xff\xfe": "UTF-16; make it UTF-8 first",
    b"\xfe\xff": "UTF-16; make it UTF-8 first",
}


def likeness(data: bytes) -> str:
    """What the bytes look like, in brackets, to follow what is wrong with them; empty where that is not known. O(1)."""
    return next((f" (looks like {what})" for start, what in _BEGINNINGS.items() if data.startswith(start)), "")
