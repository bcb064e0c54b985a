"""Slow, obvious twins of the core: the published split patterns run by `regex`, and BPE by its definition."""

from dataclasses import dataclass
from itertools import pairwise

import regex

PATTERNS = {
    "o200k_base": "|".join(
        [
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    ),
    "cl100k_base": "|".join(
        [
            r"'(?i:[sdmt]|ll|ve|re)",
            r"[^\r\n\p{L}\p{N}]?+\p{L}++",
            r"\p{N}{1,3}+",
            r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
            r"\s++$(?!\n)",
            r"\s*[\r\n]",
            r"\s+(?!\S)",
            r"\s",
        ]
    ),
}


@dataclass(frozen=True)
class ReferenceEncoding:
    """An encoding from ranks (token bytes -> id) and the name of its split pattern."""

    ranks: dict[bytes, int]
    name: str

    def pretokens(self, text: str) -> list[str]:
        return regex.findall(PATTERNS[self.name], text, flags=regex.V1)

    def encode(self, text: str) -> list[int]:
        return [token for piece in self.pretokens(text) for token in self.merge(piece.encode())]

    def merge(self, piece: bytes) -> list[int]:
        """Merges the adjacent pair of lowest rank, the leftmost of equals, until no pair is a token."""
        parts = [piece[i : i + 1] for i in range(len(piece))]
        while True:
            pairs = [self.ranks.get(left + right) for left, right in pairwise(parts)]
            found = [rank for rank in pairs if rank is not None]
            if not found:
                return [self.ranks[part] for part in parts]
            at = pairs.index(min(found))
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
