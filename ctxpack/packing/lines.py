"""Lines that the prompt already shows, and where."""

import re
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from xxhash import xxh3_64_intdigest

from ctxpack.packing.numbering import GUTTER, is_thinned
from ctxpack.packing.numbering import numbers as thinned_numbers

# Places remembered per line; the newest matter, since older ones are likelier to have been removed or changed.
_PLACES = 4
# Characters from which on a run is worth a pointer however few lines it has.
_LONG = 400


class Line(NamedTuple):
    """One line of a text: its range (the newline included), its hash without any line number, and its number."""

    start: int
    stop: int
    digest: int
    number: int


class Run(NamedTuple):
    """Lines [first, first + length) of a text that stand in the prompt already, from line `at` of text `place` on."""

    first: int
    length: int
    place: int
    at: int


def split(text: str) -> list[Line]:
    """The lines of a text; printed line numbers are told apart where most lines carry rising ones. O(characters)."""
    pieces = text.splitlines(keepends=True)
    lines, start = [], 0
    for piece, (number, printed) in zip(pieces, _numbers(text, pieces), strict=True):
        lines.append(Line(start, start + len(piece), _digest(piece[printed:]), number))
        start += len(piece)
    return lines


def _numbers(text: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """For each line: its number, and how many of its first characters are the printed one."""
    if is_thinned(text):
        yield from thinned_numbers(pieces)
        return
    gutters = [GUTTER.match(piece) for piece in pieces]
    numbered = _is_numbered(gutters)
    for place, gutter in enumerate(gutters):
        yield (int(gutter[2]), gutter.end()) if numbered and gutter else (place + 1, 0)


def _is_numbered(gutters: list[re.Match[str] | None]) -> bool:
    values = [int(gutter[2]) for gutter in gutters if gutter]
    rising = sum(one + 1 == other for one, other in pairwise(values))
    return bool(values) and rising + 1 >= 0.8 * len(gutters)


def _digest(content: str) -> int:
    return xxh3_64_intdigest(content.rstrip("\r\n").encode("utf-8", "surrogatepass"))


def _characters(lines: list[Line], run: Run) -> int:
    return lines[run.first + run.length - 1].stop - lines[run.first].start if run.length else 0


class LineIndex:
    """The lines of all texts of a prompt, in order.

    Memory: 16 to 60 bytes a line, no text. Thread-safety: none; its owner locks.
    """

    def __init__(self) -> None:
        self.labels: list[str] = []
        self._digests: list[array[int]] = []
        self._numbers: list[array[int]] = []
        self._places: dict[int, list[tuple[int, int]]] = {}

    def add(self, label: str, lines: list[Line]) -> None:
        """Takes in the lines of the next text that the prompt shows. O(lines)."""
        place = len(self.labels)
        self.labels.append(label)
        self._digests.append(array("Q", (line.digest for line in lines)))
        self._numbers.append(array("L", (line.number for line in lines)))
        for at, line in enumerate(lines):
            places = self._places.setdefault(line.digest, [])
            if len(places) == _PLACES:
                del places[1]  # the first place is the one that stays longest in the cache
            places.append((place, at))

    def number(self, place: int, at: int) -> int:
        """The number that a line goes by: the printed one, or its place in the text from 1."""
        return self._numbers[place][at]

    def runs(self, lines: list[Line], minimum: int) -> Iterator[Run]:
        """Longest runs of lines that the index holds, from the top: of `minimum` lines, or of much text. O(lines)."""
        at = 0
        while at < len(lines):
            run = self._longest(lines, at)
            if run.length >= minimum or _characters(lines, run) >= _LONG:
                yield run
                at += run.length
            else:
                at += 1

    def _longest(self, lines: list[Line], first: int) -> Run:
        best = Run(first, 0, -1, -1)
        for place, at in self._places.get(lines[first].digest, ()):
            digests = self._digests[place]
            length = 0
            limit = min(len(lines) - first, len(digests) - at)
            while length < limit and digests[at + length] == lines[first + length].digest:
                length += 1
            if length > best.length:
                best = Run(first, length, place, at)
        return best
