"""Rewrites: how a text was changed, kept as a recipe so that a session need not hold the text."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from ctxpack.packing.noise import cleaned
from ctxpack.packing.tables import columnar, minified

Action = Literal["cleaned", "minified", "columnar", "thinned", "pointers", "removed", "shortened", "clipped"]

MARKER = re.compile(r"\[ctxpack:[0-9a-f]{8,40} [^\[\]\n]*\]")


def marker(handle: str, note: str) -> str:
    """What stands in the place of removed text; a model can read it, and `MARKER` finds it."""
    return f"[ctxpack:{handle} {_plain(note)}]"


def is_marked(text: str) -> bool:
    """Whether a text was packed before, or looks as if it was: then it is left alone."""
    return MARKER.search(text) is not None


class Recipe(Protocol):
    """Makes the packed text from the original one; the same text every time."""

    def apply(self, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Pieces:
    """Kept ranges of the original (character offsets) and new text, in order."""

    parts: tuple[tuple[int, int] | str, ...]

    def apply(self, text: str) -> str:
        return "".join(part if isinstance(part, str) else text[part[0] : part[1]] for part in self.parts)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A command's output as a terminal would show it."""

    def apply(self, text: str) -> str:
        return cleaned(text)


@dataclass(frozen=True, slots=True)
class Minified:
    """JSON without white space."""

    def apply(self, text: str) -> str:
        return minified(text)


@dataclass(frozen=True, slots=True)
class Columnar:
    """JSON whose arrays of like objects are written as columns and rows."""

    def apply(self, text: str) -> str:
        return columnar(text)


@dataclass(frozen=True, slots=True)
class Then:
    """One recipe after another."""

    first: Recipe
    second: Recipe

    def apply(self, text: str) -> str:
        return self.second.apply(self.first.apply(text))


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A frozen decision about one text.

    Attributes:
        action: what was done.
        recipe: makes the packed text from the original.
        handle: gives the original back from the store.
        tokens_before: tokens of the original text.
        tokens_after: tokens of the packed text.
        lasting: whether it stays when history is decided again: what was taken out is never put back by itself.
    """

    action: Action
    recipe: Recipe
    handle: str
    tokens_before: int
    tokens_after: int
    lasting: bool = False


def _plain(note: str) -> str:
    """A note without the characters that end a marker."""
    return re.sub(r"[\[\]\s]+", " ", note).strip()
