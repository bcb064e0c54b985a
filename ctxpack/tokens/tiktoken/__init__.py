"""Encodings with the names, signatures and results of tiktoken 0.14: `from ctxpack.tokens import tiktoken`.

Texts may be bytes, bytearray or memoryview too, as everywhere in ctxpack.
"""

from ctxpack.tokens.tiktoken import load
from ctxpack.tokens.tiktoken.core import Encoding
from ctxpack.tokens.tiktoken.model import encoding_for_model, encoding_name_for_model
from ctxpack.tokens.tiktoken.registry import get_encoding, list_encoding_names

__version__ = "0.14.0"  # of tiktoken, which programs look at

__all__ = [
    "Encoding",
    "__version__",
    "encoding_for_model",
    "encoding_name_for_model",
    "get_encoding",
    "list_encoding_names",
    "load",
]
