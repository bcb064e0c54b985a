"""Texts of the provider's own that settings bring into a prompt: their tokens, from a dated data file."""

from functools import cache
from importlib.resources import files
from re import Pattern

import msgspec

from ctxpack.model_names import plain_name
from ctxpack.tokens.model_patterns import expression


class ProviderText(msgspec.Struct, frozen=True):
    """Tokens of a provider's own texts, whichever dialect the request comes in (all of them estimates).

    Attributes:
        models: patterns of plain names, as in models.json.
        tools: around all tools, where the prompt has any.
        forced: the same where the model has to call one.
        schema: around the JSON schema that the answer has to follow.
        thinking: where thinking with a budget is enabled.
        source: where the numbers come from.
        as_of: date of the source.
    """

    models: tuple[str, ...]
    tools: int
    forced: int
    schema: int
    thinking: int
    source: str
    as_of: str


def provider_text(model: str) -> ProviderText:
    """The first row of the data file that covers a model; the last row covers every one that has an encoding.

    Thread-safety: safe.
    """
    name = plain_name(model)
    return next(row for pattern, row in _rows() if pattern.fullmatch(name))


@cache
def _rows() -> list[tuple[Pattern[str], ProviderText]]:
    data = files("ctxpack.tokens").joinpath("provider_texts.json").read_bytes()
    return [(expression(row.models), row) for row in msgspec.json.decode(data, type=list[ProviderText])]
