"""Encodings made from ranks, a pattern and special tokens of one's own."""

from collections.abc import Mapping

from ctxpack._native.encoding import Encoding
from ctxpack.errors import VocabularyError
from ctxpack.tokens.importing import Rules, vocabulary_of
from ctxpack.tokens.making import made
from ctxpack.tokens.patterns import matcher


def core_of(name: str, regex: str, ranks: Mapping[bytes, int], specials: Mapping[str, int]) -> Encoding:
    """An encoding that counts as tiktoken does with the same parts; raises VocabularyError or TypeError."""
    if not isinstance(regex, str):  # of bytes, the regex package would make a pattern that no text fits
        raise TypeError(f"pat_str must be str, not {type(regex).__name__}")
    for what, kind, keys in (("mergeable_ranks", bytes, ranks), ("special_tokens", str, specials)):
        if wrong := next((key for key in keys if not isinstance(key, kind)), None):
            raise TypeError(f"the keys of {what} must be {kind.__name__}, not {type(wrong).__name__}")
    if not set(specials.values()).isdisjoint(ranks.values()):
        raise VocabularyError(f"{name}: two tokens have one id")
    rules = Rules((regex,), specials=specials)
    return made(name, name, vocabulary_of(name, ranks, rules), matcher)
