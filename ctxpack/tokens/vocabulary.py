"""Vocabulary files: reading; writing.py writes them.

A file, all integers little-endian:

    8 bytes   magic "CTXVOCAB"
    u32       version of the layout
    u32       CRC-32 of everything that follows
    sections  each a u32 length and as many bytes, in this order:
        description   strings separated by NUL: name, normalization, licence, source, sha256 of the source, sha256 of
                      the tokens, the vocabulary that the first ranks are shared with, how many they are
        regexes       the split pattern: regular expressions applied one after another, separated by NUL
        single bytes  the tokens of rank 0 to 255
        pairs         for each further rank, in order of merging, the ranks of its two halves, u24 each
        wholes        the tokens that no merge makes, only a pretoken that is one: each a u16 length and bytes
        spares        the tokens that no text becomes, in the same way; their ranks are the last
        runs          u32 rank, u32 id: from that rank on, ids go up by one from that id; 0xFFFFFFFF is none, of a byte
                      that UTF-8 never has
        hasty         first and last rank, u32 each, of tokens that are made one from the other at once
        specials      u32 id, u16 length and bytes; several may have one id

A token's text is its halves' texts joined, so that no text needs to be stored. Importing this module costs little: it
stands between the start of a program and its first count.
"""

import os
import zlib

from ctxpack.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:  # collections costs more to import than all of this
    from collections.abc import Iterator, Sequence

SUFFIX = ".vocab"
DATA = os.path.join(os.path.dirname(__file__), "data")  # of the bundled ones
BYTES = 256  # ranks of single bytes
LAST_ID = 1 << 24  # the largest that a token can have
NO_ID = 0xFFFFFFFF  # of a byte without a token, where no text has it

MAGIC, VERSION = b"CTXVOCAB", 2
_HEADER = len(MAGIC) + 8
LONG, SHORT, PAIR = 4, 2, 6  # bytes of integers, and of a merge
LONGEST = 0xFFFF  # bytes of a token
_SECTIONS = 9


class Description:
    """What is known about a vocabulary beside its tokens.

    Attributes:
        name: of the encoding that it is a part of.
        normalization: "NFC" (Hugging Face's) of what is between special tokens, "NFC first" (Python's) of all, or "".
        licence: of the vocabulary's data.
        source: where the data come from: package, version and file.
        source_sha256: hex digest of that file.
        sha256: hex digest of the tokens, see `writing.tokens_sha256`.
        base: the vocabulary in the file beside it that the first merges are shared with, or "".
        shared: how many ranks are shared.
        regexes: the split pattern, applied one after another; what a regex does not match is a piece as well.
    """

    __slots__ = ("base", "licence", "name", "normalization", "regexes", "sha256", "shared", "source", "source_sha256")

    def __init__(
        self,
        name: str,
        regexes: "Sequence[str]",
        normalization: str = "",
        licence: str = "",
        source: str = "",
        source_sha256: str = "",
        sha256: str = "",
        base: str = "",
        shared: int = 0,
    ) -> None:
        self.name = name
        self.regexes = tuple(regexes)
        self.normalization = normalization
        self.licence = licence
        self.source = source
        self.source_sha256 = source_sha256
        self.sha256 = sha256
        self.base = base
        self.shared = shared


class Vocabulary:
    """The tokens of an encoding by rank, their ids, and what is known about them.

    Attributes:
        about: its description.
        single_bytes: the tokens of rank 0 to 255, 256 bytes.
        pairs: for each rank from 256 on, the ranks of its halves, u24 each.
        wholes: the tokens of the next ranks, which no merge makes, only a pretoken that is one.
        spares: the tokens of the last ranks, which no text becomes.
        runs: (rank, id): from that rank on, ids go up by one from that id. NO_ID stands alone.
        hasty: first and last rank of tokens that are made one from the other at once, before any other merge.
        specials: text -> id of the special tokens.
    """

    __slots__ = ("about", "hasty", "pairs", "runs", "single_bytes", "spares", "specials", "wholes")

    def __init__(
        self,
        about: Description,
        single_bytes: bytes,
        pairs: bytes | memoryview,
        wholes: "Sequence[bytes]",
        spares: "Sequence[bytes]",
        runs: "Sequence[tuple[int, int]]",
        hasty: "Sequence[tuple[int, int]]",
        specials: dict[bytes, int],
    ) -> None:
        self.about = about
        self.single_bytes = single_bytes
        self.pairs = pairs
        self.wholes = wholes
        self.spares = spares
        self.runs = runs
        self.hasty = hasty
        self.specials = specials

    @property
    def merged(self) -> int:
        """Number of tokens that are single bytes or made by merges."""
        return BYTES + len(self.pairs) // PAIR

    @property
    def ranks(self) -> int:
        """Number of ranks: those of all tokens, special ones not counted, and of bytes without one."""
        return self.merged + len(self.wholes) + len(self.spares)

    @property
    def size(self) -> int:
        """Number of tokens, special ones not counted."""
        return self.ranks - sum(token == NO_ID for _, token in self.runs)

    def tokens(self) -> dict[int, bytes]:
        """Every token but the special ones, in order of rank. O(bytes)."""
        texts = [bytes([byte]) for byte in self.single_bytes]
        for left, right in self.halves():
            texts.append(texts[left] + texts[right])
        every = zip(self.ids(), [*texts, *self.wholes, *self.spares], strict=True)
        return {token: text for token, text in every if token != NO_ID}

    def halves(self) -> "Iterator[tuple[int, int]]":
        """Ranks of the two halves of each token that a merge makes, in order of rank."""
        for at in range(0, len(self.pairs), PAIR):
            yield (
                int.from_bytes(self.pairs[at : at + 3], "little"),
                int.from_bytes(self.pairs[at + 3 : at + 6], "little"),
            )

    def ids(self) -> "Iterator[int]":
        """The token ids in order of rank, and NO_ID."""
        ends = [rank for rank, _ in self.runs[1:]] + [self.ranks]
        for (rank, token), end in zip(self.runs, ends, strict=True):
            yield from range(token, token + end - rank)


