"""Markers: what stands in the place of removed text."""

import re

MARKER = re.compile(r"\[ctxpack:[0-9a-f]{8,40} [^\[\]\n]*\]")


def marker(handle: str, note: str) -> str:
    """What stands in the place of removed text; a model can read it, and `MARKER` finds it."""
    return f"[ctxpack:{handle} {_plain(note)}]"


def is_marked(text: str) -> bool:
    """Whether a text was packed before, or looks as if it was: then it is left alone."""
    return MARKER.search(text) is not None


def _plain(note: str) -> str:
    """A note without the characters that end a marker."""
    return re.sub(r"[\[\]\s]+", " ", note).strip()
