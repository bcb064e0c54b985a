from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

from typing_extensions import Buffer

from ctxpack._native.encoding import Encoding

class BpeEncoding(Encoding):
    """Byte-pair encoding of the pretokens that a split pattern cuts.

    Get one from `ctxpack.tokens.encoding`.

    Memory: for each call that runs at the same time tables of some 17 MB, after much varied text of at most some
    100 MB, which are kept for later calls.
    """

    def __new__(
        cls,
        name: str,
        pattern: str,
        single_bytes: Buffer,
        pairs: Buffer,
        wholes: Sequence[bytes],
        spares: Sequence[bytes],
        runs: Iterable[tuple[int, int]],
        hasty: Iterable[tuple[int, int]],
        specials: Mapping[bytes, int],
        normalize: Callable[[str], str] | None = None,
        split: Callable[[bytes], Iterable[int]] | None = None,
        normalizes_first: bool = False,
    ) -> Self:
        """See ctxpack.tokens.vocabulary.Vocabulary for the parts of a vocabulary.

        Args:
            name: how the encoding is found again, by `ctxpack.tokens.encoding`.
            pattern: the core's own scanner, or "external" where `split` does its work.
            single_bytes: the tokens of rank 0 to 255.
            pairs: for each rank from 256 on, the ranks of its halves as two little-endian u24.
            wholes: the tokens of the next ranks, which no merge makes; only a pretoken that equals one becomes it.
            spares: the tokens of the last ranks, which no text becomes.
            runs: (rank, id): from that rank on ids go up by one from that id; 0xFFFFFFFF is none, of a byte that UTF-8
                never has.
            hasty: first and last rank of tokens that are made one from the other at once, before any other merge.
            specials: text -> id of the special tokens.
            normalize: brings each line of a text to NFC. Called from any thread, with the parts of a text, a line for
                each, that the core does not see at once to be in NFC.
            split: the ends of a text's pretokens in bytes, rising; one with bit 63 set ends a gap between pretokens,
                which has no tokens. The text is valid UTF-8. Called from any thread.
            normalizes_first: special tokens are looked for in text that is normal, and not what is between them
                brought to NFC.

        Raises:
            ValueError: the parts contradict each other, no split pattern has that name, or "external" has no `split`.
        """
