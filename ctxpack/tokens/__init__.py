"""Exact token counts and ids: encodings by name or by model."""

from ctxpack._native.bpe import Encoding, TokenCounter, TokenIds, TokenOffsets
from ctxpack.tokens.encodings import encoding
from ctxpack.tokens.models import count, encoding_for, exactness
from ctxpack.tokens.sentencepiece import load_sentencepiece

__all__ = [
    "Encoding",
    "TokenCounter",
    "TokenIds",
    "TokenOffsets",
    "count",
    "encoding",
    "encoding_for",
    "exactness",
    "load_sentencepiece",
]
