"""Native extensions: one per .pyx in ctxpack/_native, linked with the C++ sources of the csrc/ folders it names.

What is compiled has the docstrings of the stubs, where the contract of every public name stands.
"""

import ast
import os
import re
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# .pyx name -> csrc folders whose sources it alone links.
FOLDERS: dict[str, list[str]] = {
    "bpe": ["split", "bpe"],
    "encoding": [],
    "lines": ["lines"],
    "sentencepiece": ["sentencepiece"],
    "spans": [],
    "text": ["text"],
}
# What several extensions link is compiled once, into a static library.
SHARED = ["encoding", "cpu", "unicode"]

NATIVE = Path("ctxpack/_native")
DOCUMENTED = Path("build/documented")

MSVC = sys.platform == "win32"
# Without fused multiply-adds, which round once instead of twice: scores are the same on every processor.
COMPILE_ARGS = (
    ["/std:c++20", "/O2", "/fp:precise"]
    if MSVC
    else ["-std=c++20", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-g0"]
)
if sys.platform == "linux":
    # GCC warns hundreds of times of its own header of AVX-512, which leaves registers undefined on purpose.
    COMPILE_ARGS += ["-Wno-uninitialized", "-Wno-maybe-uninitialized"]
LINK_ARGS: list[str] = []
if sanitizers := os.environ.get("CTXPACK_SANITIZE"):
    COMPILE_ARGS += [f"-fsanitize={sanitizers}", "-fno-omit-frame-pointer", "-g"]
    LINK_ARGS += [f"-fsanitize={sanitizers}"]

HEADERS = sorted(str(path) for ending in ("hpp", "inc") for path in Path("csrc").rglob(f"*.{ending}"))


def sources(folders: list[str]) -> list[str]:
    return sorted(str(path) for folder in folders for path in Path("csrc", folder).glob("*.cpp"))


def docstrings(stub: Path) -> dict[tuple[str, str], str]:
    """By the names of a class, or "", and of a function in it, or "" for the class itself."""
    found: dict[tuple[str, str], str] = {}

    def collect(nodes: list[ast.stmt], owner: str) -> None:
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                found[node.name, ""] = ast.get_docstring(node) or ""
                collect(node.body, node.name)
            elif isinstance(node, ast.FunctionDef):
                found[owner, node.name] = ast.get_docstring(node) or ""

    collect(ast.parse(stub.read_text(encoding="utf-8")).body, "")
    return found


CLASS, FUNCTION = re.compile(r"(?:cdef )?class (\w+)"), re.compile(r"( *)def (\w+)\(.*:$")


def documented(text: str, docs: dict[tuple[str, str], str]) -> str:
    """A .pyx or .pxi with docstrings behind the lines that classes and functions start with."""
    lines, owner = [], ""
    for line in text.splitlines():
        lines.append(line)
        doc, indent = "", ""
        if found := CLASS.match(line):
            owner = found[1]
            doc = docs.get((owner, ""), "")
        elif found := FUNCTION.match(line):
            indent = found[1]
            doc = docs.get((owner if indent else "", found[2]), "")
        if doc:
            lines.append(f"{indent}    {doc!r}")
    return "\n".join(lines) + "\n"


def write_documented(names: list[str]) -> None:
    """Writes them to DOCUMENTED, with the .pxd, beside which Cython looks for what has changed."""
    DOCUMENTED.mkdir(parents=True, exist_ok=True)
    for pxd in NATIVE.glob("*.pxd"):
        write(DOCUMENTED / pxd.name, pxd.read_text(encoding="utf-8"))
    for name in names:
        text = (NATIVE / f"{name}.pyx").read_text(encoding="utf-8")
        docs = docstrings(NATIVE / f"{name}.pyi")
        for file in (f"{name}.pyx", *re.findall(r'^include "(.*)"', text, re.MULTILINE)):
            write(DOCUMENTED / file, documented((NATIVE / file).read_text(encoding="utf-8"), docs))


def write(target: Path, text: str) -> None:
    """What has not changed stays, or it would be compiled again."""
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def extension(name: str, folders: list[str]) -> Extension:
    return Extension(
        f"ctxpack._native.{name}",
        sources=[str(DOCUMENTED / f"{name}.pyx"), *sources(folders)],
        depends=[*HEADERS, *sources(SHARED)],
        include_dirs=["csrc"],
        language="c++",
        extra_compile_args=COMPILE_ARGS,
        extra_link_args=LINK_ARGS,
    )


write_documented(list(FOLDERS))
setup(
    libraries=[
        (
            "ctxpack_shared",
            {
                "sources": sources(SHARED),
                "obj_deps": {"": HEADERS},
                "include_dirs": ["csrc"],
                "cflags": COMPILE_ARGS,
            },
        )
    ],
    ext_modules=cythonize(
        [extension(name, folders) for name, folders in FOLDERS.items()],
        include_path=["."],
        compiler_directives={"language_level": "3", "boundscheck": False, "wraparound": False},
    ),
    options={"build_ext": {"parallel": True}},  # extensions side by side: none compiles what another does
)
