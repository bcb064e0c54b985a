"""Where in a text JSON may stand: all of it, or below a heading, as a command says something first; or line by line."""

import re
from collections.abc import Iterator
from itertools import islice

from ctxpack.packing.numbering import GUTTER

# What JSON worth rewriting starts with, at the start of a line.
_START = re.compile(r'^(?:\{\s*"|\[\s*[\[{"])', re.MULTILINE)
# A line of JSON objects, whose number may be printed in front. A reader may have cut its end.
_RECORD = re.compile(rf'(?:{GUTTER.pattern})?\{{\s*"[^"\n]*"\s*:')
_CLOSING = {"{": "}", "[": "]"}
# Places that are tried. Each costs a look at the text.
_MOST = 4
# Share of a text that must be JSON. Examples in prose are quoted as they stand.
_LEAST = 0.75
# The same of lines that are records.
_MOSTLY = 0.75


def json_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of characters that may be JSON, the likeliest first. O(characters).

    All of the text; or from a line's start to its end, to the text's end, or to the last line that a closing bracket
    starts.
    """
    if text.lstrip()[:1] in _CLOSING:
        yield 0, len(text)
    # What stands at a line's start is looked for only where it stands at all: that is faster by far.
    if text[:1] not in _CLOSING and not any(opening in text and f"\n{opening}" in text for opening in _CLOSING):
        return
    for match in islice(_START.finditer(text), _MOST):
        start, closing = match.start(), _CLOSING[text[match.start()]]
        for stop in (text.find("\n", start), len(text.rstrip()), text.rfind(f"\n{closing}", start) + 2):
            if stop - start >= _LEAST * len(text) and text[stop - 1] == closing:
                yield start, stop


def is_records(text: str) -> bool:
    """Whether the first line and most others are JSON objects, as in a log or a transcript. O(characters)."""
    if not _RECORD.match(text):
        return False
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    return sum(_RECORD.match(line) is not None for line in lines) >= _MOSTLY * len(lines)
