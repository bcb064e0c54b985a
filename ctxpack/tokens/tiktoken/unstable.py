"""Which tokens of a text no further text can change, and what the others may become: as tiktoken has it.

tiktoken 0.14's `encode_with_unstable`, step by step, so that results are equal: also where it is only near the truth,
for example in which blanks it holds to be unstable.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from ctxpack._native.encoding import Encoding
from ctxpack.tokens.patterns import SKIPPED

_BLANKS = b" \n\t"


class Completions:
    """Finds them for one encoding; holds all of its tokens, sorted. Thread-safety: safe."""

    def __init__(self, encoding: Encoding, ranks: Mapping[bytes, int]) -> None:
        self._encoding = encoding
        self._ranks = ranks
        self._tokens = sorted(ranks)
        self._specials = frozenset(encoding.special_tokens.values())

    def split(self, ids: list[int], ends: Sequence[int]) -> tuple[list[int], list[list[int]]]:
        """The stable ones of a text's tokens, and every sequence that those after them may become, sorted.

        Args:
            ids: the token ids of the text.
            ends: where the pretokens after its last special token end, as a Split tells it.
        """
        size = self._unstable(ids, _last_size(ends))
        stable, unstable = ids[: len(ids) - size], self._encoding.decode_bytes(ids[len(ids) - size :])
        if not unstable:
            return stable, []
        found: set[tuple[int, ...]] = {(self._ranks[token],) for token in self._starting_with(unstable)}
        found.update(map(tuple, self._straddling(unstable)))
        found.update(map(tuple, self._split_off(unstable)))
        return stable, sorted(map(list, found))

    def _unstable(self, ids: list[int], last: int) -> int:
        """How many tokens are: those of the last pretoken, and blank ones before it if it starts with one."""
        size = 0
        while last > 0:
            size += 1
            last -= len(self._encoding.decode_bytes([ids[-size]]))
        if size and self._is_blank(ids[-size]):
            before = ids[: len(ids) - size]
            size += sum(1 for _ in takewhile(self._is_blank, reversed(before)))
        return size

    def _is_blank(self, token: int) -> bool:
        return token not in self._specials and not self._encoding.decode_bytes([token]).strip(_BLANKS)

    def _starting_with(self, start: bytes) -> Iterator[bytes]:
        for at in range(bisect_left(self._tokens, start), len(self._tokens)):
            if not self._tokens[at].startswith(start):
                return
            yield self._tokens[at]

    def _straddling(self, unstable: bytes) -> Iterator[list[int]]:
        """Tokens of the text followed by the rest of a token that starts in it, as far as the text goes."""
        for at in range(1, len(unstable)):
            for token in self._starting_with(unstable[at:]):
                size, sequence = 0, []
                for each in self._encoded(unstable[:at] + token):
                    sequence.append(each)
                    size += len(self._encoding.decode_bytes([each]))
                    if size >= len(unstable):
                        break
                yield sequence

    def _encoded(self, data: bytes) -> list[int]:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return self._merged(data)
        return list(self._encoding.encode(text))

    def _split_off(self, unstable: bytes) -> Iterator[list[int]]:
        """The tokens if what follows splits a last blank from what is before it."""
        blank = unstable.decode("utf-8", "replace")[-1]
        size = len(blank.encode())
        if blank.isspace() and not "\x1c" <= blank <= "\x1f" and size < len(unstable):
            yield self._merged(unstable[:-size]) + self._merged(unstable[-size:])

    def _merged(self, data: bytes) -> list[int]:
        """The tokens of bytes as one pretoken, which need not be UTF-8."""
        parts = [data[at : at + 1] for at in range(len(data))]
        while True:
            ids = [self._ranks.get(left + right) for left, right in pairwise(parts)]
            found = [token for token in ids if token is not None]
            if not found:
                return [self._ranks[part] for part in parts]
            at = ids.index(min(found))
            parts[at : at + 2] = [parts[at] + parts[at + 1]]


def _last_size(ends: Sequence[int]) -> int:
    """Bytes of the last pretoken; 0 where there is none."""
    spans = [*pairwise([0, *ends])]
    return next((end - (begin & ~SKIPPED) for begin, end in reversed(spans) if not end & SKIPPED), 0)
