"""Encodings by name or by file: bundled, added by the user, or read from an installed package."""

import copyreg
import os
from _thread import allocate_lock  # threading costs more to import than an encoding to load
from collections.abc import Callable

from ctxpack._native.bpe import Encoding
from ctxpack.errors import VocabularyError
from ctxpack.tokens.patterns import native_pattern, splitter
from ctxpack.tokens.vocabulary import SUFFIX, Vocabulary, read_vocabulary

DATA = os.path.join(os.path.dirname(__file__), "data")

_loaded: dict[str, Encoding] = {}
_loading = allocate_lock()


def encoding(name: str) -> Encoding:
    """The encoding of that name or in that file, loaded once and shared.

    Args:
        name: of a bundled encoding ("o200k_base"), of one that was added (`ctxpack vocab add`), or of one that an
            installed package ships; docs/encodings.md lists them. Or the path of a .vocab file, a Hugging Face
            tokenizer.json or a Tekken file, with a directory in it ("./tokenizer.json").

    Raises:
        UnknownEncodingError: there is none of that name; lists the ones that there are.
        VocabularyError: its file is missing, damaged or of a kind that cannot be counted exactly, or its package is not
            installed; says how to get it.

    Complexity: O(1) after the first call, which takes some 20 ms and 25 MB for a .vocab file, and seconds for the files
        of others. Thread-safety: safe.
    """
    found = _loaded.get(name)
    if found is not None:
        return found
    with _loading:
        if name not in _loaded:
            _loaded[name] = load(name)
        return _loaded[name]


def load(name: str) -> Encoding:
    """A new encoding of that name; raises as `encoding` does."""
    path = os.path.join(DATA, name + SUFFIX)
    if os.path.isfile(path):
        return made(name, path, read_vocabulary(path, name))
    from ctxpack.tokens.library import find

    return made(name, *find(name))


def made(name: str, path: str, vocabulary: Vocabulary) -> Encoding:
    """The encoding of a vocabulary that was read from a file. Raises VocabularyError."""
    about = vocabulary.about
    pattern = native_pattern(about.regexes)
    try:
        return Encoding(
            name,
            pattern or "external",
            vocabulary.single_bytes,
            vocabulary.pairs,
            vocabulary.wholes,
            vocabulary.spares,
            vocabulary.runs,
            vocabulary.hasty,
            vocabulary.specials,
            _normalizer(about.normalization),
            None if pattern else splitter(about.regexes),
        )
    except (ValueError, OverflowError, VocabularyError) as error:
        raise VocabularyError(f"{path}: {error}") from error


def _normalizer(form: str) -> Callable[[str], str] | None:
    if not form:
        return None
    if form != "NFC":
        raise ValueError(f"the normalization {form} is not known")
    from ctxpack.tokens.normalization import nfc

    return nfc


def _pickled(value: Encoding) -> tuple[Callable[[str], Encoding], tuple[str]]:
    """An encoding travels as its name."""
    return encoding, (value.name,)


copyreg.pickle(Encoding, _pickled)
