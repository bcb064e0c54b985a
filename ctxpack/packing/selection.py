"""Selection: the best sentences or lines of a long text for a query, under an exact budget of tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from ctxpack._native.lines import reports
from ctxpack._native.text import Document
from ctxpack.tokens import Encoding

Range = tuple[int, int]

# What else a reader of tool output looks for first, beside errors: warnings, and the totals of tests.
_TELLING = ("warning", " passed")
_DIGITS = re.compile(r"\d+")
# Parts of the budget for what is kept by rule.
_HEAD = 0.1
_TAIL = 0.1
_ERRORS = 0.25
# Tries at filling the budget, and the part of it that may stay empty. The parts of a text have a few tokens more, or
# fewer, than the text they make.
_ROUNDS = 6
_SPARE = 0.005


@dataclass(frozen=True, slots=True)
class Selection:
    """What is kept of a text.

    Attributes:
        text: the kept ranges, with the gap between them.
        ranges: what is kept, as ranges of characters of the original, ascending and apart.
        left_out: the rest of the original, as ranges of characters.
        gap: what stands in `text` between two ranges.
        tokens: tokens of `text`.

    Thread-safety: immutable, safe to share.
    """

    text: str
    ranges: tuple[Range, ...]
    left_out: tuple[Range, ...]
    gap: str
    tokens: int

    @property
    def parts(self) -> tuple[Range | str, ...]:
        """The kept ranges with the gap between them, as `ctxpack.packing.rewrites.Pieces` takes them."""
        return tuple(part for kept in self.ranges for part in (self.gap, kept))[1:]


def select(text: str, query: str, budget: int, encoding: Encoding, gap: str = "\n", focus: float = 1) -> Selection:
    """Keeps the units of a text (sentences of prose, lines of anything else) that matter most for a query.

    Units are scored by BM25 in their own words and around them, with a second hop over names, and by what they say that
    none before them does; see docs/selection.md. Of lines, and of prose where no question is asked (a focus below 1), a
    few of the first, of the last and of those that report errors are kept whatever the query. A text that fits is kept
    whole. Where not one unit fits, the best is cut.

    Args:
        text: the text. Lone surrogates stay as they are.
        query: what the text is wanted for, such as the latest user turns and the arguments of the call; may be empty.
        budget: tokens that the result may have, gaps included.
        encoding: counts the text and, by its offsets, the units.
        gap: what to put between ranges that do not touch; white space at the end of a range gives way to it.
        focus: what fitting the query counts beside what a unit says by itself: 1 for a question, less for a subject.

    Raises:
        ValueError: the budget or the focus is negative, or the focus is not finite.
        TypeError: the text or the query is no str, or the encoding no Encoding.

    Complexity: O(n log n) in characters; 0.1 to 0.2 s for 1 MB. The same input gives the same ranges on every platform.
    Thread-safety: safe; the native part runs without the interpreter lock.
    """
    for name, value in (("text", text), ("query", query)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be str, not {type(value).__name__}")
    if not hasattr(encoding, "offsets"):  # a name has a `count`, too, by which any text would fit
        raise TypeError(f"encoding must be an Encoding, as ctxpack.encoding gives, not {type(encoding).__name__}")
    if budget < 0 or not 0 <= focus < inf:
        raise ValueError(f"the budget and the focus must be finite and not negative, but are {budget} and {focus}")
    tokens = encoding.count(text)
    if tokens <= budget:
        return Selection(text, ((0, len(text)),) if text else (), (), gap, tokens)
    return _Selector(text, query, encoding, gap, focus).fitted(budget)


class _Selector:
    """One text, scored once, chosen from as often as it takes to fill a budget."""

    def __init__(self, text: str, query: str, encoding: Encoding, gap: str, focus: float) -> None:
        self._text = text
        self._encoding = encoding
        self._gap = gap
        self._gap_cost = encoding.count(gap)
        self._document = Document(text)
        # Who asks a question of prose wants what answers it, and nothing else.
        self._has_rules = self._document.shape == "lines" or focus < 1
        self._scores = self._document.scores(query, focus)
        offsets = encoding.offsets(text)
        self._costs = [
            offsets.count(start, start + len(text[start:stop].rstrip())) for start, stop in self._document.units
        ]

    def fitted(self, budget: int) -> Selection:
        """The largest selection found that has no more tokens than the budget."""
        required = list(self._required(budget)) if self._has_rules else []
        best = self._selection([])
        allowance = budget
        for _ in range(_ROUNDS):
            found = self._chosen(allowance, required)
            if best.tokens < found.tokens <= budget:
                best = found
            if 0 <= budget - found.tokens <= _SPARE * budget:
                break
            allowance += budget - found.tokens
        while not best.ranges and allowance > 1:
            allowance //= 2
            found = self._chosen(allowance, required)
            best = found if found.tokens <= budget else best
        return best if best.ranges else self._cut(budget)

    def _chosen(self, allowance: int, required: list[int]) -> Selection:
        numbers = self._document.choose(self._scores, self._costs, allowance, self._gap_cost, required)
        return self._selection(_runs(numbers, self._document.units))

    def _required(self, budget: int) -> Iterator[int]:
        """Numbers of the units that stay by rule, the more urgent first."""
        numbers = range(len(self._costs))
        yield from self._within(numbers, _HEAD * budget)
        yield from self._within(reversed(numbers), _TAIL * budget)
        yield from self._within(self._errors(), _ERRORS * budget)

    def _errors(self) -> Iterator[int]:
        """Units that report errors, the best first; of those that differ in numbers only, the first."""
        seen: dict[str, int] = {}
        for number, (start, stop) in enumerate(self._document.units):
            line = self._text[start:stop].lower()
            if reports(line) or any(word in line for word in _TELLING):
                seen.setdefault(_DIGITS.sub("", line), number)
        return iter(sorted(seen.values(), key=lambda number: -self._scores[number]))

    def _within(self, numbers: "range | Iterator[int]", budget: float) -> Iterator[int]:
        """Numbers from the front as long as their costs fit the budget."""
        for number in numbers:
            budget -= self._costs[number] + self._gap_cost
            if budget < 0:
                return
            yield number

    def _selection(self, runs: list[Range]) -> Selection:
        ranges = tuple(kept for kept in (self._stripped(run) for run in runs) if kept[0] < kept[1])
        kept = self._gap.join(self._text[start:stop] for start, stop in ranges)
        edges = [(0, 0), *ranges, (len(self._text), len(self._text))]
        left_out = tuple((stop, start) for (_, stop), (start, _) in pairwise(edges) if stop < start)
        return Selection(kept, ranges, left_out, self._gap, self._encoding.count(kept))

    def _stripped(self, run: Range) -> Range:
        """A range without the white space before a gap."""
        start, stop = run
        if stop == len(self._text):
            return run
        return start, start + len(self._text[start:stop].rstrip())

    def _cut(self, budget: int) -> Selection:
        """The front of the best unit, where no whole one fits."""
        numbers = range(len(self._scores))
        best = max(numbers, key=lambda number: self._scores[number])
        start, stop = self._document.units[best]
        while stop > start:
            found = self._selection([(start, stop)])
            if found.tokens <= budget:
                return found
            stop = start + (stop - start) // 2
        return self._selection([])


def _runs(numbers: list[int], units: tuple[Range, ...]) -> list[Range]:
    """The ranges of units, neighbours as one."""
    runs: list[Range] = []
    for number in numbers:
        start, stop = units[number]
        if runs and runs[-1][1] == start:
            start = runs.pop()[0]
        runs.append((start, stop))
    return runs
