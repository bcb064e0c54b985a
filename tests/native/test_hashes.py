"""Hashes of lines, beside those that Python's own tables use."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "csrc"
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = ["-std=c++20", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
OURS = "import sys\nfor line in sys.stdin.buffer: print(hash(line.rstrip(b'\\n')))"

pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is here"),
    pytest.mark.skipif(not CORE.is_dir(), reason="the sources of the core are not here"),
    pytest.mark.skipif(sys.hash_info.algorithm != "siphash13", reason="Python was built with another hash"),
]


def test_hashes_are_those_of_python(tmp_path: Path) -> None:
    program, source = tmp_path / "hashes", Path(__file__).with_name("hashes.cpp")
    subprocess.run([COMPILER, *FLAGS, f"-I{CORE}", source, "-o", program], check=True)
    # Python gives no bytes at all a hash of its own.
    lines = b"".join(bytes(range(11, 11 + size)) + b"\n" for size in range(1, 200))
    keyless = os.environ | {"PYTHONHASHSEED": "0", "ASAN_OPTIONS": "detect_leaks=0"}
    found, wanted = (
        subprocess.run(command, input=lines, capture_output=True, env=keyless, check=True).stdout.split()
        for command in ([program], [sys.executable, "-c", OURS])
    )
    assert len(found) == 199
    assert found == wanted
