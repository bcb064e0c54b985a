"""The contracts of the stubs are what `help` shows."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import ctxpack._native

STUBS = sorted(Path(ctxpack._native.__file__).parent.glob("*.pyi"))
# Attributes of the core, which have no docstrings, and what makes an object, which is its class to Python.
WITHOUT = {"name", "path", "units", "__new__", "__init__"}


def documented(nodes: list[ast.stmt], owner: object) -> Iterator[tuple[object, str]]:
    """What is defined there, with its docstring in the stub."""
    for node in nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name not in WITHOUT:
            if doc := ast.get_docstring(node):
                yield getattr(owner, node.name), doc
            if isinstance(node, ast.ClassDef):
                yield from documented(node.body, getattr(owner, node.name))


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.stem)
def test_what_help_shows(stub: Path) -> None:
    module = import_module(f"ctxpack._native.{stub.stem}")
    found = list(documented(ast.parse(stub.read_text(encoding="utf-8")).body, module))
    assert found
    for defined, doc in found:
        assert inspect.getdoc(defined) == doc
