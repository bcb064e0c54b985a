"""The instruction set that CTXPACK_CPU_LEVEL holds the core to, as whole processes see it."""

import os
import subprocess
import sys

COUNT = """
from ctxpack.tokens import encoding
marks = "हिन्दी, العربيّة جدًّا, ế\\u0323 கொடுத்த "
for name in ("o200k_base", "r50k_base", "qwen3"):
    for text in ("It's 10 o'clock,\\n\\n  isn't it? ", "中文，标点。カタカナ e\\u0301 👍🏽 ", "ab" * 40, marks):
        enc = encoding(name)
        print(enc.count(40 * text), list(enc.encode(40 * text)))
"""
LEVELS = ["avx512", "avx2", "neon", "portable"]


def counted_at(level: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CTXPACK_CPU_LEVEL": level}
    return subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, env=environment)


def test_every_level_that_runs_here_counts_alike() -> None:
    found = {level: counted_at(level) for level in LEVELS}
    assert found["portable"].returncode == 0
    assert {done.stdout for done in found.values() if done.returncode == 0} == {counted_at("").stdout}


def test_a_level_that_does_not_run_here_is_refused() -> None:
    for level in ("sse9", "AVX2", *(level for level in LEVELS if counted_at(level).returncode != 0)):
        assert f'RuntimeError: CTXPACK_CPU_LEVEL is "{level}"' in counted_at(level).stderr
