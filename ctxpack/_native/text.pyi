from collections.abc import Iterable
from typing import Literal, Self

class Document:
    """A text cut into units (sentences of prose, lines of anything else), ready to be scored against queries.

    The units cover the text without gaps: white space after a unit belongs to it. None is longer than 600 bytes of
    UTF-8. Lone surrogates are read as "?".

    Args:
        text: the text; less than 4 GB of UTF-8.

    Raises:
        TypeError: the text is no str.
        ValueError: the text is too long.

    Complexity: O(characters), and O(n log n) in words. Memory: about 100 bytes a word.
    Thread-safety: immutable, safe to share; long work is done without the interpreter lock.
    """

    def __new__(cls, text: str) -> Self: ...
    @property
    def shape(self) -> Literal["prose", "lines"]:
        """How the text was cut: into sentences, or into lines."""

    @property
    def units(self) -> tuple[tuple[int, int], ...]:
        """The units as ranges of characters, in order."""

    def scores(self, query: str, focus: float = 1.0) -> list[float]:
        """How much each unit is worth for a query, which may be empty; at least 0, the same on every platform.

        A unit gets BM25 for its own words, the same for what stands around it (its paragraph, or its neighbours where
        paragraphs say nothing), and both once more for the names that the best units share with it (the second hop of a
        question). All of that counts `focus` times; a little comes from standing first in its paragraph, from names
        that stand nowhere before it and, for a line, from saying something at all.

        Args:
            query: what the text is wanted for.
            focus: what fitting the query counts beside the rest.

        Raises:
            ValueError: focus is negative or not finite.

        Complexity: O(words of the text and the query).
        """

    def choose(
        self,
        scores: Iterable[float],
        costs: Iterable[int],
        budget: int,
        gap: int = 0,
        required: Iterable[int] = (),
    ) -> list[int]:
        """The units to keep under a budget, as ascending numbers.

        Greedy by score; each further unit that repeats the words of chosen ones (numbers aside) counts for less: a
        half, a third and so on. Ties go to the unit that stands first.

        Args:
            scores: one per unit.
            costs: tokens of each unit.
            budget: tokens that the chosen units may cost together.
            gap: tokens of what is put between two chosen units that are no neighbours.
            required: numbers of units that come before all others, in this order, as far as they fit.

        Raises:
            ValueError: there are not as many scores and costs as units, a score is NaN, a cost or the gap is
                negative or from 2^62 on, or a required unit does not exist.
            OverflowError: a cost or a number is negative or too large for its type.

        Complexity: O(n log n) in units.
        """

def names_in(text: str) -> list[str]:
    """Every name in a text, in order, also more than once: what later turns refer to.

    Paths, dotted names, snake_case and camelCase, and words or numbers with digits, of 5 to 200 ASCII characters.

    Raises:
        TypeError: the text is no str.
        ValueError: it has 4 GB of UTF-8 or more.

    Complexity: O(characters). Thread-safety: safe; long work is done without the interpreter lock.
    """
