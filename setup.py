"""Native extensions: one per .pyx in ctxpack/_native, linked with the C++ sources of the csrc/ topic it names."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# .pyx name -> csrc topics whose sources it links.
TOPICS: dict[str, list[str]] = {
    "bpe": ["split", "bpe", "encoding", "cpu", "unicode"],
    "encoding": ["encoding", "cpu", "unicode"],
    "lines": ["lines"],
    "sentencepiece": ["sentencepiece", "encoding", "cpu", "unicode"],
    "spans": [],
    "text": ["text", "cpu", "unicode"],
}

MSVC = sys.platform == "win32"
COMPILE_ARGS = ["/std:c++20", "/O2"] if MSVC else ["-std=c++20", "-O3", "-fvisibility=hidden", "-g0"]
LINK_ARGS: list[str] = []
if sanitizers := os.environ.get("CTXPACK_SANITIZE"):
    COMPILE_ARGS += [f"-fsanitize={sanitizers}", "-fno-omit-frame-pointer", "-g"]
    LINK_ARGS += [f"-fsanitize={sanitizers}"]


def extension(name: str, topics: list[str]) -> Extension:
    sources = [f"ctxpack/_native/{name}.pyx"]
    sources += sorted(str(path) for topic in topics for path in Path("csrc", topic).glob("*.cpp"))
    return Extension(
        f"ctxpack._native.{name}",
        sources=sources,
        depends=sorted(str(path) for path in Path("csrc").rglob("*.hpp")),
        include_dirs=["csrc"],
        language="c++",
        extra_compile_args=COMPILE_ARGS,
        extra_link_args=LINK_ARGS,
    )


setup(
    ext_modules=cythonize(
        [extension(name, topics) for name, topics in TOPICS.items()],
        compiler_directives={"language_level": "3", "boundscheck": False, "wraparound": False},
    )
)
