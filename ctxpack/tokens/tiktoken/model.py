"""The encodings of models, as tiktoken has them and, beyond these, as the dated data do."""

import json
import os

from ctxpack.errors import UnknownModelError
from ctxpack.tokens.library import is_missing
from ctxpack.tokens.models import model_row
from ctxpack.tokens.tiktoken.core import Encoding
from ctxpack.tokens.tiktoken.registry import get_encoding


def _by_name(part: str) -> dict[str, str]:
    """A table of models.json, by model or prefix, in order."""
    with open(os.path.join(os.path.dirname(__file__), "models.json"), encoding="utf-8") as file:
        names = json.load(file)[part]
    return {name: encoding for encoding, listed in names.items() for name in listed}


# As tiktoken has them, dated in models.json; the first prefix that fits counts. What a program adds counts, too.
MODEL_PREFIX_TO_ENCODING = _by_name("prefixes")
MODEL_TO_ENCODING = _by_name("models")


def encoding_name_for_model(model_name: str) -> str:
    """Name of the encoding that a model uses.

    The dated data are asked before the prefixes, for they know more: of fine-tuned GPT-4.1 tiktoken says cl100k_base.

    Raises:
        KeyError: it is not known.
    """
    if model_name in MODEL_TO_ENCODING:
        return MODEL_TO_ENCODING[model_name]
    try:
        return _dated(model_name)
    except KeyError:
        for prefix, encoding in MODEL_PREFIX_TO_ENCODING.items():
            if model_name.startswith(prefix):
                return encoding
        raise


def encoding_for_model(model_name: str) -> Encoding:
    """The encoding that a model uses.

    Raises:
        KeyError: as `encoding_name_for_model` does; or the vocabulary is not bundled, and not installed: callers that
            know tiktoken expect no other error of a model that it does not know.
        ValueError: the vocabulary is damaged, or a program named an encoding that there is not.
    """
    name = encoding_name_for_model(model_name)
    try:
        return get_encoding(name)
    except ValueError as error:
        if is_missing(name):
            raise KeyError(str(error)) from None
        raise


def _dated(model_name: str) -> str:
    try:
        row = model_row(model_name)
    except UnknownModelError as error:
        raise KeyError(str(error)) from None
    if row.exactness != "exact":
        raise KeyError(f"the encoding of model {model_name!r} is not known, only one that comes near")
    return row.encoding
