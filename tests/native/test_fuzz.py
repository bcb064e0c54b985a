"""The fuzzer's harnesses build, and find nothing in a moment; tools/fuzz.py runs them for as long as you like."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.native.programs import COMPILER, compiler, sources

ROOT = Path(__file__).parents[2]
HARNESSES = sorted(path.stem.removeprefix("fuzz_") for path in Path(__file__).parent.glob("fuzz_*.cpp"))
FUZZER = any(shutil.which(f"clang++-{version}") for version in range(16, 26))

pytestmark = sources


@compiler
@pytest.mark.parametrize("name", HARNESSES)
def test_harnesses_compile(name: str) -> None:
    source = ROOT / "tests" / "native" / f"fuzz_{name}.cpp"
    subprocess.run([str(COMPILER), "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'csrc'}", source], check=True)


@pytest.mark.skipif(not FUZZER, reason="no clang++ from version 16 on is here")
def test_a_moment_of_fuzzing_finds_nothing() -> None:
    """By all harnesses together, for which the core is compiled once."""
    command = [sys.executable, ROOT / "tools" / "fuzz.py", "--seconds", "3"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(name, result) for name, _, _, result in rows] == [(name, "clean") for name in HARNESSES]
    assert all(int(tried) > 0 for _, tried, _, _ in rows)


def test_an_unknown_harness_is_named() -> None:
    command = [sys.executable, ROOT / "tools" / "fuzz.py", "nothing"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no such harness: nothing" in done.stderr
