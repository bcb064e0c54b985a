"""`count`."""

import json
from pathlib import Path

from .running import run


def test_count_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello world", encoding="utf-8")
    assert run("count", tmp_path / "a.txt").stdout.splitlines()[-1] == f"{tmp_path / 'a.txt'}\t2"
    assert json.loads(run("count", "--json", "--model", "gpt-4o", stdin="hello world").stdout)["tokens"] == 2
    assert json.loads(run("count", "--json", "--model", "claude-opus-5", stdin="x").stdout)["kind"] == "estimate"