def read_vocabulary(path: str, name: str = "") -> Vocabulary:
    """The vocabulary in a file; shared merges are read from the file beside it.

    Args:
        path: the file.
        name: of the encoding that it must be of, if any will not do.

    Raises:
        VocabularyError: the file is missing, cut short, damaged, of another kind or encoding, or its base is a path.

    Complexity: O(bytes). Thread-safety: safe.
    """
    vocabulary = _read(path)
    if name not in ("", vocabulary.about.name):
        raise VocabularyError(f"{path}: it is the vocabulary of {vocabulary.about.name}")
    if vocabulary.about.base:
        try:
            _add_shared(vocabulary, os.path.dirname(path))
        except (ValueError, VocabularyError) as error:
            raise VocabularyError(f"{path}: it shares the merges of {vocabulary.about.base!r}: {error}") from error
    return vocabulary


def _read(path: str) -> Vocabulary:
    try:
        with open(path, "rb") as file:
            return _parsed(file.read())
    except OSError as error:
        raise VocabularyError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise VocabularyError(f"{path}: {error}") from error


def _add_shared(vocabulary: Vocabulary, directory: str) -> None:
    about = vocabulary.about
    if not set(about.base).isdisjoint("/\\:"):  # a file from anywhere must not say which others are opened
        raise ValueError("that is no plain name")
    base = _read(os.path.join(directory, about.base + SUFFIX))
    if base.about.base or not BYTES <= about.shared <= base.merged:
        raise ValueError("it does not have so many of its own")
    vocabulary.single_bytes = base.single_bytes
    vocabulary.pairs = b"".join([base.pairs[: (about.shared - BYTES) * PAIR], vocabulary.pairs])


def _parsed(data: bytes) -> Vocabulary:
    if len(data) < _HEADER:
        raise ValueError("the file is cut short")
    view = memoryview(data)
    if not data.startswith(MAGIC) or _integer(view, len(MAGIC), LONG) != VERSION:
        raise ValueError(f"it is no vocabulary file of version {VERSION}")
    if zlib.crc32(view[_HEADER:]) != _integer(view, _HEADER - LONG, LONG):
        raise ValueError("the checksum does not match, the file is damaged or cut short")
    try:
        description, regexes, single_bytes, pairs, wholes, spares, runs, hasty, specials = _sections(view)
        name, form, licence, source, source_sha256, sha256, base, shared = str(description, "utf-8").split("\0")
        patterns = str(regexes, "utf-8").split("\0") if regexes else ()
        return Vocabulary(
            Description(name, patterns, form, licence, source, source_sha256, sha256, base, int(shared)),
            bytes(single_bytes),
            pairs,  # not copied: they are nearly all of the file
            [text for _, text in _records(wholes, 0)],
            [text for _, text in _records(spares, 0)],
            _twos(runs),
            _twos(hasty),
            {text: token for token, text in _records(specials, LONG)},
        )
    except (TypeError, ValueError) as error:
        raise ValueError("its sections contradict each other") from error


def _sections(data: memoryview) -> "Iterator[memoryview]":
    at = _HEADER
    for _ in range(_SECTIONS):
        size = _integer(data, at, LONG)
        at += LONG + size
        yield data[at - size : at]
    if at != len(data):
        raise ValueError("the sections do not end with the file")


def _integer(data: memoryview, at: int, size: int) -> int:
    """Reads zeros past the end of the data; callers find out when the sizes do not add up."""
    return int.from_bytes(data[at : at + size], "little")


def _twos(data: memoryview) -> list[tuple[int, int]]:
    integers = iter(data.cast("I"))  # as the processor has them: little-endian (csrc/encoding/text_key.hpp)
    return list(zip(integers, integers, strict=True))


def _records(data: memoryview, head: int) -> "Iterator[tuple[int, bytes]]":
    """The integer that is the head of each record, of that many bytes, and its text."""
    at = 0
    while at < len(data):
        first, size = _integer(data, at, head), _integer(data, at + head, SHORT)
        at += head + SHORT + size
        if at > len(data):
            raise ValueError("a record is cut short")
        yield first, bytes(data[at - size : at])
