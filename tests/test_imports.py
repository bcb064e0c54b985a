"""Imports run one way, and nothing heavy is imported before it is used."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import ctxpack.tokens

ROOT = Path(__file__).parents[1]
PACKAGE, CORE = ROOT / "ctxpack", ROOT / "csrc"
# What every room may import.
ANYWHERE = {"errors", "likeness", "locks", "output", "model_names"}


def table(heading: str) -> dict[str, str]:
    """The rooms or folders that the architecture names below a heading, from the top, and what each may import."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)/` \|.*\|(.*)\|$", page.split(f"\n## {heading}\n")[1].split("\n## ")[0], re.MULTILINE)
    return {name: allowed.strip() for name, allowed in rows}


def allowed(name: str, names: dict[str, str]) -> set[str]:
    """What one of them may import: all or those named, with what stands below where the table says so."""
    order, said = list(names), names[name]
    if said == "everything":
        return set(order)
    first, is_range, _ = said.partition(" and below")
    return set(order[order.index(first) :]) if is_range else set(filter(None, said.split(", ")))


ROOMS, FOLDERS = table("Rooms"), table("The core")
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


SOURCES = sorted(path for path in CORE.rglob("*") if path.suffix in {".hpp", ".cpp"})

FILES = sorted(path for path in PACKAGE.rglob("*.py") if room_of(path) != "__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_import_what_the_architecture_says(path: Path) -> None:
    room = room_of(path)
    found = imported_rooms(path) - {room}
    if room in ANYWHERE:
        assert not found
    elif room != "__main__":
        assert found <= allowed(room, ROOMS) | ANYWHERE


@pytest.mark.parametrize("names", [ROOMS, FOLDERS], ids=["rooms", "core"])
def test_the_architecture_lets_imports_run_downwards_only(names: dict[str, str]) -> None:
    order = list(names)
    for at, name in enumerate(order):
        assert allowed(name, names) - {name} <= set(order[at + 1 :])


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


def test_every_room_has_a_place_in_the_architecture() -> None:
    assert {room_of(path) for path in FILES} == ROOMS.keys() - {"csrc"} | ANYWHERE | {"__main__"}


@pytest.mark.parametrize("folder", FOLDERS if SOURCES else [])
def test_folders_of_the_core_include_what_the_architecture_says(folder: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES if path.parent.name == folder]
    included = {other for text in texts for other in re.findall(r'#include "(\w+)/', text)}
    assert included <= allowed(folder, FOLDERS) | {folder}


def test_every_folder_of_the_core_has_a_place_in_the_architecture() -> None:
    assert {path.parent.name for path in SOURCES} in (set(FOLDERS), set())


@pytest.mark.parametrize(
    "statement",
    [
        "import ctxpack",
        "import ctxpack; ctxpack.count('hello', model='gpt-4o')",
        "import ctxpack; ctxpack.Prompt; ctxpack.Session; ctxpack.audit; ctxpack.diff",
        "from ctxpack.middleware import answers, sessions; sessions.Sessions(); answers.usage_of(b'{}')",
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


@pytest.mark.parametrize("sdk", ["anthropic", "openai"])
def test_an_adapter_without_its_sdk_says_what_to_install(sdk: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    [needed] = extras[sdk]
    code = f"import sys; sys.modules[{sdk!r}] = None; import ctxpack.middleware.{sdk}"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    version = needed.replace(">=", " ")
    assert f"middleware.{sdk} needs {version} or later: pip install 'ctxpack[{sdk}]'" in failed.stderr


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
