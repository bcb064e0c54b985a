"""Wording: pieces of a transcript's texts as a summary quotes them."""

import re
from collections.abc import Iterable

from ctxpack._native.lines import reports
from ctxpack.packing.noise import cleaned

_SPACES = re.compile(r"\s+")
_OPENING = "[ctxpack"
_TAG = re.compile(r"\s*</?[\w-]+>\s*")


def harmless(text: str) -> str:
    """A text in which nothing looks like a marker: a summary is ours, and what it quotes must forge no handle."""
    return text.replace(_OPENING, "(ctxpack")


def short(text: str, limit: int) -> str:
    """The start of a text on one line, cut after a word where it is longer than `limit` characters."""
    line = _SPACES.sub(" ", text[: 4 * limit + 400]).strip()
    if len(line) <= limit:
        return line
    end = line.rfind(" ", limit // 2, limit + 1)
    return line[: end if end > 0 else limit].rstrip() + "…"


def first_line(text: str, limit: int) -> str:
    """The first line with anything in it, within `limit` characters."""
    return short(next((line for line in text.splitlines() if line.strip()), ""), limit)


def last_line(text: str, limit: int) -> str:
    """The last line with anything but a tag in it, in whatever colour, within `limit` characters."""
    return short(next((line for line in reversed(_lines(text)) if line.strip() and not is_tag(line)), ""), limit)


def is_tag(text: str) -> bool:
    """Whether a text is one tag alone, as agents put around what commands show and what models say."""
    return _TAG.fullmatch(text) is not None


def error_line(text: str, limit: int) -> str:
    """The last line that reports an error, in whatever colour, or "": the cause stands after the trace to it."""
    return next((short(line, limit) for line in reversed(_lines(text)) if reports(line)), "")


def _lines(text: str) -> list[str]:
    """Lines without what a terminal shows as nothing. Of one that is written over and over each state is one.

    A terminal shows what a later state did not reach of an earlier one, and two names as one.
    """
    return cleaned(text.replace("\r", "\n")).splitlines()


def quoted(texts: Iterable[str]) -> list[str]:
    """Texts as items of a list."""
    return [f"- {text.strip()}" for text in texts if text.strip()]
