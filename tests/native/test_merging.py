"""Every way to merge pretokens side by side, beside merging each alone, by a C++ program built with the sanitizers."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "csrc"
PARTS = ["bpe/merge*", "bpe/symbols", "bpe/vocabulary", "cpu/*", "unicode/*"]
SOURCES = [
    Path(__file__).with_name("merging.cpp"),
    *(path for part in PARTS for path in sorted(CORE.glob(f"{part}.cpp"))),
]
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = ["-std=c++20", "-O2", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread"]


@pytest.mark.skipif(not CORE.is_dir(), reason="the sources of the core are not here")
@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is here")
def test_pretokens_are_merged_side_by_side_as_alone(tmp_path: Path) -> None:
    program = tmp_path / "merging"
    subprocess.run([COMPILER, *FLAGS, f"-I{CORE}", *SOURCES, "-o", program], check=True)
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
