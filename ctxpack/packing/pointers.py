"""Pointers: what stands in the place of lines that the prompt already shows, in another text or further up in this one.

    [ctxpack:3708f499 lines 12-80: same as above, Read src/app.py lines 3-71]
    [ctxpack lines 82-90: same, 72-80]
    [ctxpack lines 92-102: same as lines 81-91]
    [ctxpack lines 105-190: same, 103-104, over and over]

The first marker of a text names its handle; the others go without. A pointer to the text that the one in front of it
names does not name that again, so that a file with changed lines costs little more than one without; but it does where
lines are to be read without the others.
"""

from collections.abc import Callable, Iterator

from ctxpack._native.lines import Lines
from ctxpack.packing.lines import LineIndex, Run
from ctxpack.packing.markers import is_headed, marker
from ctxpack.packing.rewrites import Pieces

# Tokens that a pointer must save: for fewer a reader need not look up.
_LEAST_GAIN = 8


def pointers(
    text: str, lines: Lines, runs: list[Run], index: LineIndex, handle: str, count: Callable[[str], int], *, apart: bool
) -> Pieces:
    """Pointers in the place of those runs for which they are clearly shorter. O(characters).

    Args:
        text: the text; a marker at its top is one of ours.
        lines: its lines.
        runs: lines of it that stand elsewhere, from the top.
        index: where they stand.
        handle: gives the original back.
        count: tokens of a text.
        apart: whether each line is to say something without the others.
    """
    return Pieces(tuple(_parts(text, lines, runs, index, handle, count, apart)))


def _parts(
    text: str, lines: Lines, runs: list[Run], index: LineIndex, handle: str, count: Callable[[str], int], apart: bool
) -> Iterator[tuple[int, int] | str]:
    kept, is_named, place = 0, is_headed(text), None
    for run in runs:
        start, stop = lines[run.first][0], lines[run.first + run.length - 1][1]
        note = _note(lines, run, index, is_again=run.place == place and not apart)
        pointer = marker("" if is_named and start else handle, note) + ("\n" if text[stop - 1] == "\n" else "")
        if count(pointer) + _LEAST_GAIN > count(text[start:stop]):
            continue
        if start > kept:
            yield (kept, start)
        yield pointer
        kept, is_named, place = stop, True, run.place
    if kept < len(text):
        yield (kept, len(text))


def _note(lines: Lines, run: Run, index: LineIndex, is_again: bool) -> str:
    """Which lines stand where, by the numbers a reader of the prompt can see."""
    ours, theirs = _range(lines[run.first][2], lines[run.first + run.length - 1][2]), _target(lines, run, index)
    if is_again:
        return f"lines {ours}: same" + (f", {theirs}" if theirs != ours else "")
    if run.place == len(index.labels):
        return f"lines {ours}: same as lines {theirs}"
    where = f" lines {theirs}" if theirs != ours else ""
    return f"lines {ours}: same as above, {index.labels[run.place]}{where}"


def _target(lines: Lines, run: Run, index: LineIndex) -> str:
    """The lines that a run repeats."""
    last = run.at + run.length - 1
    if run.place != len(index.labels):
        return _range(index.number(run.place, run.at), index.number(run.place, last))
    if last < run.first:
        return _range(lines[run.at][2], lines[last][2])
    return _range(lines[run.at][2], lines[run.first - 1][2]) + ", over and over"


def _range(first: int, last: int) -> str:
    return f"{first}-{last}"
