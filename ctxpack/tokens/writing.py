"""Vocabulary files: writing, and the digest that they hold; vocabulary.py tells the layout."""

import hashlib
import os
import secrets
import zlib
from base64 import b64encode
from pathlib import Path

from ctxpack.errors import VocabularyError
from ctxpack.tokens.vocabulary import BYTES, LONG, LONGEST, MAGIC, PAIR, SHORT, VERSION, Vocabulary


def packed(vocabulary: Vocabulary) -> bytes:
    """The file of a vocabulary; without the merges that it shares.

    Raises:
        ValueError: it has what such a file cannot hold.
    """
    about = vocabulary.about
    known = (about.name, about.normalization, about.licence, about.source, about.source_sha256, about.sha256)
    skipped = (about.shared - BYTES) * PAIR if about.base else 0
    sections = (
        "\0".join([*known, about.base, str(about.shared)]).encode(errors="backslashreplace"),  # file names may need it
        "\0".join(about.regexes).encode(),
        b"" if about.base else vocabulary.single_bytes,
        vocabulary.pairs[skipped:],
        b"".join(_text(text) for text in vocabulary.wholes),
        b"".join(_text(text) for text in vocabulary.spares),
        b"".join(_long(rank) + _long(token) for rank, token in vocabulary.runs),
        b"".join(_long(first) + _long(last) for first, last in vocabulary.hasty),
        b"".join(_long(token) + _text(text) for text, token in vocabulary.specials.items()),
    )
    payload = b"".join(_long(len(section)) + section for section in sections)
    return MAGIC + _long(VERSION) + _long(zlib.crc32(payload)) + payload


def tokens_sha256(tokens: dict[int, bytes]) -> str:
    """Hex digest of the tokens as a .tiktoken file in order of id, which has one spelling only."""
    digest = hashlib.sha256()
    for token, text in sorted(tokens.items()):
        digest.update(b64encode(text) + b" %d\n" % token)
    return digest.hexdigest()


def write(target: Path, data: bytes) -> None:
    """Writes a file that appears whole or not at all; makes its directory where that is missing.

    Raises:
        VocabularyError: it cannot be written; names the directory.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(part, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise VocabularyError(f"{target.parent}: {target.name} cannot be written there ({error.strerror})") from error


def _long(integer: int) -> bytes:
    return integer.to_bytes(LONG, "little")


def _text(text: bytes) -> bytes:
    if len(text) > LONGEST:
        raise ValueError(f"a vocabulary file cannot hold a token of {len(text):,} bytes")
    return len(text).to_bytes(SHORT, "little") + text
