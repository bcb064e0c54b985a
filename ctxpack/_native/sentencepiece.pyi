from collections.abc import Iterable, Sequence

from typing_extensions import Buffer

from ctxpack._native.bpe import TokenIds

class SentencePieceEncoding:
    """Turns text into token ids exactly as the sentencepiece package does with the same model.

    Text is str, bytes, bytearray or memoryview. What looks like a control piece ("</s>") is plain text; user-defined
    pieces are found in text, as the model says. Lone surrogates, and bytes that are not UTF-8, count as U+FFFD, like
    `bytes.decode("utf-8", "replace")`.

    Get one from `ctxpack.tokens.load_sentencepiece`.

    Complexity of counting and encoding: O(bytes) where no piece reaches over the places between words, for then words
    are looked up one by one; a stretch of n bytes with no such place costs O(n log n) in a BPE model and O(n) in a
    unigram model. A BPE model with unused pieces is one such stretch as a whole.

    Thread-safety: every method may be called from any number of threads; long texts are handled without the
    interpreter lock. Memory: caches of at most 8 MB for each call that runs at the same time, kept for later calls.
    """

    def __init__(
        self,
        name: str,
        *,
        unigram: bool,
        pieces: Sequence[bytes],
        scores: Iterable[float],
        types: Iterable[int],
        charsmap: bytes,
        unknown_surface: bytes,
        byte_fallback: bool,
        add_dummy_prefix: bool,
        remove_extra_whitespaces: bool,
        escape_whitespaces: bool,
        whitespace_as_suffix: bool,
    ) -> None:
        """The fields of the package's ModelProto of the same or similar names; `types` as numbered there.

        Raises:
            ValueError: the parts contradict each other, or the package would refuse them.
        """

    @property
    def name(self) -> str:
        """The encoding's name."""

    @property
    def n_vocab(self) -> int:
        """One more than the largest token id."""

    def count(self, text: str | bytes | bytearray | memoryview) -> int:
        """Number of tokens of a text, without making their ids and without bos or eos.

        Raises:
            TypeError: the text is of another type.
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
        """

    def encode(self, text: str | bytes | bytearray | memoryview) -> TokenIds:
        """Token ids of a text, without bos or eos.

        Raises:
            TypeError: the text is of another type.
        """

    def decode(self, ids: Sequence[int] | TokenIds | Buffer) -> str:
        """The text of token ids, as the package gives it: normalised, and U+FFFD for each byte of a cut character.

        Raises:
            ValueError: an id is no token of this encoding.

        Complexity: O(bytes).
        """

    def decode_bytes(self, ids: Sequence[int] | TokenIds | Buffer) -> bytes:
        """The same with bytes left as they are. Raises as `decode` does. Complexity: O(bytes)."""
