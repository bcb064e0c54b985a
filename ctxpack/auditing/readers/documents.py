"""Files that are one JSON value over many lines: an array of records, or one record."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final

import msgspec

from ctxpack.auditing.readers.decoding import decode
from ctxpack.auditing.readers.files import LONGEST, Line
from ctxpack.errors import ReaderError

_BEGINS: Final = re.compile(rb'\s*(\[\s*\{|\{\s*")')
_ANY = msgspec.json.Decoder(msgspec.Raw)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])


def is_document(head: list[Line]) -> bool:
    """Whether the first lines of a file begin an array of objects, or an object that goes on after its line."""
    if not _BEGINS.match(b"".join(line.data for line in head[:2])):
        return False
    return head[0].data.lstrip().startswith(b"[") or _value(head[0].data) is None


def elements(path: str, lines: Iterable[Line]) -> Iterator[Line]:
    """The objects of an array, or the one object, each as one line; its number is its place, from 1.

    None where the lines are no JSON. Memory: the file.

    Raises:
        ReaderError: they have more than LONGEST bytes; names the path.
    """
    raws = _value(_joined(path, lines))
    for number, raw in enumerate(raws or (), 1):
        yield Line(number, bytes(raw) + b"\n")


def _joined(path: str, lines: Iterable[Line]) -> bytes:
    whole = BytesIO()  # a list of short lines would be many times as large
    for line in lines:
        whole.write(line.data)
        if whole.tell() > LONGEST:
            raise ReaderError(f"{path}: one JSON value of more than {LONGEST:,} bytes")
    return whole.getvalue()


def _value(data: bytes) -> list[msgspec.Raw] | None:
    """The elements of an array, the value itself where it is none, None where there is no whole value."""
    try:
        return decode(_ELEMENTS, data) if data.lstrip().startswith(b"[") else [decode(_ANY, data)]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
