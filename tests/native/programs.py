"""C++ programs that check the core by itself, built with the sanitizers and run."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "csrc"
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = ["-std=c++20", "-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread"]
# Every text is checked in memory of its own. To keep all of it from being used again takes most of the time.
SANITIZER = "detect_leaks=0:quarantine_size_mb=1"

compiler = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is here")
sources = pytest.mark.skipif(not CORE.is_dir(), reason="the sources of the core are not here")
needs_compiler = [compiler, sources]


def check(name: str, built: Path, *parts: str, texts: Sequence[Path] = ()) -> None:
    """Builds tests/native/NAME.cpp with those sources of the core whose names, from csrc on and without .cpp, fit one
    of the patterns; it must find nothing, in these texts either."""
    program = built / name
    linked = objects([path for part in parts for path in sorted(CORE.glob(f"{part}.cpp"))], built)
    compile_with([Path(__file__).with_name(f"{name}.cpp"), *linked, "-o", program])
    environment = os.environ | {"ASAN_OPTIONS": SANITIZER}
    done = subprocess.run([program, *texts], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def objects(sources: list[Path], built: Path) -> list[Path]:
    """Those of sources of the core, each compiled by the first of all processes that needs it."""
    targets = {built / f"{source.parent.name}-{source.stem}.o": source for source in sources}
    with alone(built), ThreadPoolExecutor(os.cpu_count()) as pool:
        missing = [(source, target) for target, source in targets.items() if not target.exists()]
        for _ in pool.map(lambda pair: compile_with(["-c", pair[0], "-o", pair[1]]), missing):
            pass
    return list(targets)


def precompiled(built: Path, compiler: str, flags: list[str]) -> list[str | Path]:
    """Options to include all of the standard library that the core includes, compiled once for all processes: reading
    it takes a third of the time of most sources or more."""
    header = built / f"{Path(compiler).name}.hpp"
    with alone(built):
        if not header.exists():
            header.write_text("".join(f"#if __has_include({name})\n#include {name}\n#endif\n" for name in included()))
            subprocess.run([compiler, *flags, "-x", "c++-header", header, "-o", f"{header}.gch"], check=True)
    return ["-include", header]


def included() -> list[str]:
    """The core's headers that are not its own, of all processors."""
    texts = (path.read_text(encoding="utf-8") for path in CORE.rglob("*.?pp"))
    return sorted({name for text in texts for name in re.findall(r"^ *#include (<.*>)$", text, re.MULTILINE)})


@contextmanager
def alone(built: Path) -> Iterator[None]:
    """With no other process in there."""
    with (built / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compile_with(arguments: list[str | Path]) -> None:
    subprocess.run([str(COMPILER), *FLAGS, f"-I{CORE}", *arguments], check=True)
