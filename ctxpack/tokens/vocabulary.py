"""Reads bundled vocabulary files; tools/build_vocab.py writes them and describes the layout."""

import os
import struct
import zlib
from typing import NamedTuple

from ctxpack.errors import VocabularyError

_HEADER = struct.Struct("<8sIIII32s")
_MAGIC, _VERSION = b"CTXVOCAB", 1


class VocabularyParts(NamedTuple):
    """Views of a vocabulary file's bytes.

    Attributes:
        lengths: one byte a token, its length in bytes.
        left_halves: one byte a token, the length of the left half of its last merge; 0 for a single byte.
        text: the bytes of all tokens, in id order.
        specials: the special tokens, each as u32 id, u8 length and bytes.
    """

    lengths: memoryview
    left_halves: memoryview
    text: memoryview
    specials: memoryview


def read_vocabulary(path: str, sha256: str) -> VocabularyParts:
    """The parts of a vocabulary file.

    Args:
        path: the file.
        sha256: hex digest of the .tiktoken file that it must have been made from.

    Raises:
        VocabularyError: the file is missing, cut short, damaged or made from another source.

    Complexity: O(bytes). Thread-safety: safe.
    """
    try:
        with open(path, "rb") as file:
            data = memoryview(file.read())
    except OSError as error:
        raise VocabularyError(f"{os.path.basename(path)}: cannot be read ({error.strerror})") from error
    try:
        return _parts(data, sha256)
    except ValueError as error:
        raise VocabularyError(f"{os.path.basename(path)}: {error}") from error


def _parts(data: memoryview, sha256: str) -> VocabularyParts:
    if len(data) < _HEADER.size:
        raise ValueError("the file is cut short")
    magic, version, size, _, checksum, digest = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(f"it is no vocabulary file of version {_VERSION}")
    if digest.hex() != sha256:
        raise ValueError(f"it was made from a source with sha256 {digest.hex()}, expected {sha256}")
    payload = data[_HEADER.size :]
    if zlib.crc32(payload) != checksum:
        raise ValueError("the checksum does not match, the file is damaged or cut short")
    text_end = 2 * size + sum(payload[:size])
    return VocabularyParts(payload[:size], payload[size : 2 * size], payload[2 * size : text_end], payload[text_end:])
