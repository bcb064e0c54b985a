"""`count`."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sentencepiece import SentencePieceProcessor

from ctxpack.cli import main
from tests.tokens.sentencepiece_models import trained

from .running import run


def test_count_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello world", encoding="utf-8")
    assert run("count", tmp_path / "a.txt").stdout.splitlines()[-1] == f"{tmp_path / 'a.txt'}\t2"
    assert json.loads(run("count", "--json", "--model", "gpt-4o", stdin="hello world").stdout)["tokens"] == 2
    assert json.loads(run("count", "--json", "--model", "claude-opus-5", stdin="x").stdout)["kind"] == "estimate"


def test_count_lists_files_as_they_were_given(tmp_path: Path) -> None:
    one, two = tmp_path / "z.txt", tmp_path / "a.txt"
    one.write_text("hello world", encoding="utf-8")
    two.write_text("hello", encoding="utf-8")
    found = json.loads(run("count", "--json", one, two, one).stdout)
    assert found["files"] == [{"file": str(name), "tokens": tokens} for name, tokens in ((one, 2), (two, 1), (one, 2))]
    assert found["tokens"] == 5


def test_count_with_a_sentencepiece_model(tmp_path: Path) -> None:
    model = tmp_path / "small.model"
    model.write_bytes(trained("unigram_bytes"))
    [ids] = SentencePieceProcessor(model_file=str(model)).encode(["hello world"])
    found = json.loads(run("count", "--json", "--sentencepiece", model, stdin="hello world").stdout)
    files = [{"file": "-", "tokens": len(ids)}]
    assert found == {"encoding": "small.model", "kind": "exact", "files": files, "tokens": len(ids)}


def test_count_without_the_package_of_sentencepiece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentencepiece.sentencepiece_model_pb2", None)
    monkeypatch.delattr("sentencepiece.sentencepiece_model_pb2", raising=False)
    done = CliRunner().invoke(main, ["count", "--sentencepiece", "small.model"], input="x")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: small.model: ")
    assert "pip install 'ctxpack[sentencepiece]'" in done.stderr
