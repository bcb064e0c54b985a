"""Halves of surrogate pairs, as a text that is cut between its two halves leaves in JSON."""

import re
from typing import Final

# Whole pairs and escapes of other characters, which stay, or one half.
_ESCAPE: Final = re.compile(
    rb"(\\u(?i:d[89ab][0-9a-f]{2})\\u(?i:d[c-f][0-9a-f]{2})|\\(?!u[dD][89a-fA-F]).)|\\u(?i:d[89a-f][0-9a-f]{2})",
    re.DOTALL,
)


def without_halves(text: bytes | memoryview) -> bytes:
    r"""JSON with `\ufffd` in place of each escape that is half a surrogate pair. O(bytes); their number stays."""
    return _ESCAPE.sub(lambda escape: escape[1] or rb"\ufffd", text)


def has_halves(text: bytes) -> bool:
    """Whether a JSON text holds an escape that is half a surrogate pair. O(bytes)."""
    return (b"\\ud" in text or b"\\uD" in text) and without_halves(text) != text
