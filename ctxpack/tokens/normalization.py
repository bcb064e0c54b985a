"""Normal forms of text, as the libraries of the encodings that ask for one have them."""

import re
import unicodedata
from itertools import groupby

# Hugging Face's tokenizers normalizes by the tables of Unicode 9. What was given a combining class or a composition
# later stays where it is there, and nothing moves or composes across it. (Version 0.23.3, asked about every code point
# on 2026-11-28.)
_LATER = re.compile(
    "(["
    r"\u05c8\u05c9\u07fd\u0897-\u089f\u08ca-\u08d3\u09fe\u0c3c\u0d3b\u0d3c\u0eba\u1715\u1abf-\u1af0"
    r"\u1df6-\u1dfa\ua82c\U000105c9-\U000105f3\U00010d24-\U00010d27\U00010d69-\U00010d6d\U00010eab\U00010eac"
    r"\U00010ecb-\U00010ecf\U00010ef0-\U00010efb\U00010efd-\U00010eff\U00010f46-\U00010f50\U00010f82-\U00010f85"
    r"\U00011070\U0001133b\U00011380-\U000113d0\U0001145e\U00011839\U0001183a\U00011930\U00011935\U00011938"
    r"\U0001193d\U0001193e\U00011943\U000119e0\U00011a34\U00011a47\U00011a99\U00011d42\U00011d44\U00011d45"
    r"\U00011d97\U00011f41\U00011f42\U0001611e-\U0001612f\U00016d63-\U00016d6a\U00016ff0\U00016ff1\U0001d127"
    r"\U0001d128\U0001d250-\U0001d252\U0001d25b\U0001d25c\U0001d25f\U0001d280\U0001d281\U0001e08f"
    r"\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef\U0001e6e3"
    r"\U0001e6e6\U0001e6ee\U0001e6ef\U0001e6f5"
    "]+)"
)

# Where many marks may follow each other: all of them match, as nothing does that is a word, a space or ASCII. No
# writing has so many; the standard says 30 (UAX 15, stream-safe text).
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{32,}")


def nfc(text: str) -> str:
    """The text in NFC, exactly as Hugging Face's tokenizers has it. O(n log n) of its characters."""
    if unicodedata.is_normalized("NFC", text):
        return text  # and so is what stands between later marks
    parts = _LATER.split(text)
    return "".join(part if at % 2 else _composed(part) for at, part in enumerate(parts))


def nfc_of_python(text: str) -> str:
    """The text in NFC by the tables of this Python, as `unicodedata` has it. O(n log n) of its characters."""
    return text if unicodedata.is_normalized("NFC", text) else _composed(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _MARKS.sub(_in_order, text))


def _in_order(found: re.Match[str]) -> str:
    """The marks decomposed and in canonical order, which `unicodedata` would bring them to by insertion, in O(n^2)."""
    marks = found[0]
    if unicodedata.is_normalized("NFD", marks):
        return marks
    # One string for each mark that there is, however often it is there: marks may be millions.
    parts = {mark: tuple(unicodedata.normalize("NFD", mark)) for mark in set(marks)}
    decomposed = (part for mark in marks for part in parts[mark])
    runs = groupby(decomposed, lambda part: unicodedata.combining(part) == 0)
    return "".join(part for _, run in runs for part in sorted(run, key=unicodedata.combining))
