"""Numbering: the line numbers that file readers print, kept on every tenth line only.

A printed number costs about three tokens a line. Where numbers rise by one, the others follow from their place:

    [ctxpack:3708f499 lines 1-42, every 10th numbered]
         1→import os
    import re
    ...
        10→def main() -> None:
"""

import re
from collections.abc import Iterator
from io import StringIO

import msgspec

from ctxpack.packing.markers import MARKER, marker

# Line numbers as file readers print them: "   12→", "12\t", "12: ", "12| ".
GUTTER = re.compile(r"([ \t]*)([0-9]{1,7})(→|\t|[:|] ?)")
_HEADER = re.compile(r"\[ctxpack:[0-9a-f]{8,40} lines (\d+)-(\d+), every 10th numbered\]\n")
_POINTER = re.compile(r"\[ctxpack(?::[0-9a-f]{8,40})? lines \d+-(\d+): ")
_STEP = 10
# Fewer lines do not repay the header.
_FEWEST = 12


class Thinned(msgspec.Struct, frozen=True, tag=True):
    """Recipe: the run of numbered lines at the top of a text, with every tenth number only.

    Attributes:
        handle: gives the original back.
        first: number of the first line.
        count: lines in the run.
        width: characters that a number is padded to; 0 where it is not.
        mark: what stands after a number.
    """

    handle: str
    first: int
    count: int
    width: int
    mark: str

    def apply(self, text: str) -> str:
        lines = _lines(text)
        header = marker(self.handle, f"lines {self.first}-{self.first + self.count - 1}, every 10th numbered") + "\n"
        thin = (
            line if _is_kept(self.first, number) else line[max(self.width, len(str(number))) + len(self.mark) :]
            for number, line in enumerate(lines[: self.count], self.first)
        )
        return header + "".join(thin) + "".join(lines[self.count :])


def thinning(text: str, handle: str) -> Thinned | None:
    """How to thin a text; None where it starts with too few numbered lines, or `restored` would not give it back.

    O(characters).
    """
    lines = _lines(text)
    count = _run(lines)
    gutter = GUTTER.match(lines[0]) if count >= _FEWEST else None
    if gutter is None:
        return None
    recipe = Thinned(handle, int(gutter[2]), count, _width(gutter), gutter[3])
    return recipe if restored(recipe.apply(text)) == text else None


def restored(text: str) -> str:
    """The text that was thinned, every number in its place. O(characters).

    Raises:
        ValueError: the text was not thinned.
    """
    header = _HEADER.match(text)
    if header is None:
        raise ValueError("the text has no header of thinned numbers")
    first, last = int(header[1]), int(header[2])
    lines = _lines(text[header.end() :])
    gutter = GUTTER.match(lines[0])
    if gutter is None:
        raise ValueError("the first line has no number")
    width = _width(gutter)
    numbered = (
        line if _is_kept(first, number) else f"{number:>{width}}{gutter[3]}{line}"
        for number, line in zip(range(first, last + 1), lines, strict=False)
    )
    return "".join(numbered) + "".join(lines[last + 1 - first :])


def numbers(text: str) -> Iterator[tuple[int, int]]:
    """For each line of a thinned text: its number, and how many of its first bytes are the printed one.

    Lines after the numbered ones go on counting; after a note that does not say how many lines it stands for, no
    printed number is looked for any more.
    """
    lines, header = _lines(text), _HEADER.match(text)
    first, last = (int(header[1]), int(header[2])) if header else (0, -1)
    yield first, 0
    number = first
    for line in lines[1:]:
        gutter = GUTTER.match(line) if number <= last and _is_kept(first, number) else None
        yield number, len(gutter[0].encode()) if gutter and int(gutter[2]) == number else 0
        pointer = _POINTER.match(line)
        if pointer:
            number = int(pointer[1]) + 1
        elif MARKER.match(line):
            last = -1
        else:
            number += 1


def is_thinned(text: str) -> bool:
    """Whether a text starts with the header of thinned numbers."""
    return _HEADER.match(text) is not None


def _lines(text: str) -> list[str]:
    """Lines with what ends them, which is a newline alone."""
    return StringIO(text).readlines()


def _width(gutter: re.Match[str]) -> int:
    return len(gutter[1] + gutter[2]) if gutter[1] else 0


def _is_kept(first: int, number: int) -> bool:
    return number == first or number % _STEP == 0


def _run(lines: list[str]) -> int:
    """How many lines from the top are numbered one after the other. A last line of a number alone is not counted."""
    expected = None
    for count, line in enumerate(lines):
        gutter = GUTTER.match(line)
        if gutter is None or gutter.end() == len(line) or expected not in (None, int(gutter[2])):
            return count
        expected = int(gutter[2]) + 1
    return len(lines)
