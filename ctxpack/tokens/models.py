"""Model name -> encoding, from a dated data file."""

import os
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from ctxpack._native.encoding import Encoding
from ctxpack.errors import UnknownModelError
from ctxpack.tokens.encodings import encoding

Exactness = Literal["exact", "estimate"]


class ModelRow(NamedTuple):
    """One row of models.json.

    Attributes:
        models: patterns of model names, without a gateway's prefix.
        encoding: name of the encoding to count with.
        exactness: "exact" where that is the model's own encoding, else "estimate".
        source: where the row comes from.
        as_of: date of the source.
        note: what is known about the error of an estimate.
    """

    models: tuple[str, ...]
    encoding: str
    exactness: Exactness
    source: str
    as_of: str
    note: str = ""


def encoding_for(model: str) -> Encoding:
    """The encoding to count a model's text with; `exactness` says whether it is the model's own.

    Args:
        model: a model name, also with a date ("gpt-4o-2024-08-06") or a gateway's prefix ("azure/gpt-4o").

    Raises:
        UnknownModelError: no row covers the model; names the closest patterns.

    Thread-safety: safe.
    """
    return encoding(model_row(model).encoding)


def exactness(model: str) -> Exactness:
    """ "exact" where `encoding_for` gives the model's own encoding, "estimate" where it is a stand-in.

    Raises:
        UnknownModelError: no row covers the model.

    Thread-safety: safe.
    """
    return model_row(model).exactness


def count(text: str | bytes | bytearray | memoryview, *, model: str | None = None, encoding: str | None = None) -> int:
    """Number of tokens of a text, by model or by encoding; by o200k_base if neither is given.

    Raises:
        UnknownModelError, UnknownEncodingError: nothing is known by that name.
        TypeError: the text is of another type, or both a model and an encoding are given.

    Complexity: O(bytes). Thread-safety: safe.
    """
    if model is not None and encoding is not None:
        raise TypeError("give a model or an encoding, not both")
    chosen = encoding_for(model) if model is not None else _encoding("o200k_base" if encoding is None else encoding)
    return chosen.count(text)


# Inside `count` the word means its argument.
_encoding = encoding


@lru_cache(1024)
def model_row(model: str) -> ModelRow:
    """The first row with a pattern that fits the model's name without its gateway prefix; raises UnknownModelError."""
    name = model.rpartition("/")[2].lower()
    for row in _rows():
        if any(fnmatchcase(name, pattern) for pattern in row.models):
            return row
    raise UnknownModelError(f"no encoding is known for model {model!r}{_hint(name)}")


def _hint(name: str) -> str:
    from difflib import get_close_matches

    patterns = [pattern for row in _rows() for pattern in row.models]
    close = get_close_matches(name, patterns, n=3, cutoff=0.5)
    known = f"the closest known are {', '.join(close)}" if close else f"known are {', '.join(patterns)}"
    return f"; {known}; to count, an encoding can be named"


@cache
def _rows() -> list[ModelRow]:
    import json  # not needed to count by encoding, and not free to import

    with open(os.path.join(os.path.dirname(__file__), "models.json"), encoding="utf-8") as file:
        return [ModelRow(**row) for row in json.load(file)]
