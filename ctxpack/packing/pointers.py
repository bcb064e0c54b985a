"""Pointers: what stands in the place of lines that the prompt already shows, in another text or further up in this one.

    [ctxpack:3708f499 lines 12-80: same as above, Read src/app.py lines 3-71]
    [ctxpack lines 92-102: same as lines 81-91]

The first marker of a text names its handle; the others go without.
"""

from collections.abc import Callable, Iterator

from ctxpack._native.lines import Lines
from ctxpack.packing.lines import LineIndex, Run
from ctxpack.packing.markers import is_headed, marker
from ctxpack.packing.rewrites import Pieces

# Tokens that a pointer must save: for fewer a reader need not look up.
_LEAST_GAIN = 8


def pointers(
    text: str, lines: Lines, runs: list[Run], index: LineIndex, handle: str, count: Callable[[str], int]
) -> Pieces:
    """Pointers in the place of those runs for which they are clearly shorter. O(characters).

    Args:
        text: the text; a marker at its top is one of ours.
        lines: its lines.
        runs: lines of it that stand elsewhere, from the top.
        index: where they stand.
        handle: gives the original back.
        count: tokens of a text.
    """
    return Pieces(tuple(_parts(text, lines, runs, index, handle, count)))


def _parts(
    text: str, lines: Lines, runs: list[Run], index: LineIndex, handle: str, count: Callable[[str], int]
) -> Iterator[tuple[int, int] | str]:
    kept, is_named = 0, is_headed(text)
    for run in runs:
        start, stop = lines[run.first][0], lines[run.first + run.length - 1][1]
        named = "" if is_named and start else handle
        pointer = marker(named, _note(lines, run, index)) + ("\n" if text[stop - 1] == "\n" else "")
        if count(pointer) + _LEAST_GAIN > count(text[start:stop]):
            continue
        if start > kept:
            yield (kept, start)
        yield pointer
        kept, is_named = stop, True
    if kept < len(text):
        yield (kept, len(text))


def _note(lines: Lines, run: Run, index: LineIndex) -> str:
    """Which lines stand where, by the numbers a reader of the prompt can see."""
    ours = _range(lines[run.first][2], lines[run.first + run.length - 1][2])
    if run.place == len(index.labels):
        return f"lines {ours}: same as lines {_range(lines[run.at][2], lines[run.at + run.length - 1][2])}"
    theirs = _range(index.number(run.place, run.at), index.number(run.place, run.at + run.length - 1))
    where = f" lines {theirs}" if theirs != ours else ""
    return f"lines {ours}: same as above, {index.labels[run.place]}{where}"


def _range(first: int, last: int) -> str:
    return f"{first}-{last}"
