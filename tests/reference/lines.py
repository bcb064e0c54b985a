"""Lines and their repeats, slow and obvious."""

import re
from collections.abc import Sequence
from itertools import pairwise

_GUTTER = re.compile(r"[ \t]*([0-9]{1,7})(?:→|\t|[:|] ?)")


def lines(text: str) -> list[tuple[int, int, int, str]]:
    """(start, stop, number, content) of each line, the content without a printed number and what ends the line."""
    pieces = [piece for piece in re.split(r"(?<=\n)", text) if piece]
    gutters = [_GUTTER.match(piece) for piece in pieces]
    numbers = [int(gutter[1]) for gutter in gutters if gutter]
    rising = 1 + sum(later == earlier + 1 for earlier, later in pairwise(numbers))
    numbered = bool(numbers) and rising >= 0.8 * len(pieces)
    found, start = [], 0
    for place, (piece, gutter) in enumerate(zip(pieces, gutters, strict=True), 1):
        number, printed = (int(gutter[1]), gutter.end()) if numbered and gutter else (place, 0)
        found.append((start, start + len(piece), number, piece[printed:].rstrip("\r\n")))
        start += len(piece)
    return found


def runs(above: list[str], text: str, least: int, few: int, much: int, within: int) -> list[tuple[int, int]]:
    """(first, length) of the longest runs of lines that stand in a row in a text above, or further up in the text."""
    known = [[content for *_, content in lines(other)] for other in above]
    own = lines(text)
    contents = [content for *_, content in own]
    shown: list[str | None] = []  # lines of the text itself above `first`, None where a run covers them
    found, first = [], 0
    while first < len(own):
        length = max((_common(own[first:], other[at:]) for other in known for at in range(len(other))), default=0)
        repeated = max(
            (_repeated(own[first:], [*shown[at:], *contents[first:]], first - at) for at in range(first)), default=0
        )
        if repeated >= within:
            length = max(length, repeated)
        size = own[first + length - 1][1] - own[first][0] if length else 0
        if size and (size >= much or (size >= few and length >= least)):
            found.append((first, length))
            shown += [None] * length
            first += length
        else:
            shown.append(own[first][3])
            first += 1
    return found


def _repeated(own: list[tuple[int, int, int, str]], other: Sequence[str | None], period: int) -> int:
    """Lines that repeat those in front of them: once, or over and over."""
    length = _common(own, other)
    return length if length >= 2 * period else min(length, period)


def _common(own: list[tuple[int, int, int, str]], other: Sequence[str | None]) -> int:
    pairs = zip(own, other, strict=False)
    return next((at for at, (line, content) in enumerate(pairs) if line[3] != content), min(len(own), len(other)))
