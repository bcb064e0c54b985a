"""Imports run one way, and nothing heavy is imported before it is used."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ctxpack.tokens

PACKAGE = Path(__file__).parents[1] / "ctxpack"
CORE = Path(__file__).parents[1] / "csrc"

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
    {"errors", "output", "model_names"},
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


# A folder of the core may include itself and what stands after it.
CORE_ORDER = ["sentencepiece", "bpe", "encoding", "split", "text", "lines", "unicode", "cpu"]
SOURCES = sorted(path for path in CORE.rglob("*") if path.suffix in {".hpp", ".cpp"})

FILES = sorted(path for path in PACKAGE.rglob("*.py") if room_of(path) != "__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downwards(path: Path) -> None:
    room = room_of(path)
    upwards = {other for other in imported_rooms(path) - {room} if LEVEL[other] <= LEVEL[room]}
    assert not upwards, f"{room} must not import {upwards}"


def module_of(path: Path) -> str:
    return ".".join(("ctxpack", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def imported_modules(path: Path) -> set[str]:
    """Modules named in `from x import y`, also inside functions."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_no_imports_go_in_circles() -> None:
    # A room's __init__ only gathers names; whoever imports it imports the files behind it.
    files = {module_of(path): path for path in FILES if path.name != "__init__.py"}
    left = {module: imported_modules(path) & files.keys() for module, path in files.items()}
    while free := {module for module, imports in left.items() if not imports & left.keys()}:
        left = {module: imports for module, imports in left.items() if module not in free}
    assert not left


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room_of(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("folder", CORE_ORDER if SOURCES else [])
def test_includes_of_the_core_run_downwards(folder: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES if path.parent.name == folder]
    included = {other for text in texts for other in re.findall(r'#include "(\w+)/', text)}
    assert included <= set(CORE_ORDER[CORE_ORDER.index(folder) :])


def test_every_folder_of_the_core_has_a_place_in_the_order() -> None:
    assert {path.parent.name for path in SOURCES} in (set(CORE_ORDER), set())


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


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        (
            "from ctxpack.tokens import encoding; encoding('o200k_base').count('a')",
            {"collections", "importlib", "typing"},
        ),
        ("import ctxpack.cli", {"ctxpack.prompts", "msgspec"}),
    ],
)
def test_little_is_imported_before_the_first_count(statement: str, unwanted: set[str]) -> None:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(sys.modules.keys() - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert unwanted.isdisjoint(loaded)


def test_a_folder_without_the_built_core_is_named(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ctxpack", ignore=shutil.ignore_patterns("*.so", "*.pyd", "data"))
    command = [sys.executable, "-c", "import ctxpack; ctxpack.count('a')"]
    failed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.search(r"ImportError: the native core .* not built in \S*_native, .* `pip install -e \.`", failed.stderr)


@pytest.mark.parametrize("name", ["errors.CtxpackError", "packing.Policy", "providers.price", "tokens.exactness"])
def test_rooms_that_users_name_need_no_import(name: str) -> None:
    assert subprocess.run([sys.executable, "-c", f"import ctxpack; ctxpack.{name}"], check=False).returncode == 0


@pytest.mark.parametrize("module", [ctxpack, ctxpack.tokens])
def test_public_names_exist(module: Any) -> None:
    assert set(module.__all__) - {"__version__"} == set(module._HOMES) | getattr(module, "_ROOMS", set())
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(module, "non" + "sense")
