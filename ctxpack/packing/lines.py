"""Lines that the prompt already shows, and where."""

from typing import NamedTuple

from ctxpack._native import lines as native
from ctxpack._native.lines import Lines
from ctxpack.packing.numbering import is_thinned, numbers

# Characters that a run must have to be worth a pointer, which has ten tokens or more and must save eight; and those
# from which on it is worth one however few lines it has.
_SHORT = 40
_LONG = 400


class Run(NamedTuple):
    """Lines [first, first + length) of a text that stand in the prompt already, from line `at` of text `place` on.

    The text itself counts as the one after the last that the prompt shows; its lines [at, first) may come over and
    over.
    """

    first: int
    length: int
    place: int
    at: int


def split(text: str) -> Lines:
    """The lines of a text; printed line numbers are told apart where most lines carry rising ones. O(characters)."""
    return Lines(text, numbers(text) if is_thinned(text) else None)


class LineIndex:
    """The lines of all texts of a prompt, in order.

    Attributes:
        labels: how a pointer names each text.

    Memory: about 80 bytes a line, no text. Thread-safety: none; its owner locks.
    """

    def __init__(self) -> None:
        self.labels: list[str] = []
        self._lines = 0
        self._index = native.LineIndex()

    def __len__(self) -> int:
        return self._lines

    def add(self, label: str, lines: Lines) -> None:
        """Takes in the lines of the next text that the prompt shows. O(lines)."""
        self.labels.append(label)
        self._lines += len(lines)
        self._index.add(lines)

    def number(self, place: int, at: int) -> int:
        """The number that a line goes by: the printed one, or its place in the text from 1."""
        return self._index.number(place, at)

    def runs(self, lines: Lines, minimum: int, within: int) -> list[Run]:
        """Longest runs of lines that are known, from the top. O(lines).

        Args:
            lines: the lines of a text.
            minimum: lines that must stand in a row in a text that the prompt shows, unless they are much text.
            within: lines that must stand in a row further up in the text itself, outside of any run.
        """
        return [Run._make(run) for run in self._index.runs(lines, minimum, _SHORT, _LONG, within)]
