"""Hashes of lines, beside those that Python's own tables use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.native.programs import compile_with, needs_compiler

OURS = "import sys\nfor line in sys.stdin.buffer: print(hash(line.rstrip(b'\\n')))"

pytestmark = [
    *needs_compiler,
    pytest.mark.skipif(sys.hash_info.algorithm != "siphash13", reason="Python was built with another hash"),
]


def test_hashes_are_those_of_python(tmp_path: Path) -> None:
    program, source = tmp_path / "hashes", Path(__file__).with_name("hashes.cpp")
    compile_with([source, "-o", program])
    # Python gives no bytes at all a hash of its own.
    lines = b"".join(bytes(range(11, 11 + size)) + b"\n" for size in range(1, 200))
    keyless = os.environ | {"PYTHONHASHSEED": "0", "ASAN_OPTIONS": "detect_leaks=0"}
    found, wanted = (
        subprocess.run(command, input=lines, capture_output=True, env=keyless, check=True).stdout.split()
        for command in ([program], [sys.executable, "-c", OURS])
    )
    assert len(found) == 199
    assert found == wanted
