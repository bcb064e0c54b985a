"""Encodings by name or by file: bundled, added by the user, or read from an installed package."""

import copyreg
import os

from ctxpack._native.bpe import BpeEncoding
from ctxpack._native.encoding import Encoding
from ctxpack.locks import lock_kept_from_forks
from ctxpack.tokens.making import made
from ctxpack.tokens.vocabulary import DATA, SUFFIX, read_vocabulary

TYPE_CHECKING = False  # the name in typing; that and collections cost more to import than an encoding to load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_loaded: dict[str, Encoding] = {}
_loading = lock_kept_from_forks()


def encoding(name: str | os.PathLike[str]) -> Encoding:
    """The encoding of that name or in that file, loaded once and shared.

    Args:
        name: of a bundled encoding ("o200k_base"), of one that was added (`ctxpack vocab add`), or of one that an
            installed package ships; docs/encodings.md lists them. Or the path of a .vocab file, a Hugging Face
            tokenizer.json, a Tekken file or a SentencePiece model, as a PathLike or with a directory in it
            ("./tokenizer.json"); the encoding is named after it by its absolute path, that of a SentencePiece model as
            by `load_sentencepiece`.

    Raises:
        UnknownEncodingError: there is none of that name; lists the ones that there are.
        VocabularyError: its file is missing, damaged or of a kind that cannot be counted exactly, or its package is not
            installed; says how to get it.
        TypeError: the name is neither a str nor a PathLike of one.

    Complexity: O(1) after the first call, which takes some 15 ms and 20 MB for a .vocab file, and seconds for the files
        of others. Thread-safety: safe.
    """
    name = full_name(name)
    found = _loaded.get(name)
    if found is not None:
        return found
    with _loading:
        if name not in _loaded:
            _loaded[name] = load(name)
        return _loaded[name]


def full_name(name: str | os.PathLike[str]) -> str:
    """The name of an encoding; of one in a file its absolute path, which means the same file in any directory."""
    if isinstance(name, str) and "/" not in name and os.sep not in name:
        return name
    path = os.fspath(name) if isinstance(name, os.PathLike) else name
    if not isinstance(path, str):
        kind = type(name).__name__
        raise TypeError(f'an encoding is named by a str, such as "o200k_base", or a PathLike of one, not by {kind}')
    return os.path.abspath(path)


def load(name: str) -> Encoding:
    """A new encoding of that name; raises as `encoding` does."""
    path = os.path.join(DATA, name + SUFFIX)
    if not os.path.dirname(name) and os.path.isfile(path):
        return made(name, path, read_vocabulary(path, name))
    if os.path.dirname(name):
        from ctxpack.tokens.sentencepiece import is_sentencepiece, load_sentencepiece

        if is_sentencepiece(name):
            return load_sentencepiece(name)
    from ctxpack.tokens.library import find

    return made(name, *find(name))


def _pickled(value: BpeEncoding) -> "tuple[Callable[[str], Any], tuple[str]]":
    """An encoding travels as its name."""
    return encoding, (value.name,)


copyreg.pickle(BpeEncoding, _pickled)
