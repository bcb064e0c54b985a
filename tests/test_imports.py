"""Imports run one way, and nothing heavy is imported before it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ctxpack"

# A room may import itself and what stands after it. Rooms in one set do not import each other.
ORDER: list[set[str]] = [
    {"__main__"},
    {"cli"},
    {"middleware", "auditing"},
    {"packing"},
    {"caching"},
    {"prefix"},
    {"prompts"},
    {"tokens", "providers"},
    {"_native"},
    {"errors", "output"},
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
HEAVY = {"anthropic", "openai", "httpx2", "numpy", "rich", "click", "regex", "sentencepiece", "tiktoken", "tokenizers"}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ctxpack."):
            rooms.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            rooms |= {name.name.split(".")[1] for name in node.names if name.name.startswith("ctxpack.")}
    return rooms


FILES = sorted(path for path in PACKAGE.rglob("*.py") if room_of(path) != "__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downwards(path: Path) -> None:
    room = room_of(path)
    upwards = {other for other in imported_rooms(path) - {room} if LEVEL[other] <= LEVEL[room]}
    assert not upwards, f"{room} must not import {upwards}"


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room_of(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize(
    "statement",
    [
        "import ctxpack",
        "import ctxpack; ctxpack.count('hello', model='gpt-4o')",
        "import ctxpack; ctxpack.Prompt; ctxpack.Session; ctxpack.audit; ctxpack.diff",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(statement: str) -> None:
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.isdisjoint(loaded)


def test_public_names_exist() -> None:
    import ctxpack

    for name in ctxpack.__all__:
        assert getattr(ctxpack, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(ctxpack, "non" + "sense")
