"""Vocabularies that are added: found by name, listed, checked, written whole; and what their absence says."""

import json
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxpack.cli import main
from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.tokens import tiktoken
from ctxpack.tokens.encodings import load
from ctxpack.tokens.library import add, bundled, check, directory, entries, remove
from ctxpack.tokens.packages import installed, packages
from ctxpack.tokens.vocabulary import read_vocabulary
from ctxpack.tokens.writing import packed, tokens_sha256

pytestmark = pytest.mark.usefixtures("home")
TEXT = "a banana\n"


@pytest.fixture
def tiktoken_file(tmp_path: Path) -> Path:
    tokens = [*(bytes([byte]) for byte in range(256)), b"an", b"ana", b"ban"]
    path = tmp_path / "some.tiktoken"
    path.write_bytes(b"".join(b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens)))
    return path


def test_a_bundled_encoding_cannot_be_removed() -> None:
    with pytest.raises(VocabularyError, match=r"^o200k_base: no .* that name; the bundled one cannot be removed$"):
        remove("o200k_base")


@pytest.mark.parametrize("place", ["added", "/"])
def test_an_added_file_that_is_called_as_a_bundled_one(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a later version may bundle it: all go by the bundled one, whichever path comes first in order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CTXPACK_VOCABULARIES", str(tmp_path / "added") if place == "/" else place)
    (tmp_path / "added").mkdir()
    (tmp_path / "added" / "p50k_base.vocab").write_bytes(b"nothing")
    assert [entry.place for entry in entries() if entry.name == "p50k_base"] == ["bundled"]
    assert list(check("p50k_base")) == [("p50k_base", "")]


def test_adding_nothing() -> None:
    with pytest.raises(VocabularyError, match=r"mine: give a file to add; .* those of packages: llama3, "):
        add("mine", None)


def test_a_name_that_no_file_may_have() -> None:
    with pytest.raises(UnknownEncodingError, match="no encoding is called"):
        load("x" * 5000)


def test_what_is_noted_of_a_file_may_be_no_utf_8(home: Path, tiktoken_file: Path) -> None:
    path = tiktoken_file.rename(tiktoken_file.with_name("b\udcff.tiktoken"))
    assert add("mine", str(path), like="p50k_base", licence="\udcff").source == "b\udcff.tiktoken"
    assert (home / "mine.vocab").is_file()
    assert [entry.source for entry in entries() if entry.name == "mine"] == ["b\\udcff.tiktoken"]


def test_adding_and_finding(home: Path, tiktoken_file: Path) -> None:
    added = add("mine", str(tiktoken_file), "cl100k_base", "MIT")
    path = home / "mine.vocab"
    assert added == ("mine", 259, 5, "cl100k", "MIT", "some.tiktoken", str(path))
    assert list(home.iterdir()) == [path]
    assert load("mine").encode(TEXT) == [97, 32, 258, 257, 10]
    assert [entry for entry in entries() if entry.name == "mine"] == [added]
    assert list(check("mine")) == [("mine", "")]


def test_adding_again_replaces(tiktoken_file: Path) -> None:
    add("mine", str(tiktoken_file), "cl100k_base")
    add("mine", str(tiktoken_file), "o200k_base")
    assert next(entry.pattern for entry in entries() if entry.name == "mine") == "o200k"


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "o200k_base"])
def test_names_that_cannot_be_used(name: str, tiktoken_file: Path) -> None:
    reason = "a bundled encoding is called so" if name == "o200k_base" else "a name is letters, digits"
    with pytest.raises(VocabularyError, match=f"cannot be added: {reason}"):
        add(name, str(tiktoken_file), "cl100k_base")


def test_a_file_that_cannot_be_imported_leaves_nothing(home: Path, tiktoken_file: Path) -> None:
    with pytest.raises(VocabularyError, match=r"some\.tiktoken: .*does not say how text is split"):
        add("mine", str(tiktoken_file))
    assert not home.exists()


def test_a_renamed_file_is_refused(home: Path, tiktoken_file: Path) -> None:
    add("mine", str(tiktoken_file), "cl100k_base")
    (home / "mine.vocab").rename(home / "other.vocab")
    with pytest.raises(VocabularyError, match=r"other\.vocab: it is the vocabulary of mine"):
        load("other")


