"""What every command prints: help with an example, tables on a terminal, plain lines in a pipe, one JSON object."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxpack.cli import main

from .running import BODY, EXAMPLES, on_a_terminal


@pytest.mark.parametrize("command", ["", "count", "pack", "policy", "diff", "forecast", "audit"])
def test_help_teaches_by_example(command: str) -> None:
    done = CliRunner().invoke(main, [*filter(None, [command]), "--help"])
    assert done.exit_code == 0
    assert "Example" in done.stdout


def test_every_other_command_on_a_terminal(body: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(BODY | {"messages": [{"role": "user", "content": "No."}]}), encoding="utf-8")
    for arguments, said, exit_code in [
        (["count", body], "o200k_base", 0),
        (["forecast", body, body], "Forecast for gpt-4o", 0),
        (["diff", body, other], "history rewritten", 1),
    ]:
        shown, code = on_a_terminal(*arguments)
        assert code == exit_code
        assert said in shown
        assert "─────" in shown
    assert "continues" in on_a_terminal("diff", body, body)[0]
    assert "Rewritten in the latest request" in on_a_terminal("pack", body, "-o", tmp_path / "out.json")[0]


def test_every_command_prints_one_json_object(body: Path) -> None:
    for arguments in (["count"], ["diff", str(body)], ["forecast"], ["forecast", str(body), "--gap", "0"]):
        done = CliRunner().invoke(main, [*arguments, str(body), "--json"])
        assert done.exit_code == 0
        assert isinstance(json.loads(done.stdout), dict)


def test_plain_lines_have_a_cell_for_every_column(body: Path) -> None:
    for arguments in (["count", str(body), str(body)], ["forecast", str(body)], ["audit", str(EXAMPLES)]):
        done = CliRunner().invoke(main, arguments)
        head, *rows = (line.split("\t") for line in done.stdout.splitlines() if not line.startswith("#"))
        if arguments[0] != "audit":
            assert all(len(row) == len(head) for row in rows)
        assert "─" not in done.stdout
        assert not done.stderr, "no progress bar in a pipe"
