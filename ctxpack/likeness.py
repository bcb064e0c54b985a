"""Tells what bytes look like that should have been UTF-8 text."""

# What packed files begin with: what they look like, and the program that prints what is in them.
_PACKED = {
    b"\x1f\x8b": ("gzip", "zcat"),
    b"\x28\xb5\x2f\xfd": ("Zstandard", "zstdcat"),
    b"\xfd7zXZ\0": ("xz", "xzcat"),
    b"BZh": ("bzip2", "bzcat"),
    b"PK\x03\x04": ("a zip archive", "unzip -p"),
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def likeness(data: bytes) -> str:
    """What the bytes look like, in brackets, to follow what is wrong with them; empty where that is not known. O(1)."""
    if known := packing(data):
        return f" (looks like {known[0]}; unpack it first)"
    return " (looks like UTF-16; make it UTF-8 first)" if data.startswith(_UTF_16) else ""


def packing(data: bytes) -> tuple[str, str] | None:
    """What packed bytes look like, and the program that prints what is in a file of them; None for others. O(1)."""
    return next((known for start, known in _PACKED.items() if data.startswith(start)), None)