def test_check_finds_tokens_that_are_not_as_noted(home: Path, tiktoken_file: Path) -> None:
    path = Path(add("mine", str(tiktoken_file), "cl100k_base").place)
    vocabulary = read_vocabulary(str(path))
    vocabulary.about.sha256 = "0" * 64
    path.write_bytes(packed(vocabulary))
    ((_, problem),) = check("mine")
    assert "its tokens have the sha256" in problem
    path.write_bytes(path.read_bytes()[:-1])
    ((_, problem),) = check("mine")
    assert "damaged or cut short" in problem


def test_check_finds_two_tokens_of_the_same_bytes(home: Path, tiktoken_file: Path) -> None:
    path = Path(add("mine", str(tiktoken_file), "cl100k_base").place)
    vocabulary = read_vocabulary(str(path))
    twice = [(97, 97), (256, 97), (97, 256)]  # aa, and aaa in two ways
    vocabulary.pairs = b"".join(half.to_bytes(3, "little") for pair in twice for half in pair)
    vocabulary.about.sha256 = tokens_sha256(vocabulary.tokens())
    path.write_bytes(packed(vocabulary))
    ((_, problem),) = check("mine")
    assert problem == f"{path}: two tokens have the same bytes"


def test_bundled_files_are_sound() -> None:
    assert set(dict(check()).values()) == {""}


def test_a_package_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in ("llama3", "llama4"):
        with pytest.raises(VocabularyError, match=rf"pip install --no-deps llama-models.*vocab add {name} "):
            load(name)


def test_a_package_with_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = b"".join(b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256))
    package = tmp_path / "llama_models" / "llama3"
    package.mkdir(parents=True)
    (tmp_path / "llama_models" / "__init__.py").touch()
    (package / "tokenizer.model").write_bytes(ranks)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(VocabularyError, match=r"tokenizer\.model: its sha256 is .*, expected 82e9d319"):
        load("llama3")


def test_another_file_is_not_added_under_the_name_of_a_known_one(home: Path, tiktoken_file: Path) -> None:
    with pytest.raises(VocabularyError, match=r"some\.tiktoken: its sha256 is .*, expected 82e9d319"):
        add("llama3", str(tiktoken_file))
    assert not home.exists()
    assert Path(add("llama3", str(tiktoken_file), like="cl100k_base").place).is_file()


