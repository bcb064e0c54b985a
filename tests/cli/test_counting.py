"""`count`."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sentencepiece import SentencePieceProcessor

import ctxpack
from ctxpack.cli import main
from tests.tokens.sentencepiece_models import trained

from .running import run


def test_count_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello world", encoding="utf-8")
    assert run("count", tmp_path / "a.txt").stdout.splitlines()[-1] == f"{tmp_path / 'a.txt'}\t2"
    assert json.loads(run("count", "--json", "--model", "gpt-4o", stdin="hello world").stdout)["tokens"] == 2
    assert json.loads(run("count", "--json", "--model", "claude-opus-5", stdin="x").stdout)["exactness"] == "estimate"


def test_count_says_what_is_known_of_an_estimates_error() -> None:
    shown = run("count", "--model", "claude-opus-5", stdin="hello world")
    note = json.loads(run("count", "--json", "--model", "claude-opus-5", stdin="hello world").stdout)["note"]
    assert "26-40 % too few" in note
    assert (shown.stdout.splitlines()[-1], shown.stderr) == ("-\t2", f"Note: estimate: {note}\n")
    assert run("count", "--model", "gpt-4o", stdin="hello world").stderr == ""


def test_count_lists_files_as_they_were_given(tmp_path: Path) -> None:
    one, two = tmp_path / "z.txt", tmp_path / "a.txt"
    one.write_text("hello world", encoding="utf-8")
    two.write_text("hello", encoding="utf-8")
    found = json.loads(run("count", "--json", one, two, one).stdout)
    assert found["files"] == [{"file": str(name), "tokens": tokens} for name, tokens in ((one, 2), (two, 1), (one, 2))]
    assert found["tokens"] == 5


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_count_goes_on_where_a_file_cannot_be_read(tmp_path: Path, as_json: list[str]) -> None:
    one, two = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text("hello world", encoding="utf-8")
    two.write_text("hello", encoding="utf-8")
    done = run("count", *as_json, one, tmp_path / "missing.txt", two, tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"Error: {tmp_path / 'missing.txt'}: No such file or directory",
        f"Error: {tmp_path}: it is a directory; name its files",
    ]
    assert done.stdout == run("count", *as_json, one, two).stdout


@pytest.mark.parametrize(
    ("text", "replaced", "hint"),
    [
        (b"a\xff\xffb", 2, ""),
        ("\ufffdé".encode() + b"\xc3", 1, ""),
        ("hi".encode("utf-16"), 2, " (looks like UTF-16; make it UTF-8 first)"),
        ("\ufeffhi".encode("utf-16-be"), 2, " (looks like UTF-16; make it UTF-8 first)"),
        (b"\x1f\x8b\x08\0\0", 1, " (looks like gzip; unpack it first)"),
    ],
)
def test_count_says_what_is_not_utf_8(tmp_path: Path, text: bytes, replaced: int, hint: str) -> None:
    (tmp_path / "a.bin").write_bytes(text)
    (tmp_path / "b.txt").write_text("größe \ufffd", encoding="utf-8")
    done = run("count", "--json", tmp_path / "a.bin", tmp_path / "b.txt")
    assert done.returncode == 0
    warning = f"Warning: {tmp_path / 'a.bin'}: not UTF-8, {replaced} U+FFFD counted in place of bytes{hint}\n"
    assert done.stderr == warning
    assert json.loads(done.stdout)["files"][0]["tokens"] == ctxpack.count(text)


@pytest.mark.parametrize(("special", "tokens"), [("text", 7), ("allow", 1)])
def test_count_with_special_tokens(special: str, tokens: int) -> None:
    done = run("count", "--json", "--special", special, stdin="<|endoftext|>")
    assert json.loads(done.stdout)["tokens"] == tokens


def test_count_goes_on_where_a_special_token_is_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text("secret <|endoftext|>", encoding="utf-8")
    two.write_text("hello", encoding="utf-8")
    done = run("count", "--special", "refuse", one, two)
    assert done.returncode == 2
    assert done.stderr == f"Error: {one}: the text has the special token '<|endoftext|>', which is refused\n"
    assert done.stdout == run("count", two).stdout


@pytest.mark.parametrize("option", ["--model", "--encoding"])
def test_count_takes_no_empty_value_for_the_default(option: str) -> None:
    done = CliRunner().invoke(main, ["count", option, ""], input="x")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"Error: Invalid value for '{option}': it is empty" in done.stderr


def test_help_of_count_says_what_is_counted_and_how() -> None:
    shown = " ".join(CliRunner().invoke(main, ["count", "--help"]).output.split())
    for said in ("./tokenizer.json", "ctxpack vocab list", "plain text", "for -", "Exit code 2", "gpt-5.6-sol"):
        assert said in shown


def test_count_with_a_sentencepiece_model(tmp_path: Path) -> None:
    model = tmp_path / "small.model"
    model.write_bytes(trained("unigram_bytes"))
    [ids] = SentencePieceProcessor(model_file=str(model)).encode(["hello world"])
    found = json.loads(run("count", "--json", "--encoding", model, stdin="hello world").stdout)
    files = [{"file": "-", "tokens": len(ids)}]
    assert found == {"encoding": "small.model", "exactness": "exact", "note": None, "files": files, "tokens": len(ids)}


def test_count_without_the_package_of_sentencepiece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentencepiece.sentencepiece_model_pb2", None)
    monkeypatch.delattr("sentencepiece.sentencepiece_model_pb2", raising=False)
    (tmp_path / "small.model").write_bytes(trained("unigram_bytes"))
    done = CliRunner().invoke(main, ["count", "--encoding", str(tmp_path / "small.model")], input="x")
    assert done.exit_code == 2
    assert done.stderr.startswith(
        f"Error: {tmp_path / 'small.model'}: reading it needs the extra sentencepiece: pip install "
    )
