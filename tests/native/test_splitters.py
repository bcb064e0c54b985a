"""Every vector splitter beside the scalar one, by a C++ program built with the sanitizers."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.native.programs import CORE, check, compiler, precompiled, sources

SOURCES = [
    Path(__file__).with_name("splitters.cpp"),
    *(path for folder in ("split", "cpu", "unicode") for path in sorted((CORE / folder).glob("*.cpp"))),
]
ARM_COMPILER = shutil.which("aarch64-linux-gnu-g++")
EMULATOR = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")

pytestmark = sources


@compiler
def test_vector_splitters_equal_the_scalar_one(built: Path) -> None:
    texts = [path for path in sorted(CORE.rglob("*")) if path.is_file()]
    check("splitters", built, "split/*", "cpu/*", "unicode/*", texts=texts)


@pytest.mark.skipif(
    ARM_COMPILER is None or EMULATOR is None, reason="no compiler or no emulator for 64-bit ARM is here"
)
def test_the_splitter_of_arm_equals_the_scalar_one(tmp_path: Path) -> None:
    program = tmp_path / "splitters"
    subprocess.run([ARM_COMPILER, "-std=c++20", "-O2", "-static", f"-I{CORE}", *SOURCES, "-o", program], check=True)
    done = subprocess.run([EMULATOR, program], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "neon" in done.stdout


@pytest.mark.skipif(ARM_COMPILER is None, reason="no compiler for 64-bit ARM is here")
@pytest.mark.parametrize("source", sorted(CORE.rglob("*.cpp")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_core_compiles_for_arm(source: Path, built: Path) -> None:
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror"]
    standard = precompiled(built, str(ARM_COMPILER), flags)
    subprocess.run([ARM_COMPILER, *flags, "-fsyntax-only", *standard, f"-I{CORE}", source], check=True)
