"""Markers: what stands in the place of removed text."""

import re

# The first marker of a text names its handle, others may go without.
MARKER = re.compile(r"\[ctxpack(?::[0-9a-f]{8,40})? [^\[\]\n]*\]")
# The start of a marker that names a handle, with or without its bracket.
_NAMING = re.compile(r"\[?ctxpack:([0-9a-f]+)")


def marker(handle: str, note: str) -> str:
    """What stands in the place of removed text; a model can read it, and `MARKER` finds it.

    Args:
        handle: gives the text back; "" where a marker further up in the same text names it.
        note: what was there.
    """
    return f"[ctxpack:{handle} {_plain(note)}]" if handle else f"[ctxpack {_plain(note)}]"


def is_marked(text: str) -> bool:
    """Whether a text was packed before, or looks as if it was: then it is left alone."""
    return MARKER.search(text) is not None


def is_headed(text: str) -> bool:
    """Whether a text starts with a marker."""
    return MARKER.match(text) is not None


def handle_in(text: str) -> str:
    """The handle that a marker, or its start, names; any other text as it is."""
    naming = _NAMING.match(text)
    return naming[1] if naming else text


def _plain(note: str) -> str:
    """A note without the characters that end a marker."""
    return re.sub(r"[\[\]\s]+", " ", note).strip()
