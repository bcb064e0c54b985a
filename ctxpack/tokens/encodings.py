"""The bundled encodings, by name."""

import copyreg
import os
import threading
from collections.abc import Callable
from typing import NamedTuple

from ctxpack._native.bpe import Encoding
from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.tokens.vocabulary import read_vocabulary

DATA = os.path.join(os.path.dirname(__file__), "data")


class _Source(NamedTuple):
    """Split pattern of an encoding and the sha256 of the .tiktoken file that its vocabulary is made from."""

    pattern: str
    sha256: str


_SOURCES = {
    "o200k_base": _Source("o200k", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    "cl100k_base": _Source("cl100k", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
}

_loaded: dict[str, Encoding] = {}
_loading = threading.Lock()


def encoding(name: str) -> Encoding:
    """The encoding of that name, loaded once and shared.

    Args:
        name: "o200k_base" or "cl100k_base".

    Raises:
        UnknownEncodingError: no such encoding is bundled; lists the ones that are.
        VocabularyError: its vocabulary file is missing or damaged.

    Complexity: O(1) after the first call, which takes some 30 ms and 25 MB. Thread-safety: safe.
    """
    found = _loaded.get(name)
    if found is not None:
        return found
    with _loading:
        if name not in _loaded:
            _loaded[name] = load(name, DATA)
        return _loaded[name]


def encoding_names() -> list[str]:
    """Names of the bundled encodings, in alphabetical order. Thread-safety: safe."""
    return sorted(_SOURCES)


def load(name: str, directory: str) -> Encoding:
    """A new encoding from `<directory>/<name>.vocab`; raises as `encoding` does."""
    source = _SOURCES.get(name)
    if source is None:
        raise UnknownEncodingError(f"no encoding is called {name!r}; there are {', '.join(encoding_names())}")
    file_name = f"{name}.vocab"
    parts = read_vocabulary(os.path.join(directory, file_name), source.sha256)
    try:
        return Encoding(name, source.pattern, *parts)
    except ValueError as error:
        raise VocabularyError(f"{file_name}: {error}") from error


def _pickled(value: Encoding) -> tuple[Callable[[str], Encoding], tuple[str]]:
    """An encoding travels as its name."""
    return encoding, (value.name,)


copyreg.pickle(Encoding, _pickled)