def test_without_a_file_only_the_package_is_taken(tiktoken_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    place = Path(add("llama3", str(tiktoken_file), like="cl100k_base").place)
    before = place.read_bytes()
    with pytest.raises(VocabularyError, match=r"llama3: not bundled.* pip install --no-deps llama-models"):
        add("llama3", None)
    assert place.read_bytes() == before


def test_with_a_directory_what_to_split_like_is_a_file(home: Path, tiktoken_file: Path) -> None:
    with pytest.raises(VocabularyError, match=r"^\./cl100k_base: cannot be read"):
        add("mine", str(tiktoken_file), like="./cl100k_base")
    assert not home.exists()


@pytest.mark.skipif(installed(packages()["llama3"]) is None, reason="llama-models is not installed")
@pytest.mark.parametrize("name", ["llama3", "llama4"])
def test_llama_from_its_package(name: str) -> None:
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe

    row = packages()[name]
    rules = row.rules
    ranks = load_tiktoken_bpe(str(installed(row)))
    theirs = tiktoken.Encoding(
        name, pat_str=rules.regexes[0], mergeable_ranks=ranks, special_tokens=dict(rules.specials)
    )
    ours = load(name)
    assert ours.n_vocab == theirs.n_vocab
    assert ours.decode_bytes(rules.specials.values()) == theirs.decode_bytes(list(rules.specials.values()))
    for text in (Path(__file__).read_text(encoding="utf-8"), "việc nghiệp .:.:.:.: uježíjící", "x \n \n  "):
        assert list(ours.encode(text)) == theirs.encode_ordinary(text)


def test_unknown_names() -> None:
    with pytest.raises(UnknownEncodingError, match=r"'nothing'.*llama3"):
        load("nothing")
    with pytest.raises(UnknownEncodingError, match="'nothing'"):
        list(check("nothing"))
    with pytest.raises(UnknownEncodingError, match="llama3 has no vocabulary file yet: ctxpack vocab add llama3 "):
        list(check("llama3"))


@pytest.mark.parametrize(
    ("variable", "tail"), [("XDG_DATA_HOME", "ctxpack/vocabularies"), ("HOME", ".local/share/ctxpack/vocabularies")]
)
def test_the_directory(variable: str, tail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CTXPACK_VOCABULARIES", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    assert directory() == tmp_path / tail


@pytest.fixture
def no_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a user id without an entry in passwd."""
    for name in ("CTXPACK_VOCABULARIES", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)

    def fails() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", fails)


@pytest.mark.usefixtures("no_home")
def test_without_a_home_directory_nothing_is_added(tiktoken_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert directory() is None
    with pytest.raises(UnknownEncodingError, match=r"'nothing'; there are .*o200k_base"):
        load("nothing")
    with pytest.raises(ValueError, match="'nothing'"):
        tiktoken.get_encoding("nothing")
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(VocabularyError, match="pip install --no-deps llama-models"):
        load("llama3")
    with pytest.raises(KeyError, match="pip install --no-deps llama-models"):
        tiktoken.encoding_for_model("llama-3-8b")
    assert {"o200k_base", "llama3"} <= {entry.name for entry in entries()}
    assert dict(check("r50k_base")) == {"r50k_base": ""}
    done = CliRunner().invoke(main, ["vocab", "add", "mine", str(tiktoken_file), "--like", "cl100k_base"])
    assert done.exit_code == 2
    assert done.stderr == (
        "Error: 'mine' cannot be added: there is no home directory; set CTXPACK_VOCABULARIES to a place\n"
    )


def test_a_directory_that_cannot_be_looked_into_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As another user's home directory; root may look into that."""
    monkeypatch.setenv("CTXPACK_VOCABULARIES", "x" * 5000)
    with pytest.raises(UnknownEncodingError, match="'nothing'"):
        load("nothing")
    assert "o200k_base" in {entry.name for entry in entries()}


def test_files_that_are_refused_are_listed_with_the_reason(home: Path, tiktoken_file: Path) -> None:
    for name in ("cut", "fine", "old"):
        add(name, str(tiktoken_file), "cl100k_base")
    cut = home / "cut.vocab"
    cut.write_bytes(cut.read_bytes()[:-1])
    (home / "old.vocab").rename(home / "new.vocab")
    reasons = {
        "cut": f"{cut}: the checksum does not match, the file is damaged or cut short",
        "new": f"{home / 'new.vocab'}: it is the vocabulary of old",
    }
    done = CliRunner().invoke(main, ["vocab", "list", "--json"])
    assert done.exit_code == 0, "to judge files is what `vocab check` is for"
    found = json.loads(done.stdout)
    assert found["refused"] == [{"name": name, "reason": reason} for name, reason in reasons.items()]
    names = {row["name"] for row in found["vocabularies"]}
    assert {"o200k_base", "fine", "llama3"} <= names
    assert names.isdisjoint(reasons)
    lines = CliRunner().invoke(main, ["vocab", "list"]).stdout.splitlines()
    assert lines[-4:] == ["# Refused", "name\treason", *(f"{name}\t{reason}" for name, reason in reasons.items())]


def test_an_empty_token(home: Path, tiktoken_file: Path) -> None:
    """In a line as Whisper's multilingual vocabulary has it."""
    tiktoken_file.write_bytes(tiktoken_file.read_bytes() + b"= 259\n")
    assert add("whisper", str(tiktoken_file), "cl100k_base").tokens == 260
    assert dict(check("whisper")) == {"whisper": ""}
    ours = load("whisper")
    assert ours.encode("banana") == [258, 257]
    assert (ours.token(""), ours.decode([258, 259, 257])) == (259, "banana")


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        ("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
        ("o200k_harmony", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
        ("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
        ("p50k_base", "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"),
        ("r50k_base", "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"),
        ("qwen", "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186"),
        ("qwen3", "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186"),
        ("kimi_k2", "b6c497a7469b33ced9c38afb1ad6e47f03f5e5dc05f15930799210ec050c5103"),
    ],
)
def test_bundled_tokens_have_the_hash_of_their_publisher(name: str, sha256: str) -> None:
    vocabulary = bundled(name)
    assert vocabulary is not None
    assert tokens_sha256(vocabulary.tokens()) == sha256
