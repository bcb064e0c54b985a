"""Lines and their repeats, slow and obvious."""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

# Start, stop, number, content.
_Line = tuple[int, int, int, str]

_GUTTER = re.compile(r"[ \t]*([0-9]{1,7})(?:→|\t|[:|] ?)")


def lines(text: str) -> list[_Line]:
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
    known, own = [lines(other) for other in above], lines(text)
    shown: list[_Line | None] = []  # lines of the text itself above `first`, None where a run covers them
    found, first = [], 0
    while first < len(own):
        length = max((_common(own[first:], other[at:]) for other in known for at in range(len(other))), default=0)
        repeated = max(
            (_repeated(own[first:], [*shown[at:], *own[first:]], first - at) for at in range(first)), default=0
        )
        if repeated >= within:
            length = max(length, repeated)
        size = own[first + length - 1][1] - own[first][0] if length else 0
        if size and (size >= much or (size >= few and length >= least)):
            found.append((first, length))
            shown += [None] * length
            first += length
        else:
            shown.append(own[first])
            first += 1
    return found


def _repeated(own: list[_Line], other: Sequence[_Line | None], period: int) -> int:
    """Lines that repeat those in front of them: once, or over and over."""
    length = _common(own, other)
    return length if length >= 2 * period else min(length, period)


def _common(own: list[_Line], other: Sequence[_Line | None]) -> int:
    """Lines from the top that are equal, and go by numbers that rise by one in both."""
    pairs = zip(own, other, strict=False)
    equal = list(takewhile(lambda pair: pair[1] is not None and pair[0][3] == pair[1][3], pairs))
    steps = ([later[2] - earlier[2] for earlier, later in pairwise(side)] for side in zip(*equal, strict=True))
    return min([len(equal), *(side.index(step) + 1 for side in steps for step in side if step != 1)])
