"""What an editor shows of public names: each is documented, and so is each of its members."""

import inspect
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from types import FunctionType

import pytest

ROOMS = [
    "ctxpack",
    "ctxpack.auditing",
    "ctxpack.auditing.readers",
    "ctxpack.caching",
    "ctxpack.middleware.answers",
    "ctxpack.middleware.sessions",
    "ctxpack.packing",
    "ctxpack.prefix",
    "ctxpack.prompts",
    "ctxpack.providers",
    "ctxpack.tokens",
    "ctxpack.tokens.tiktoken",
]
# Names of types that are no classes, and of a version.
WITHOUT = {"Body", "__version__"}


def documented(name: str, value: object) -> Iterator[tuple[str, object]]:
    """A public name and its members, with where their docstrings are, their own or those of what they stand for."""
    yield name, value
    if isinstance(value, type):
        for member, found in vars(value).items():
            if not member.startswith("_") and isinstance(
                found, FunctionType | classmethod | staticmethod | property | cached_property
            ):
                yield f"{name}.{member}", getattr(value, member)


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_a_docstring(room: str) -> None:
    module = import_module(room)
    here = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == room and name[0] != "_"]
    names = [name for name in getattr(module, "__all__", here) if name not in WITHOUT]
    found = [each for name in names for each in documented(name, getattr(module, name))]
    assert [name for name, value in found if not inspect.getdoc(value)] == []
