"""`ctxpack vocab`: lists, adds, removes and checks."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ctxpack.cli import main
from tests.tokens.test_importing import tiktoken_lines

pytestmark = pytest.mark.usefixtures("home")
HEAD = ["# Vocabularies", "name\ttokens\tspecials\tpattern\tlicence\tsource\tplace"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.tiktoken"
    path.write_bytes(b"".join(tiktoken_lines(b"an", b"ana", b"ban")))
    return path


@pytest.fixture
def mine(home: Path, file: Path) -> Path:
    """A vocabulary that was added."""
    assert vocab("add", "mine", file, "--like", "cl100k_base").exit_code == 0
    return home / "mine.vocab"


def vocab(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["vocab", *map(str, arguments)])


def test_what_was_added_is_shown(home: Path, file: Path) -> None:
    done = vocab("add", "mine", file, "--like", "cl100k_base")
    row = f"mine\t259\t5\tcl100k\t\tsome.tiktoken\t{home / 'mine.vocab'}"
    assert done.stdout.splitlines() == [*HEAD, row]
    assert done.stderr == ""


def test_what_is_replaced_is_said(mine: Path, file: Path) -> None:
    done = vocab("add", "mine", file, "--like", "cl100k_base", "--json")
    assert done.stderr == "mine: replaced the vocabulary that was added under that name before\n"
    (row,) = json.loads(done.stdout)["vocabularies"]
    assert row["place"] == str(mine)


def test_a_name_that_cannot_be_added(file: Path) -> None:
    done = vocab("add", "o200k_base", file)
    assert done.exit_code == 2
    assert "cannot be added" in done.stderr


def test_the_list_has_what_is_bundled_added_and_in_packages(mine: Path) -> None:
    rows = vocab("list").stdout.splitlines()
    assert rows[:2] == HEAD
    assert f"mine\t259\t5\tcl100k\t\tsome.tiktoken\t{mine}" in rows
    assert any(row.startswith("o200k_base\t") for row in rows)
    assert any(row.startswith("llama3\t-\t-\tllama3\t") for row in rows)


def test_the_list_as_json(mine: Path) -> None:
    listed = {row["name"]: row for row in json.loads(vocab("list", "--json").stdout)["vocabularies"]}
    assert {"o200k_base", "mine", "llama3"} <= listed.keys()
    assert (listed["mine"]["tokens"], listed["mine"]["place"]) == (259, str(mine))


@pytest.mark.usefixtures("mine")
def test_a_sound_file_is_ok() -> None:
    done = vocab("check", "mine")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "mine\tok")
    assert json.loads(vocab("check", "mine", "--json").stdout) == {"vocabularies": {"mine": None}}


def test_a_damaged_file_is_an_exit_code_of_one(mine: Path) -> None:
    mine.write_bytes(b"")
    done = vocab("check", "mine", "--json")
    assert done.exit_code == 1
    assert "cut short" in json.loads(done.stdout)["vocabularies"]["mine"]


def test_what_is_removed_is_shown_and_gone(mine: Path) -> None:
    assert vocab("remove", "mine").stdout.splitlines()[-1] == f"mine\t{mine}"
    assert not mine.exists()


def test_what_is_removed_as_json(mine: Path) -> None:
    assert json.loads(vocab("remove", "mine", "--json").stdout) == {"removed": {"mine": str(mine)}}


@pytest.mark.parametrize("name", ["mine", "o200k_base", "../other"])
def test_only_what_was_added_is_removed(name: str, tmp_path: Path) -> None:
    other = tmp_path / "other.vocab"
    other.write_bytes(b"")
    done = vocab("remove", name)
    assert done.exit_code == 2
    assert "no vocabulary was added under that name" in done.stderr
    assert other.exists()
