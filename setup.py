"""Native extensions: one per .pyx in ctxpack/_native, linked with the C++ sources of the csrc/ folders it names."""

import os
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

MSVC = sys.platform == "win32"
COMPILE_ARGS = ["/std:c++20", "/O2"] if MSVC else ["-std=c++20", "-O3", "-fvisibility=hidden", "-g0"]
LINK_ARGS: list[str] = []
if sanitizers := os.environ.get("CTXPACK_SANITIZE"):
    COMPILE_ARGS += [f"-fsanitize={sanitizers}", "-fno-omit-frame-pointer", "-g"]
    LINK_ARGS += [f"-fsanitize={sanitizers}"]

HEADERS = sorted(str(path) for path in Path("csrc").rglob("*.hpp"))


def sources(folders: list[str]) -> list[str]:
    return sorted(str(path) for folder in folders for path in Path("csrc", folder).glob("*.cpp"))


def extension(name: str, folders: list[str]) -> Extension:
    return Extension(
        f"ctxpack._native.{name}",
        sources=[f"ctxpack/_native/{name}.pyx", *sources(folders)],
        depends=HEADERS,
        include_dirs=["csrc"],
        language="c++",
        extra_compile_args=COMPILE_ARGS,
        extra_link_args=LINK_ARGS,
    )


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
        compiler_directives={"language_level": "3", "boundscheck": False, "wraparound": False},
    ),
    options={"build_ext": {"parallel": True}},  # extensions side by side: none compiles what another does
)
