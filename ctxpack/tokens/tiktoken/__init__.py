"""Encodings with the names, signatures and results of tiktoken 0.14: `from ctxpack.tokens import tiktoken`.

Texts may be bytes, bytearray or memoryview too, as everywhere in ctxpack.
"""

from ctxpack.tokens.tiktoken.core import Encoding
from ctxpack.tokens.tiktoken.registry import (
    encoding_for_model,
    encoding_name_for_model,
    get_encoding,
    list_encoding_names,
)

__all__ = ["Encoding", "encoding_for_model", "encoding_name_for_model", "get_encoding", "list_encoding_names"]
