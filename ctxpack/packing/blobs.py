"""Blobs: long runs of base64 or hexadecimal digits, which nobody reads, behind a handle.

<img src="data:image/png;base64,iVBORw0KGgoAAAAN[ctxpack:3708f499 4796 characters of base64 left out]">
"""

import re
from collections.abc import Callable, Iterator

from ctxpack.packing.markers import marker
from ctxpack.packing.rewrites import Pieces

# Runs that are long enough; each is looked at from its start only, so that finding them is linear.
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{300,}={0,2}")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
# Tokens that a run must have, and characters that one of them has on average at most: words have more.
_FEWEST_TOKENS = 200
_MOST_CHARACTERS = 2.5
# Characters that stay, by which one blob is told from another.
_KEPT = 16


def without_blobs(text: str, keep: Callable[[], str], count: Callable[[str], int]) -> Pieces | None:
    """How to leave out the blobs of a text; None where it has none. O(characters).

    Args:
        text: the text.
        keep: keeps it and returns its handle.
        count: tokens of a text.
    """
    found = [run.span() for run in _RUN.finditer(text) if _is_blob(run[0], count)]
    return Pieces(tuple(_parts(text, found, keep()))) if found else None


def _is_blob(run: str, count: Callable[[str], int]) -> bool:
    tokens = count(run)
    return tokens >= _FEWEST_TOKENS and len(run) <= _MOST_CHARACTERS * tokens


def _parts(text: str, blobs: list[tuple[int, int]], handle: str) -> Iterator[tuple[int, int] | str]:
    kept = 0
    for start, stop in blobs:
        kind = "hexadecimal digits" if _HEXADECIMAL.fullmatch(text, start, stop) else "base64"
        yield (kept, start + _KEPT)
        # The first marker of a text names its handle.
        yield marker(handle if not kept else "", f"{stop - start - _KEPT} characters of {kind} left out")
        kept = stop
    if kept < len(text):
        yield (kept, len(text))
