"""What every command prints: help with an example, tables on a terminal, plain lines in a pipe, one JSON object."""

import io
import json
import re
from itertools import pairwise, takewhile
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxpack.cli import main
from ctxpack.output import Table, money, percent, show

from .running import BODY, EXAMPLES, on_a_terminal, run


@pytest.mark.parametrize("group", [(), ("vocab",)])
def test_summaries_of_commands_are_whole(group: tuple[str, ...]) -> None:
    assert "..." not in CliRunner().invoke(main, [*group, "--help"]).stdout.split("Commands:")[1]


@pytest.mark.parametrize("command", ["", "count", "pack", "original", "policy", "diff", "forecast", "audit", "vocab"])
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
    long = tmp_path / "long.json"
    long.write_text(json.dumps(BODY | {"messages": [{"role": "user", "content": "No. " * 2000}]}), encoding="utf-8")
    assert re.search(r"tokens lost +\d,\d{3}\b", on_a_terminal("diff", long, body)[0])
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


def drawn(*command: str | Path, columns: int) -> list[list[str]]:
    """The words of each line on a terminal, without what makes them bold."""
    shown, _ = on_a_terminal(*command, columns=columns)
    return [line.split() for line in re.sub(r"\x1b\[\d+m", "", shown).splitlines()]


def cells_of(line: str) -> list[list[str]]:
    """The words of each cell of a line in a pipe, numbers as a terminal has them."""
    return [[f"{int(cell):,}"] if cell.isdigit() else cell.split() for cell in line.split("\t")]


@pytest.mark.parametrize("columns", [40, 80, 120, 300])
@pytest.mark.parametrize("command", [["audit", EXAMPLES], ["vocab", "list"]], ids=["audit", "vocab"])
def test_no_word_is_broken_in_tables_of_any_width(command: list[str | Path], columns: int) -> None:
    lines = ["", *run(*command).stdout.splitlines()]
    rows = [line for before, line in pairwise(lines) if "#" not in (line[:1], before[:1])]
    words = {word for row in rows for cell in cells_of(row) for word in cell}
    assert len(words) > 50
    assert words - {word for line in drawn(*command, columns=columns) for word in line} == set()


def test_a_table_that_fits_has_a_line_a_row_and_one_that_does_not_a_line_a_cell() -> None:
    names, *rows = map(cells_of, run("vocab", "list").stdout.splitlines()[1:])
    row = next(row for row in rows if row[0] == ["qwen3.5"])
    assert [word for cell in row for word in cell] in drawn("vocab", "list", columns=300)
    narrow = drawn("vocab", "list", columns=80)
    at = narrow.index(["name", "qwen3.5"])
    assert narrow[at : at + len(names) + 1] == [*(name + cell for name, cell in zip(names, row, strict=True)), []]


def test_words_of_tables_of_two_columns_go_on_below(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 100 + ".txt")
    file.write_text("hello world", encoding="utf-8")
    lines = drawn("count", file, columns=60)
    first, *more = takewhile(bool, lines[lines.index(["file", "tokens"]) + 2 :])
    assert first[1:] == ["2"]
    assert "".join(line[0] for line in (first, *more)) == str(file)


class Terminal(io.StringIO):
    """A terminal of the width that $COLUMNS says."""

    def isatty(self) -> bool:
        return True


def test_a_title_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    show([Table("Wider than what stands below", ("a", "b"), ((1, 2),))], terminal := Terminal())
    assert "Wider than what stands below" in terminal.getvalue()


def test_control_characters_in_front_of_a_word_do_not_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    show([Table("Words", ("a", "b"), (("\x1b\x1b\x1bhello " * 9, "x" * 48),))], terminal := Terminal())
    assert terminal.getvalue().split().count("hello") == 9


def test_what_a_body_names_steers_neither_terminal_nor_lines(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(BODY | {"model": "\x1b[31m/gpt-4o"}), encoding="utf-8")
    assert run("forecast", file).stdout.startswith("# Forecast for  [31m/gpt-4o (")
    assert "Forecast for  [31m/gpt-4o (" in on_a_terminal("forecast", file)[0]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        *((0, "0.00 USD"), (24.386208, "24.39 USD"), (1.66049, "1.660 USD"), (0.0498, "0.04980 USD")),
        *((0.003332, "0.003332 USD"), (1234.5, "1,234.50 USD"), (-0.5, "-0.5000 USD"), (1.2e-7, "0.0000001200 USD")),
    ],
)
def test_money_has_four_digits(amount: float, shown: str) -> None:
    assert money(amount, "USD") == shown


def test_a_share_of_nothing_has_no_sign() -> None:
    assert [percent(share) for share in (0.0, -0.0001, 0.0001, -0.1, 1)] == ["0.0 %"] * 3 + ["-10.0 %", "100.0 %"]
