"""Decodes lines of logs, also those with half a surrogate pair, as a text cut between its two halves leaves one."""

from typing import TypeVar

import msgspec

from ctxpack.prompts.halves import without_halves

_T = TypeVar("_T")


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
