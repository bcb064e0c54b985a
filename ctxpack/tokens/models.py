"""Model name -> encoding, from a dated data file."""

import os
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from re import Pattern
from typing import Literal, NamedTuple

from ctxpack._native.encoding import Encoding
from ctxpack.errors import UnknownModelError
from ctxpack.model_names import check_name, plain_name
from ctxpack.tokens.encodings import encoding
from ctxpack.tokens.model_patterns import expression, same_numbers, spellings

Exactness = Literal["exact", "estimate"]
Special = Literal["text", "allow", "refuse"] | AbstractSet[str] | list[str] | tuple[str, ...]


class ModelRow(NamedTuple):
    """One row of models.json.

    Attributes:
        models: patterns of plain names: {a,b} is either, # a number, * what a name can hold.
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
        model: a model name, also with a date ("gpt-4o-2024-08-06") or as sellers write it ("azure/gpt-4o").

    Raises:
        UnknownModelError: no row covers the model; names close ones.
        VocabularyError: the encoding's file is damaged, or the package that ships it is not installed (Llama).
        TypeError: the model is no str.

    Thread-safety: safe.
    """
    return encoding(model_row(model).encoding)


def exactness(model: str) -> Exactness:
    """ "exact" where `encoding_for` gives the model's own encoding, "estimate" where it is a stand-in.

    Raises:
        UnknownModelError: no row covers the model.
        TypeError: the model is no str.

    Thread-safety: safe.
    """
    return model_row(model).exactness


def known_error(model: str) -> str:
    """What is known of the error of a count that is an estimate, in words; "" where it is exact.

    >>> known_error("gpt-6")
    'the error is not known'

    Raises:
        UnknownModelError: no row covers the model.
        TypeError: the model is no str.

    Thread-safety: safe.
    """
    return model_row(model).note


def count(
    text: str | bytes | bytearray | memoryview,
    *,
    model: str | None = None,
    encoding: str | os.PathLike[str] | None = None,
    special: Special = "text",
) -> int:
    """Number of tokens of a text, by model or by encoding; by o200k_base if neither is given.

    Args:
        text: the text.
        model: as for `encoding_for`.
        encoding: a name or the path of a file, as for `ctxpack.tokens.encoding`.
        special: how special tokens are taken, as for `Encoding.count`: "text", "allow", "refuse", or a set of them.

    Raises:
        UnknownModelError, UnknownEncodingError: nothing is known by that name.
        VocabularyError: the encoding's file is damaged, or the package that ships it is not installed (Llama).
        TypeError: an argument is of another type, or both a model and an encoding are given.
        ValueError: the text has a special token and they are refused, or `special` is none of the above.

    Complexity: O(bytes). Thread-safety: safe.
    """
    if model is not None and encoding is not None:
        raise TypeError("give a model or an encoding, not both")
    chosen = encoding_for(model) if model is not None else _encoding("o200k_base" if encoding is None else encoding)
    return chosen.count(text, special=special)


# Inside `count` the word means its argument.
_encoding = encoding


def model_row(model: str) -> ModelRow:
    """The first row with a pattern that covers the model's plain name.

    Raises:
        UnknownModelError: there is none.
        TypeError: the model is no str.
    """
    check_name(model)
    return _row(model)


@lru_cache(1024)
def _row(model: str) -> ModelRow:
    name = plain_name(model)
    for row in _rows():
        if _expression(row).fullmatch(name):
            return row
    shown = model if len(model) <= 80 else model[:80] + "…"
    raise UnknownModelError(f"no encoding is known for model {shown!r}{_close(name)}; {_OTHERWISE}")


# For counting and for packing, in Python and on the command line, all of which show it.
_OTHERWISE = (
    "name the model that a deployment or an alias stands for; texts can also be counted by an encoding that "
    "`ctxpack vocab list` shows"
)


def _close(name: str) -> str:
    from difflib import get_close_matches

    # A name with other numbers, or another first letter, is another model, not the same one with a slip.
    every = (each for row in _rows() for pattern in row.models for each in spellings(pattern))
    known = {each for each in every if each[:1] == name[:1] and same_numbers(each, name)}
    close = get_close_matches(name[:80], sorted(known), n=3, cutoff=0.8)
    return f"; close to it are {', '.join(close)}" if close else ""


@cache
def _expression(row: ModelRow) -> Pattern[str]:
    return expression(row.models)


@cache
def _rows() -> list[ModelRow]:
    import json  # not needed to count by encoding, and not free to import

    with open(os.path.join(os.path.dirname(__file__), "models.json"), encoding="utf-8") as file:
        return [ModelRow(tuple(row.pop("models")), **row) for row in json.load(file)]
