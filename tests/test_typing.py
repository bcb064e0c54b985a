"""What users write passes a strict type checker."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .test_docs import ROOT, SNIPPETS

BODIES = """
from typing import Any, assert_type
import ctxpack

def send(*, model: str, messages: list[Any]) -> None: ...

session = ctxpack.Session("claude-opus-5")
send(**session.pack({"model": "claude-opus-5", "messages": []}).body)
assert_type(session.pack("{}"), ctxpack.Packed[str])
assert_type(session.pack(bytearray(), 1.0).body, bytes)

def record(packed: ctxpack.Packed, given: dict[str, object] | bytes) -> None:
    session.record(packed, {})
    session.record(session.pack(given), {})

record(session.pack(b"{}"), b"{}")

def summarizer(request: ctxpack.packing.SummaryRequest) -> str:
    send(**request.body)
    return ""
"""

ROOMS = """
import ctxpack

try:
    ctxpack.tokens.exactness("gpt-4o")
except ctxpack.errors.CtxpackError:
    ctxpack.packing.Policy("mine"), ctxpack.providers.price("gpt-4o")

name: str = ctxpack.packing.retrieval_tool("openai.chat")["function"]["name"]
"""

COUNTS = """
from pathlib import Path
import ctxpack

ctxpack.count("text", encoding=Path("tokenizer.json"), special="allow") + ctxpack.count(b"", special={"<s>"})
"""

SLIPS = """
import ctxpack

ctxpack.count("text", special="alow")
ctxpack.encoding("o200k_base").count("text", special="alow")
"""


def test_users_code_type_checks(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    documented = [
        code for code in SNIPPETS["README.md"] if "import anthropic" not in code
    ]  # whose own types take a minute
    for number, code in enumerate([BODIES, ROOMS, COUNTS, *documented]):
        (tmp_path / f"user{number}.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "."]
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_slips_do_not(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "user.py").write_text(SLIPS, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "."]
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "Found 2 errors" in done.stdout
