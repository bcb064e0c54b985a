from collections.abc import Iterable, Sequence
from typing import Self

from ctxpack._native.encoding import Encoding

class SentencePieceEncoding(Encoding):
    """Turns text into token ids exactly as the sentencepiece package does with the same model, without bos or eos.

    Control pieces ("</s>") are its special tokens; user-defined pieces are found in text, as the model says. Decoded
    text is normalized, as the package gives it.

    Get one from `ctxpack.tokens.load_sentencepiece`.

    Complexity of counting and encoding: O(bytes) where no piece reaches over the places between words, for then words
    are looked up one by one; a run of n bytes with no such place costs O(n log n) in a BPE model and O(n) in a
    unigram model. A BPE model with unused pieces is one such run as a whole.

    It is pickled as the path of its file; a process that unpickles it loads that once.

    Memory: for each call that runs at the same time caches of some 2 MB, which grow with varied text to 45 MB at most
    and are kept for later calls. A unigram model that counted much text beyond ASCII may take 9 MB more.
    """

    @property
    def path(self) -> str:
        """The model file that it was loaded from, as an absolute path."""

    def __new__(
        cls,
        name: str,
        *,
        path: str,
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
    ) -> Self:
        """The fields of the package's ModelProto of the same or similar names; `types` as numbered there.

        `path` is that of the model file, by which the encoding is pickled.

        Raises:
            ValueError: the parts contradict each other, or the package would refuse them.
        """
