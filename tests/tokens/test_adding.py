"""What `add` takes over from the encoding that a file goes with, refuses, and leaves in the directory."""

import json
import os
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxpack.cli import main
from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.tokens.encodings import load
from ctxpack.tokens.library import add, bundled, entries
from tests.tokens import tokenizer_json

pytestmark = pytest.mark.usefixtures("home")
SINGLE = [bytes([byte]) for byte in range(256)]


def written(path: Path, tokens: dict[int, bytes]) -> str:
    path.write_bytes(b"".join(b64encode(text) + b" %d\n" % token for token, text in sorted(tokens.items())))
    return str(path)


def test_special_tokens_come_from_what_a_file_is_like(tmp_path: Path) -> None:
    add("mine", written(tmp_path / "some.tiktoken", dict(enumerate(SINGLE))), "cl100k_base")
    ours, model = load("mine"), load("cl100k_base")
    assert ours.special_tokens == model.special_tokens
    assert ours.encode("a<|endoftext|>", special="allow") == [97, 100257]
    assert ours.count("a<|endoftext|>") == 14


def test_a_special_token_may_stand_between_the_tokens_of_a_file(tmp_path: Path) -> None:
    """As in the file of p50k_base."""
    vocabulary = bundled("p50k_base")
    assert vocabulary is not None
    row = add("mine", written(tmp_path / "p50k_base.tiktoken", vocabulary.tokens()), "p50k_base")
    assert (row.tokens, row.specials) == (50280, 1)
    assert load("mine").encode("x    y<|endoftext|>", special="allow") == [87, 50258, 331, 50256]


def test_a_token_of_the_file_goes_before_a_special_token_with_its_id(tmp_path: Path) -> None:
    tokens = dict(enumerate([*SINGLE, *(b"%05d" % number for number in range(50001))]))
    add("mine", written(tmp_path / "some.tiktoken", tokens), "r50k_base")
    assert load("mine").special_tokens == {}
    assert load("mine").decode([50256]) == "50000"


@pytest.mark.parametrize("path", [None, "tokenizer.json"])
def test_what_says_itself_how_text_is_split_is_like_nothing(path: str | None, home: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {}}), encoding="utf-8")
    with pytest.raises(VocabularyError, match="--like"):
        add("mine", path and str(tmp_path / path), "cl100k_base")
    assert not home.exists()


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_files_have_the_mode_that_new_files_have(umask: int, tmp_path: Path) -> None:
    path = written(tmp_path / "some.tiktoken", dict(enumerate(SINGLE)))
    before = os.umask(umask)
    try:
        added = Path(add("mine", path, "cl100k_base").place)
    finally:
        os.umask(before)
    assert added.stat().st_mode & 0o777 == 0o666 & ~umask
    assert list(added.parent.iterdir()) == [added]


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "some.tiktoken", dict(enumerate(SINGLE)))
    monkeypatch.setenv("CTXPACK_VOCABULARIES", path)
    with pytest.raises(VocabularyError, match=rf"^{path}: mine\.vocab cannot be written there \(File exists\)"):
        add("mine", path, "cl100k_base")


def test_directories_are_no_vocabularies(home: Path, tmp_path: Path) -> None:
    (home / "dir.vocab").mkdir(parents=True)
    assert "dir" not in {entry.name for entry in entries()}
    with pytest.raises(UnknownEncodingError, match=r"no encoding is called 'dir'; there are (?!.*dir,)"):
        load("dir")
    with pytest.raises(VocabularyError, match=r"dir\.vocab cannot be written there \(Is a directory\)"):
        add("dir", written(tmp_path / "some.tiktoken", dict(enumerate(SINGLE))), "cl100k_base")
    assert list(home.iterdir()) == [home / "dir.vocab"]


def test_the_command_line_says_that_a_vocabulary_was_replaced(tmp_path: Path) -> None:
    path = written(tmp_path / "some.tiktoken", dict(enumerate(SINGLE)))
    command = ["vocab", "add", "mine", path, "--like", "cl100k_base", "--json"]
    first, second = (CliRunner().invoke(main, command) for _ in range(2))
    assert first.stderr == ""
    assert second.stderr == "mine: replaced the vocabulary that was added under that name before\n"
    assert json.loads(second.stdout) == json.loads(first.stdout)


def test_an_added_vocabulary_that_nothing_splits_counts_as_its_file(tmp_path: Path) -> None:
    path = str(tokenizer_json.written(tokenizer_json.small() | {"pre_tokenizer": tokenizer_json.LEVEL}, tmp_path))
    add("mine", path)
    assert load("mine").encode("one two  three") == load(path).encode("one two  three")


def test_what_a_vocabulary_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    body = tokenizer_json.small()
    split = body | {"pre_tokenizer": tokenizer_json.in_sequence(tokenizer_json.split("[^\0]+"), tokenizer_json.LEVEL)}
    with pytest.raises(VocabularyError, match="its split pattern has a null character"):
        add("mine", str(tokenizer_json.written(split, tmp_path)))
    long = body | {"added_tokens": [tokenizer_json.added(2000, f"<{'x' * 70_000}>")]}
    with pytest.raises(
        VocabularyError, match=r"tokenizer\.json: a vocabulary file cannot hold a token of 70,002 bytes"
    ):
        add("mine", str(tokenizer_json.written(long, tmp_path)))
