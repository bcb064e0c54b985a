"""Blobs: what nobody reads, behind a handle: base64, hexadecimal digits, lines of minified code.

<img src="data:image/png;base64,iVBORw0KGgoAAAAN[ctxpack:3708f499 4796 characters of base64 left out]">
dist/app.js:1:!function(e,t){"use strict";"object"==typ[ctxpack 87143 characters of this line left out]nsole,n)}]);
"""

import re
import string
from collections.abc import Callable, Iterator
from io import StringIO
from typing import NamedTuple

from ctxpack.packing.markers import marker
from ctxpack.packing.rewrites import Pieces

# Runs that are long enough, and the positions in a source map, which are base64 with commas (ECMA-426). Each is looked
# at from its start only, so that finding them is linear.
_LONG_RUN = 300
_RUN = re.compile(
    rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{_LONG_RUN},}}={{0,2}}"
    rf'|(?<="mappings":")[A-Za-z0-9+/,;]{{{_LONG_RUN},}}'
)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
# Tokens that a run must have, and characters that one of them has on average at most: words have more.
_FEWEST_TOKENS = 200
_MOST_CHARACTERS = 2.5
# Characters that stay of a run, by which one is told from another.
_KEPT = 16

# Nobody writes lines as long by hand, unless they are prose. Of prose in any language a tenth is ASCII punctuation and
# digits, or a fifth where it names much code, and no less is white space where it has any. Of code without its line
# ends a quarter (style sheets) to two thirds (drawings) is, and less is white space.
_LONG_LINE = 2000
_CODE_SHARE = 0.25
_CODE = (string.punctuation + string.digits).encode()
_BLANKS = string.whitespace.encode()
# Characters that stay of such a line: where it is from, how it starts, and how it ends.
_HEAD, _TAIL = 200, 100


class _Blob(NamedTuple):
    """A range of characters that is left out, and what it is."""

    start: int
    stop: int
    kind: str


def without_blobs(
    text: str, are_lines_kept: bool, keep: Callable[[], str], count: Callable[[str], int]
) -> Pieces | None:
    """How to leave out the blobs of a text; None where it has none. O(characters).

    Args:
        text: the text.
        are_lines_kept: whether lines of code stay, such as where an edit may quote them.
        keep: keeps the text and returns its handle.
        count: tokens of a text.
    """
    found = list(_blobs(text, are_lines_kept, count))
    return Pieces(tuple(_parts(text, found, keep()))) if found else None


def _blobs(text: str, are_lines_kept: bool, count: Callable[[str], int]) -> Iterator[_Blob]:
    start = 0
    for line in StringIO(text):
        if len(line) >= _LONG_LINE and not are_lines_kept and _is_minified(line):
            yield _Blob(start + _HEAD, start + len(line.rstrip("\r\n")) - _TAIL, "this line")
        elif len(line) >= _LONG_RUN:
            for run in _RUN.finditer(line):
                if _is_blob(run[0], count):
                    kind = "hexadecimal digits" if _HEXADECIMAL.fullmatch(run[0]) else "base64"
                    yield _Blob(start + run.start() + _KEPT, start + run.end(), kind)
        start += len(line)


def _is_blob(run: str, count: Callable[[str], int]) -> bool:
    tokens = count(run)
    return tokens >= _FEWEST_TOKENS and len(run) <= _MOST_CHARACTERS * tokens


def _is_minified(line: str) -> bool:
    data = line.encode("utf-8", "surrogatepass")
    code, blanks = (len(data) - len(data.translate(None, kind)) for kind in (_CODE, _BLANKS))
    return code >= _CODE_SHARE * len(line) and code > blanks


def _parts(text: str, blobs: list[_Blob], handle: str) -> Iterator[tuple[int, int] | str]:
    kept = 0
    for start, stop, kind in blobs:
        yield (kept, start)
        # The first marker of a text names its handle.
        yield marker(handle if not kept else "", f"{stop - start} characters of {kind} left out")
        kept = stop
    if kept < len(text):
        yield (kept, len(text))
