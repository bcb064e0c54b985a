"""Hashes: what a lock file says of the content of packages, each by its start only.

    "integrity": "sha512-Hdw8qdNi[ctxpack:3708f499 … stands for the rest of 213 hashes]",
    "integrity": "sha512-9cWvPrs2…",

The tools that write lock files compare them; nobody reads more than the start of one, or quotes it in an edit.
"""

import re
from collections.abc import Callable, Iterator

from ctxpack.packing.markers import marker
from ctxpack.packing.rewrites import Pieces
from ctxpack.packing.tool_calls import ToolCall

_LOCK_FILE = re.compile(r"[.-]lock\b|\bgo\.sum\b|\bnpm-shrinkwrap\.json\b")
# What shows differences may become a patch, and what shows commits or sums of files is asked for their hashes.
_WANTED = re.compile(r"diff|patch|\bgit\b|\w+sum\b|hash|dgst", re.IGNORECASE)
# SHA-1, 256, 384 and 512, in hexadecimal digits or base64 with what fills it up. Longer runs are no hashes.
_HASH = re.compile(
    r"(?<![A-Za-z0-9+/])(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{40}"
    r"|[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{27}=)(?![A-Za-z0-9+/=])"
)
_KEPT = 8
# Who looks one package up may be after its hash.
_FEWEST = 8


def without_hashes(text: str, call: ToolCall, keep: Callable[[], str]) -> Pieces | None:
    """How to cut the hashes of a lock file; None where the text is none, or has few. O(characters).

    Args:
        text: the text.
        call: the call it answers. Where that asks for differences, commits or sums, nothing is cut.
        keep: keeps the text and returns its handle.
    """
    if not _LOCK_FILE.search(call.subject) or _WANTED.search(f"{call.name} {call.subject}"):
        return None
    found = [match.span() for match in _HASH.finditer(text)]
    return Pieces(tuple(_parts(text, found, keep()))) if len(found) >= _FEWEST else None


def _parts(text: str, hashes: list[tuple[int, int]], handle: str) -> Iterator[tuple[int, int] | str]:
    # On no line of its own, so that lines keep their numbers.
    rest, kept = marker(handle, f"… stands for the rest of {len(hashes)} hashes"), 0
    for start, stop in hashes:
        yield (kept, start + _KEPT)
        yield rest
        rest, kept = "…", stop
    if kept < len(text):
        yield (kept, len(text))
