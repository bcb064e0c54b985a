"""The recorder: a short run really executes its commands, and a second one gives the same bytes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("agent.anthropic.jsonl", "agent.openai.jsonl")

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None, reason="commands run on a git checkout"
)


def record(out: Path) -> list[bytes]:
    command = [sys.executable, "-m", "examples.recorder", "--commit", "HEAD", "--steps", "5", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [(out / name).read_bytes() for name in FILES]


def test_five_steps_give_five_records_with_what_git_printed(tmp_path: Path) -> None:
    for written in record(tmp_path):
        records = [json.loads(line) for line in written.splitlines()]
        assert len(records) == 5
        assert all(line["simulated"] for line in records)
        assert "ctxpack/__init__.py" in json.dumps(records[1]["request"]["messages"][-1])


def test_recording_again_gives_the_same_bytes(tmp_path: Path) -> None:
    first = record(tmp_path / "first")
    assert record(tmp_path / "second") == first
    assert str(tmp_path).encode() not in b"".join(first)


def test_help_names_the_options() -> None:
    command = [sys.executable, "-m", "examples.recorder", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    assert all(option in shown for option in ("--commit", "--steps", "--out"))
