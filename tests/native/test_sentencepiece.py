"""SentencePiece models in C++ alone, built with the sanitizers."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "csrc"
TOPICS = ("sentencepiece", "encoding", "cpu", "unicode")
SOURCES = [path for topic in TOPICS for path in sorted((CORE / topic).glob("*.cpp"))]
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = ["-std=c++20", "-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is here"),
    pytest.mark.skipif(not CORE.is_dir(), reason="the sources of the core are not here"),
]


def test_drawn_models(tmp_path: Path) -> None:
    program = tmp_path / "sentencepiece"
    source = Path(__file__).with_name("sentencepiece.cpp")
    subprocess.run([COMPILER, *FLAGS, f"-I{CORE}", source, *SOURCES, "-pthread", "-o", program], check=True)
    done = subprocess.run(
        [program], capture_output=True, text=True, env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
