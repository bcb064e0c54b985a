from collections.abc import Iterable
from typing import Self

class Lines:
    r"""The lines of a text, each with the "\n" that ends it.

    Args:
        text: the text; less than 4 GB of UTF-8.
        numbers: for each line the number it goes by and how many of its first bytes print it; by default its place from
            1, or the printed number where most lines carry rising ones as file readers print them.

    Raises:
        TypeError: the text is no str.
        ValueError: there is not one number for each line, one is longer than its line, or the text is too long.

    Complexity: O(characters). Memory: 24 bytes a line. Thread-safety: immutable, safe to share; texts are read without
    the interpreter lock.
    """

    def __new__(cls, text: str, numbers: Iterable[tuple[int, int]] | None = None) -> Self: ...
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> tuple[int, int, int]:
        """A line's range of characters (start, stop), and the number it goes by.

        Raises:
            IndexError: there is no such line.
        """

    def same(self, at: int, other: Lines, there: int) -> bool:
        """Whether two lines are equal, printed numbers and what ends them apart.

        Raises:
            IndexError: there is no such line.
        """

class LineIndex:
    """The lines of texts, in order.

    Lines are told apart by 64-bit hashes under a key of the process, so that no two can be made alike. Memory: about 80
    bytes a line, no text. Thread-safety: none; its owner locks.
    """

    def __init__(self) -> None: ...
    def add(self, lines: Lines) -> None:
        """Takes in the lines of the next text. O(lines)."""

    def runs(self, lines: Lines, least: int, few: int, much: int, within: int) -> list[tuple[int, int, int, int]]:
        """Longest runs of lines that are known, from the top; no line is in two. Numbers name each by its ends.

        O(lines * (least + within)), without the latter where it is more lines than there are.

        Args:
            lines: the lines of a text.
            least: lines that must stand in a row in a text of the index,
            few: and characters that they must have,
            much: unless they have this many characters.
            within: lines that must stand in a row further up in the text itself, outside of any run, as well.

        Returns:
            (first, length, place, at): lines [first, first + length) stand in text `place` of those added (from 0),
            from its line `at` on; here and there their numbers rise by one. The text itself counts as the one after the
            last; where that leaves fewer lines than the run has, lines [at, first) come over and over.
        """

    def number(self, place: int, at: int) -> int:
        """The number that line `at` of text `place` goes by.

        Raises:
            IndexError: there is no such text or line.
        """

def reports(line: str) -> bool:
    """Whether a line says that something went wrong.

    It has a word that reports of errors have ("error", "fail", "denied" ...), in any case, other than after "0", "no"
    or "without", or an exit code that is not 0. O(characters).

    Raises:
        TypeError: the line is no str.
    """

def templated(text: str) -> tuple[str, int, int]:
    """Lines of a log as templates, once, and the values that each line puts into them.

    Args:
        text: the text; less than 4 GB of UTF-8.

    Returns:
        The templates ("A: ... {} ...", one a line) and then for each line "A value value", or the line itself where it
        has no template; the number of templates; the number of lines. ("", 0, 0) where too few lines are alike.

    Raises:
        ValueError: the text is too long.

    Complexity: O(characters). Thread-safety: safe; texts are read without the interpreter lock.
    """
