"""Tokens of an image by its size, from a dated data file."""

from binascii import Error, a2b_base64
from bisect import bisect_right
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from math import ceil, sqrt

import msgspec

from ctxpack.model_names import plain_name

# Bits of the scale that an image is made smaller by.
_PRECISION = 30
# More than what scaling a length to a whole number of squares may be off by.
_ROUNDING = 1e-9
# Bytes of a header that every format but JPEG keeps its size in.
_HEADER = 30
# JPEG: frame headers hold the size; the others of the same range hold tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# JPEG: markers without a segment.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def _whole(squares: float) -> int:
    """How many squares lie along a side of an image; one that was scaled to a whole number of them has no more."""
    return ceil(squares - _ROUNDING)


class Patches(msgspec.Struct, frozen=True, tag="patches"):
    """An image is cut into squares of one or more tokens each; where they are too many, it is first made smaller.

    It then gets the area of as many squares as there may be, and is made smaller yet, to a whole number of them along
    one of its sides.

    Attributes:
        side: pixels of a square's side.
        most: squares of one image.
        each: tokens of one square.
    """

    side: int
    most: int
    each: float = 1.0

    def tokens(self, width: int, height: int, low: bool) -> int:
        columns, rows = width / self.side, height / self.side
        if ceil(columns) * ceil(rows) > self.most:
            area = sqrt(self.most / (columns * rows))
            columns, rows = columns * area, rows * area
            whole = min(max(1, int(squares + _ROUNDING)) / squares for squares in (columns, rows))
            columns, rows = columns * whole, rows * whole
        return ceil(min(_whole(columns) * _whole(rows), self.most) * self.each)


class PaddedPatches(msgspec.Struct, frozen=True, tag="padded patches"):
    """An image is made as small as it has to be for its limits, and filled up to squares of a token each.

    Attributes:
        side: pixels of a square's side.
        most: squares of one image.
        edge: pixels of the longer side.
    """

    side: int
    most: int
    edge: int

    def tokens(self, width: int, height: int, low: bool) -> int:
        scale = min(1.0, self.edge / max(width, height))

        def squares(scale: float) -> int:
            return _whole(width * scale / self.side) * _whole(height * scale / self.side)

        if squares(scale) > self.most:
            steps = range(1 << _PRECISION)
            largest = bisect_right(steps, self.most, key=lambda step: squares(scale * step / len(steps))) - 1
            scale *= largest / len(steps)
        return squares(scale)


class Tiles(msgspec.Struct, frozen=True, tag="tiles"):
    """An image is made smaller until both its sides fit, and cut into square tiles.

    Attributes:
        side: pixels of a tile's side.
        edge: pixels of the longer side at most.
        short_edge: pixels of the shorter side at most.
        base: tokens of every image, and all those of one sent with low detail.
        tile: tokens of a tile.
    """

    side: int
    edge: int
    short_edge: int
    base: int
    tile: int

    def tokens(self, width: int, height: int, low: bool) -> int:
        if low:
            return self.base
        scale = min(1.0, self.edge / max(width, height))
        scale = min(scale, self.short_edge / min(width, height))
        return self.base + self.tile * _whole(width * scale / self.side) * _whole(height * scale / self.side)


ImageRule = Patches | PaddedPatches | Tiles


class _Row(msgspec.Struct, frozen=True):
    """One row of images.json: the models by patterns of their plain names, and where the rule comes from."""

    models: list[str]
    rule: ImageRule
    source: str
    as_of: str


def image_rule(model: str) -> ImageRule | None:
    """How a model's provider counts an image; None where that is not known.

    Thread-safety: safe.
    """
    name = plain_name(model)
    covering = (row.rule for row in _rows() if any(fnmatchcase(name, pattern) for pattern in row.models))
    return next(covering, None)


@cache
def _rows() -> list[_Row]:
    return msgspec.json.decode(files("ctxpack.tokens").joinpath("images.json").read_bytes(), type=list[_Row])


def image_size(encoded: str) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP in base64; None where its header does not say.

    Complexity: O(1), for JPEG linear in what stands ahead of its frame header.
    """
    head = _decoded(encoded[: 4 * _HEADER])
    if head.startswith(b"\xff\xd8"):
        return _jpeg(_decoded(encoded))
    size = _fixed(head) if len(head) >= _HEADER else None
    return size if size and min(size) > 0 else None


def _decoded(encoded: str) -> bytes:
    try:
        return a2b_base64(encoded)
    except (Error, ValueError):
        return b""


def _fixed(head: bytes) -> tuple[int, int] | None:
    """The size in a header that has it at a fixed place."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp(head)
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            return (width, height) if width and height else None
        if marker == 0xFF:  # a byte that fills
            at += 1
        elif marker in _BARE:
            at += 2
        else:
            at += 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
    return None
