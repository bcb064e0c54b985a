"""Framing: the tokens a provider puts around messages and tools, from a dated data file."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import msgspec

from ctxpack.errors import DialectError
from ctxpack.model_names import plain_name
from ctxpack.tokens.models import Exactness


class FunctionFraming(msgspec.Struct, frozen=True):
    """Tokens that OpenAI's rendering of function definitions adds (tokens, per item named)."""

    func_init: int
    prop_init: int
    prop_key: int
    enum_init: int
    enum_item: int


class Framing(msgspec.Struct, frozen=True):
    """Tokens around the text of a prompt.

    Attributes:
        models: shell patterns of the plain names that the row covers.
        dialect: wire format the row covers.
        per_message: tokens around each message, beside its role and content.
        primer: tokens that open the reply.
        exactness: whether text-only prompts of `exact_roles` count exactly with this row.
        source: where the numbers come from.
        as_of: date of the source.
        media: tokens assumed for a file that only the provider can read, or an image where no rule is known for the
            model's (always an estimate).
        call: tokens around the name and the arguments of a tool call; None where the JSON of the call is nearer.
        exact_roles: who speaks in prompts that count exactly.
        functions: how function definitions are rendered, where that is known.
    """

    models: list[str]
    dialect: str
    per_message: int
    primer: int
    exactness: Exactness
    source: str
    as_of: str
    media: int = 0
    call: int | None = None
    exact_roles: frozenset[str] = frozenset({"system", "developer", "user", "assistant"})
    functions: FunctionFraming | None = None


def framing(model: str, dialect: str) -> Framing:
    """The first row of the data file that covers a model in a dialect; the last row of a dialect covers every model.

    Raises:
        DialectError: no row covers the dialect.

    Thread-safety: safe.
    """
    name = plain_name(model)
    for row in _rows():
        if row.dialect == dialect and any(fnmatchcase(name, pattern) for pattern in row.models):
            return row
    known = dict.fromkeys(row.dialect for row in _rows())
    raise DialectError(f"no framing is known for dialect {dialect!r}; known: {', '.join(known)}")


def function_tokens(tool: object, rule: FunctionFraming, count: Callable[[str], int]) -> int:
    """Tokens of one function definition (an estimate), by the algorithm OpenAI's cookbook publishes."""
    function = tool.get("function", tool) if isinstance(tool, dict) else {}
    name, description = function.get("name", ""), str(function.get("description") or "").removesuffix(".")
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    total = rule.func_init + count(f"{name}:{description}")
    if not isinstance(properties, dict) or not properties:
        return total
    return total + rule.prop_init + sum(_property(key, field, rule, count) for key, field in properties.items())


def _property(key: str, field: object, rule: FunctionFraming, count: Callable[[str], int]) -> int:
    if not isinstance(field, dict):
        return rule.prop_key + count(key)
    description = str(field.get("description") or "").removesuffix(".")
    total = rule.prop_key + count(f"{key}:{field.get('type', '')}:{description}")
    choices = field.get("enum")
    if isinstance(choices, list):
        total += rule.enum_init + sum(rule.enum_item + count(str(choice)) for choice in choices)
    return total


@cache
def _rows() -> list[Framing]:
    return msgspec.json.decode(files("ctxpack.tokens").joinpath("framing.json").read_bytes(), type=list[Framing])
