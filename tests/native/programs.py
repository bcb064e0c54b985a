"""C++ programs that check the core by itself, built with the sanitizers and run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "csrc"
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = ["-std=c++20", "-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread"]
# Every text is checked in memory of its own. To keep all of it from being used again takes most of the time.
SANITIZER = "detect_leaks=0:quarantine_size_mb=1"

needs_compiler = [
    pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is here"),
    pytest.mark.skipif(not CORE.is_dir(), reason="the sources of the core are not here"),
]


def sources(*parts: str) -> list[Path]:
    """Those of the core whose names, from csrc on and without .cpp, fit one of the patterns."""
    return [path for part in parts for path in sorted(CORE.glob(f"{part}.cpp"))]


def check(name: str, linked: list[Path], scratch: Path) -> None:
    """Builds tests/native/NAME.cpp with these sources; it must find nothing."""
    program = scratch / name
    source = Path(__file__).with_name(f"{name}.cpp")
    subprocess.run([str(COMPILER), *FLAGS, f"-I{CORE}", source, *linked, "-o", program], check=True)
    environment = os.environ | {"ASAN_OPTIONS": SANITIZER}
    done = subprocess.run([program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
