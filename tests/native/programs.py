"""C++ programs that check the core by itself, built with the sanitizers and run."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
    with (built / "lock").open("w") as lock, ThreadPoolExecutor(os.cpu_count()) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [(source, target) for target, source in targets.items() if not target.exists()]
        for _ in pool.map(lambda pair: compile_with(["-c", pair[0], "-o", pair[1]]), missing):
            pass
    return list(targets)


def compile_with(arguments: list[str | Path]) -> None:
    subprocess.run([str(COMPILER), *FLAGS, f"-I{CORE}", *arguments], check=True)
