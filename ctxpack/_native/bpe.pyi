from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import SupportsIndex, overload

from typing_extensions import Buffer

class TokenIds:
    """Token ids in one block of memory: a read-only sequence of int that is also a buffer of uint32.

    `numpy.asarray(ids)` shares the memory: shape (len(ids),), dtype uint32. Equal to any sequence of the same ints.

    Args:
        ids: ints or a buffer of uint32; copied.

    Raises:
        ValueError: an id is negative or above 2**32 - 1.

    Thread-safety: immutable, safe to share.
    """

    def __init__(self, ids: Iterable[int] | Buffer = ()) -> None: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, at: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> TokenIds: ...
    def __iter__(self) -> Iterator[int]: ...
    def __eq__(self, other: object) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __buffer__(self, flags: int, /) -> memoryview: ...

class Encoding:
    """Turns text into token ids exactly as the reference implementation of the encoding does.

    Text is str, bytes, bytearray or memoryview. What looks like a special token is plain text. Lone surrogates, and
    bytes that are not UTF-8, count as U+FFFD, like `bytes.decode("utf-8", "replace")`.

    Get one from `ctxpack.tokens.encoding`.

    Thread-safety: every method may be called from any number of threads; long texts are handled without the
    interpreter lock. Memory: caches of at most 12 MB for each call that runs at the same time, kept for later calls.
    """

    def __init__(
        self,
        name: str,
        pattern: str,
        single_bytes: Buffer,
        pairs: Buffer,
        wholes: Sequence[bytes],
        spares: Sequence[bytes],
        runs: Iterable[tuple[int, int]],
        hasty: Iterable[tuple[int, int]],
        specials: Mapping[int, bytes],
        normalize: Callable[[str], str] | None = None,
        split: Callable[[str | bytes], Iterable[int]] | None = None,
    ) -> None:
        """See ctxpack.tokens.vocabulary.Vocabulary for the parts of a vocabulary.

        Args:
            name: how the encoding is found again, by `ctxpack.tokens.encoding`.
            pattern: the core's own scanner, or "external" where `split` does its work.
            single_bytes: the tokens of rank 0 to 255.
            pairs: for each rank from 256 on, the ranks of its halves as two little-endian u24.
            wholes: the tokens of the next ranks, which no merge makes; only a pretoken that equals one becomes it.
            spares: the tokens of the last ranks, which no text becomes.
            runs: (rank, id): from that rank on ids go up by one from that id.
            hasty: first and last rank of tokens that are made one from the other at once, before any other merge.
            specials: id -> bytes of tokens that no text becomes.
            normalize: brings a text that is not ASCII to the encoding's normal form.
            split: the ends of a text's pretokens in bytes of UTF-8; text is str, or bytes of valid UTF-8.

        Raises:
            ValueError: the parts contradict each other, or no split pattern has that name.
        """

    @property
    def name(self) -> str:
        """The encoding's name, such as "o200k_base"."""

    @property
    def n_vocab(self) -> int:
        """One more than the largest token id, special tokens included."""

    def count(self, text: str | bytes | bytearray | memoryview) -> int:
        """Number of tokens of a text, without making their ids.

        Raises:
            TypeError: the text is of another type.

        Complexity: O(bytes), also for one letter a million times.
        """

    def count_batch(
        self, texts: Iterable[str | bytes | bytearray | memoryview], threads: int | None = None
    ) -> list[int]:
        """Numbers of tokens of many texts, in their order.

        Args:
            texts: the texts.
            threads: threads to use at most; by default one per processor, but none for less than 64 KB of text.

        Raises:
            TypeError: a text is of another type.
            ValueError: threads is less than 1.

        Complexity: O(bytes); the result does not depend on the threads.
        """

    def encode(self, text: str | bytes | bytearray | memoryview) -> TokenIds:
        """Token ids of a text.

        Raises:
            TypeError: the text is of another type.

        Complexity: O(bytes).
        """

    def decode(self, ids: Sequence[int] | TokenIds | Buffer) -> str:
        """The text of token ids; bytes that are not UTF-8 (a character cut in two) become U+FFFD.

        Raises:
            ValueError: an id is no token of this encoding.

        Complexity: O(bytes).
        """

    def decode_bytes(self, ids: Sequence[int] | TokenIds | Buffer) -> bytes:
        """The bytes of token ids. Raises as `decode` does. Complexity: O(bytes)."""
