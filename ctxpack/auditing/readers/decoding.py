"""Decodes lines of logs, also those with half a surrogate pair, as a text cut between its two halves leaves one."""

import re
from typing import Final, TypeVar

import msgspec

_T = TypeVar("_T")

# Whole pairs and escapes of other characters, which stay, or one half.
_ESCAPE: Final = re.compile(
    rb"(\\u(?i:d[89ab][0-9a-f]{2})\\u(?i:d[c-f][0-9a-f]{2})|\\(?!u[dD][89a-fA-F]).)|\\u(?i:d[89a-f][0-9a-f]{2})",
    re.DOTALL,
)


def decode(decoder: msgspec.json.Decoder[_T], line: bytes) -> _T:
    r"""The value of a line. JavaScript and Python write half a pair as `\ud83d`, which is read as U+FFFD.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: as the decoder; or it is nested too deep.
    """
    try:
        return _decoded(decoder, line)
    except msgspec.DecodeError:
        return _decoded(decoder, without_halves(line))


def _decoded(decoder: msgspec.json.Decoder[_T], line: bytes) -> _T:
    try:
        return decoder.decode(line)
    except RecursionError:
        raise msgspec.DecodeError("nested too deep") from None


def without_halves(text: bytes) -> bytes:
    r"""JSON with `\ufffd` in place of each escape that is half a surrogate pair. O(bytes)."""
    return _ESCAPE.sub(lambda escape: escape[1] or rb"\ufffd", text)
