"""Rewrites: how a text was changed, kept as a recipe so that a session need not hold the text."""

from typing import Literal, NamedTuple

import msgspec

from ctxpack.packing.columns import columnar
from ctxpack.packing.minifying import minified
from ctxpack.packing.noise import cleaned
from ctxpack.packing.numbering import Thinned
from ctxpack.packing.templates import Templated

Action = Literal[
    "cleaned", "minified", "columnar", "templated", "thinned", "pointers",
    "removed", "shortened", "clipped", "summarised",
]  # fmt: skip


class Pieces(msgspec.Struct, frozen=True, tag=True):
    """Kept ranges of the original (character offsets) and new text, in order.

    Raises:
        ValueError: ranges overlap, as one that another process wrote to a store may: nothing is shown twice.
    """

    parts: tuple[tuple[int, int] | str, ...]

    def __post_init__(self) -> None:
        edges = [0, *(edge for part in self.parts if not isinstance(part, str) for edge in part)]
        if edges != sorted(edges):
            raise ValueError("ranges that are kept stand in order")

    def apply(self, text: str) -> str:
        return "".join(part if isinstance(part, str) else text[part[0] : part[1]] for part in self.parts)


class Cleaned(msgspec.Struct, frozen=True, tag=True):
    """A command's output as a terminal would show it."""

    def apply(self, text: str) -> str:
        return cleaned(text)


class Minified(msgspec.Struct, frozen=True, tag=True):
    """JSON, or lines of JSON, without white space."""

    def apply(self, text: str) -> str:
        return minified(text)


class Columnar(msgspec.Struct, frozen=True, tag=True):
    """JSON, or lines of JSON, with arrays of like objects as columns and rows.

    Attributes:
        exceptions: numbers of the arrays where bytes would choose the form with more tokens.
    """

    exceptions: tuple[int, ...] = ()

    def apply(self, text: str) -> str:
        return columnar(text, self.exceptions)


class Inside(msgspec.Struct, frozen=True, tag=True):
    """A recipe for one range of a text (character offsets)."""

    start: int
    stop: int
    recipe: Minified | Columnar

    def apply(self, text: str) -> str:
        return text[: self.start] + self.recipe.apply(text[self.start : self.stop]) + text[self.stop :]


class Then(msgspec.Struct, frozen=True, tag=True):
    """One recipe after another."""

    first: "Recipe"
    second: "Recipe"

    def apply(self, text: str) -> str:
        return self.second.apply(self.first.apply(text))


Recipe = Pieces | Cleaned | Minified | Columnar | Inside | Thinned | Templated | Then


# Why a text was rewritten, where the rule that did it has no number of its own.
REASONS: dict[Action, str] = {
    "cleaned": "a terminal would not show it",
    "minified": "white space in JSON",
    "columnar": "objects with the same keys",
    "templated": "log lines of the same template",
    "thinned": "line numbers that follow from their place",
    "pointers": "lines shown above",
    "removed": "over the budget",
    "shortened": "over the budget",
    "clipped": "over the budget",
    "summarised": "old messages",
}


class Rewrite(msgspec.Struct, frozen=True):
    """A frozen decision about one text.

    Attributes:
        action: what was done.
        recipe: makes the packed text from the original.
        handle: gives the original back from the store.
        tokens_before: tokens of the original text.
        tokens_after: tokens of the packed text.
        lasting: whether it stays when history is decided again: what was taken out is never put back by itself.
        rule: which rule did it, in fixed words; "" where the action says it all.
    """

    action: Action
    recipe: Recipe
    handle: str
    tokens_before: int
    tokens_after: int
    lasting: bool = False
    rule: str = ""

    @property
    def reason(self) -> str:
        """Why it was made, in fixed words: never text of the prompt."""
        return self.rule or REASONS[self.action]


class Shaped(NamedTuple):
    """A rewrite that was just made, and the text as it makes it."""

    rewrite: Rewrite
    text: str
