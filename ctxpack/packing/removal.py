"""Removal: what stays in the prompt of an old result, of old arguments, and of a text too long for its budget."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import msgspec

from ctxpack.packing.markers import is_marked, marker
from ctxpack.packing.names import names
from ctxpack.packing.originals import Originals
from ctxpack.packing.rewrites import Action, Pieces, Rewrite

# Tokens of names that stay of one text at most, however long it was.
_MOST_NAMES = 1000
# Arguments that hold what an edit replaces.
_REPLACED = re.compile("old", re.IGNORECASE)
# Characters of a marker: cutting off fewer makes nothing shorter.
_MARKER = 48


@dataclass(frozen=True, slots=True)
class Remover:
    """Takes texts out of a prompt, behind a handle.

    Attributes:
        count: tokens of a text.
        originals: where the removed texts are kept.

    Thread-safety: as its originals.
    """

    count: Callable[[str], int]
    originals: Originals

    def remove(self, text: str, share: float, known: Collection[str] = ()) -> Rewrite | None:
        """A note in place of an old result, with the names that stood in it; None where that is no shorter.

        The note does not say what the result was of: the call stands in front of it.

        Args:
            text: the result as the caller sent it.
            share: part of its tokens that may be spent on names.
            known: names that the rest of the prompt shows.
        """
        if is_marked(text):
            return None
        before = self.count(text)
        handle = self.originals.put(text)
        note = f"{text.count(chr(10)) + 1} lines removed"
        found = names(text, min(int(share * before), _MOST_NAMES), self.count, known)
        return self._shorter("removed", marker(handle, note) + (f"\n{found}" if found else ""), handle, before)

    def shorten(self, arguments: str, limit: int) -> Rewrite | None:
        """A call's arguments (JSON) with each string longer than `limit` characters cut; None where none is.

        Of what an edit replaced a quarter of that stays: it is in no file any more.
        """
        if len(arguments) <= limit // 4 or is_marked(arguments):
            return None
        handle = self.originals.put(arguments)
        try:
            value = _decoded(arguments)
            cut = _cut(value, limit, chain((handle,), repeat("")))
            # Counted as providers render them: the white space that a client sends is not billed.
            whole, shown = (msgspec.json.encode(each).decode() for each in (value, cut))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        return self._shorter("shortened", shown, handle, self.count(whole))

    def clip(self, text: str, budget: int) -> Rewrite | None:
        """Head and tail of a text within a token budget, exactly; None where not even the note fits."""
        handle = self.originals.put(text)
        before = self.count(text)
        best, low, high = None, 0, len(text) // 2
        while low <= high:
            middle = (low + high) // 2
            clipped = self._clipped(text, middle, handle, before)
            if clipped.tokens_after <= budget:
                best, low = clipped, middle + 1
            else:
                high = middle - 1
        return best

    def least(self, text: str) -> Rewrite:
        """The shortest note that can stand for a text."""
        clipped = self._clipped(text, 0, self.originals.put(text), self.count(text))
        removed = self.remove(text, 0.0)
        return clipped if removed is None or clipped.tokens_after <= removed.tokens_after else removed

    def _clipped(self, text: str, side: int, handle: str, before: int) -> Rewrite:
        """`side` characters of head and of tail, moved to line ends where there are some."""
        head = text.rfind("\n", 0, side) + 1 or side
        tail = text.find("\n", len(text) - side) + 1 or len(text) - side
        recipe = Pieces(((0, head), marker(handle, f"{tail - head} characters left out") + "\n", (tail, len(text))))
        return Rewrite("clipped", recipe, handle, before, self.count(recipe.apply(text)), lasting=True)

    def _shorter(self, action: Action, text: str, handle: str, before: int) -> Rewrite | None:
        after = self.count(text)
        return Rewrite(action, Pieces((text,)), handle, before, after, lasting=True) if after < before else None


def _decoded(arguments: str) -> object:
    """A JSON value whose numbers keep their spelling.

    Raises:
        ValueError: it is no JSON, or a name stands twice in an object: one of them would be lost.
    """
    return json.loads(
        arguments, parse_int=_spelt, parse_float=_spelt, parse_constant=_refused, object_pairs_hook=_members
    )


def _spelt(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _cut(value: object, limit: int, handles: Iterator[str]) -> object:
    if isinstance(value, str) and len(value) > limit + _MARKER:
        return value[:limit] + marker(next(handles), f"{len(value) - limit} characters removed")
    if isinstance(value, list):
        return [_cut(item, limit, handles) for item in value]
    if isinstance(value, dict):
        return {
            name: _cut(item, limit // 4 if _REPLACED.match(name) else limit, handles) for name, item in value.items()
        }
    return value
