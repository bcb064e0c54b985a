"""Framing: the tokens a provider puts around messages and tools, from a dated data file."""

from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from ctxpack.errors import DialectError
from ctxpack.model_names import plain_name
from ctxpack.tokens.models import Exactness

# What costs tokens beside messages and tools: who speaks, by name; and the second call of a message, with which all its
# calls become one.
Adds = Literal["", "name", "parallel"]


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
        functions: whether function definitions are shown as types of TypeScript (`functions.definition`), or as JSON.
        adds: tokens around what a Block of that name `adds`.
        joined: tokens less for a system text right after tools, for both are one message then; 0 where nothing tells.
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
    functions: Literal["typescript", "json"] = "json"
    adds: dict[Adds, int] = {}
    joined: int = 0


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


@cache
def _rows() -> list[Framing]:
    return msgspec.json.decode(files("ctxpack.tokens").joinpath("framing.json").read_bytes(), type=list[Framing])
