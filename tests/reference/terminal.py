"""What a terminal shows of a command's output, character by character."""

import re


def shown(text: str) -> str:
    """The output without escape sequences and without what was written over.

    Blanks at the ends of lines go, and of three and more blank lines two stay.
    """
    return re.sub("\n{4,}", "\n\n\n", "\n".join(map(_line, _without_escapes(text).split("\n"))))


def _without_escapes(text: str) -> str:
    kept, at = [], 0
    while at < len(text):
        stop = _escape(text, at + 1) if text[at] == "\x1b" else None
        if stop is None:
            kept.append(text[at])
        at = stop or at + 1
    return "".join(kept)


def _escape(text: str, at: int) -> int | None:
    """Where the sequence ends whose escape character stands in front; None where it does not end as one (ECMA-48)."""
    kind = text[at : at + 1]
    if kind == "[":
        stop = _behind(text, _behind(text, at + 1, "0", "?"), " ", "/")
        return stop + 1 if "@" <= text[stop : stop + 1] <= "~" else None
    if kind == "]":
        while text[at : at + 1] not in ("", "\x07", "\x1b"):
            at += 1
        ends = [end for end in ("\x07", "\x1b\\") if text.startswith(end, at)]
        return at + len(ends[0]) if ends else None
    stop = _behind(text, at, " ", "/")
    last = text[stop : stop + 1]
    return stop + 1 if "0" <= last <= "~" and (stop > at or last not in "[]") else None


def _behind(text: str, at: int, first: str, last: str) -> int:
    """The next place without a character from `first` to `last`."""
    while first <= text[at : at + 1] <= last:
        at += 1
    return at


def _line(line: str) -> str:
    """A row of characters and a cursor, which carriage returns set back."""
    body, end = (line[:-1], "\r") if line.endswith("\r") else (line, "")
    cells: list[str] = []
    column = 0
    for letter in body:
        if letter == "\r":
            column = 0
            continue
        cells[column : column + 1] = [letter]
        column += 1
    return ("".join(cells) + end).rstrip(" \t")
