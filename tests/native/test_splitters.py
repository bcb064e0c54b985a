"""Every vector splitter beside the scalar one, by a C++ program built with the sanitizers."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "csrc"
SOURCES = [
    Path(__file__).with_name("splitters.cpp"),
    *(path for topic in ("split", "cpu", "unicode") for path in sorted((CORE / topic).glob("*.cpp"))),
]
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = ["-std=c++20", "-O2", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is here")
@pytest.mark.skipif(not CORE.is_dir(), reason="the sources of the core are not here")
def test_vector_splitters_equal_the_scalar_one(tmp_path: Path) -> None:
    program = tmp_path / "splitters"
    subprocess.run([COMPILER, *FLAGS, f"-I{CORE}", *SOURCES, "-o", program], check=True)
    texts = [path for path in sorted(CORE.rglob("*")) if path.is_file()]
    done = subprocess.run(
        [program, *texts], capture_output=True, text=True, env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
