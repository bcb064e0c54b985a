"""Exact token counts and ids: encodings by name or by model.

Names are imported on first use: what maps models to encodings costs more to import than an encoding to load.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctxpack._native.encoding import Encoding as Encoding
    from ctxpack._native.encoding import TokenCounter as TokenCounter
    from ctxpack._native.encoding import TokenIds as TokenIds
    from ctxpack._native.encoding import TokenOffsets as TokenOffsets
    from ctxpack.tokens.encodings import encoding as encoding
    from ctxpack.tokens.models import count as count
    from ctxpack.tokens.models import encoding_for as encoding_for
    from ctxpack.tokens.models import exactness as exactness
    from ctxpack.tokens.models import known_error as known_error
    from ctxpack.tokens.sentencepiece import load_sentencepiece as load_sentencepiece

_HOMES = {
    "Encoding": "ctxpack._native.encoding",
    "TokenCounter": "ctxpack._native.encoding",
    "TokenIds": "ctxpack._native.encoding",
    "TokenOffsets": "ctxpack._native.encoding",
    "count": "ctxpack.tokens.models",
    "encoding": "ctxpack.tokens.encodings",
    "encoding_for": "ctxpack.tokens.models",
    "exactness": "ctxpack.tokens.models",
    "known_error": "ctxpack.tokens.models",
    "load_sentencepiece": "ctxpack.tokens.sentencepiece",
}

__all__ = [
    "Encoding",
    "TokenCounter",
    "TokenIds",
    "TokenOffsets",
    "count",
    "encoding",
    "encoding_for",
    "exactness",
    "known_error",
    "load_sentencepiece",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ctxpack.tokens' has no attribute {name!r}")
    value = getattr(__import__(_HOMES[name], fromlist=[name]), name)  # importlib would import more than it
    globals()[name] = value
    return value
