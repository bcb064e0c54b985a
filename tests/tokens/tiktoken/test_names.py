"""The names of the drop-in beside tiktoken's: modules, methods, encodings and models."""

import inspect
import pickle
import sys
from importlib import import_module
from pathlib import Path

import pytest
import tiktoken as original
from tiktoken.model import MODEL_PREFIX_TO_ENCODING, MODEL_TO_ENCODING

from ctxpack.tokens import tiktoken
from ctxpack.tokens.tiktoken import model as models
from ctxpack.tokens.tiktoken import registry
from ctxpack.tokens.vocabulary import DATA

# What docs/tokens.md says is not there.
ABSENT = {
    "_special_token_regex",
    *("read_file", "read_file_cached", "check_hash", "data_gym_to_mergeable_bpe_ranks"),
    *("ENCODING_CONSTRUCTORS", "_find_constructors", "_available_plugin_modules", "TYPE_CHECKING"),
}


def test_every_name_and_parameter() -> None:
    for name, method in inspect.getmembers(original.Encoding, inspect.isfunction):
        if not name.startswith("_") or name == "__init__":
            ours = inspect.signature(getattr(tiktoken.Encoding, name)).parameters
            assert [(each.name, each.kind) for each in ours.values()] == [
                (each.name, each.kind) for each in inspect.signature(method).parameters.values()
            ]
    for name in ("get_encoding", "encoding_for_model", "encoding_name_for_model", "list_encoding_names"):
        assert list(inspect.signature(getattr(tiktoken, name)).parameters) == list(
            inspect.signature(getattr(original, name)).parameters
        )
    assert tiktoken.__version__ == original.__version__
    for module in ("core", "load", "model", "registry"):
        theirs = vars(import_module(f"tiktoken.{module}"))
        own = {name for name in theirs if getattr(theirs[name], "__module__", "") == f"tiktoken.{module}"}
        assert own | {name for name in theirs if name.isupper()} <= vars(getattr(tiktoken, module)).keys() | ABSENT


def test_what_is_said_of_a_disallowed_special_token() -> None:
    said = []
    for module in (original.core, tiktoken.core):
        with pytest.raises(ValueError, match="disallowed special token '<e>'") as raised:
            module.raise_disallowed_special_token("<e>")
        said.append(str(raised.value))
    assert said[0] == said[1]


def test_encodings_by_name() -> None:
    assert tiktoken.list_encoding_names() == original.list_encoding_names()
    for name in tiktoken.list_encoding_names():
        assert tiktoken.get_encoding(name).name == name
    assert tiktoken.get_encoding("o200k_base") is tiktoken.get_encoding("o200k_base")
    with pytest.raises(ValueError, match="no encoding is called 'gpt9'"):
        tiktoken.get_encoding("gpt9")
    with pytest.raises(ValueError, match="Expected a string in get_encoding, got <class 'int'>"):
        tiktoken.get_encoding(3)


def test_a_relative_path_is_the_same_file_in_any_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    ours = tiktoken.get_encoding("./p50k_base.vocab")
    monkeypatch.chdir("/")
    assert pickle.loads(pickle.dumps(ours)) is ours
    assert ours._mergeable_ranks == tiktoken.get_encoding("p50k_base")._mergeable_ranks


@pytest.mark.parametrize("name", ["./no-such-file", "llama3", "gpt9"])
def test_encodings_that_are_not_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for module in (tiktoken, original):
        with pytest.raises(ValueError, match=name.lstrip("./")):
            module.get_encoding(name)


def test_several_split_patterns_are_not_one() -> None:
    ours = tiktoken.get_encoding("deepseek_v3")
    assert ours.decode(ours.encode("hello")) == "hello"
    assert getattr(ours, "_pat_str", None) is None
    with pytest.raises(AttributeError, match="deepseek_v3 has no _pat_str: it is split by 3 patterns"):
        _ = ours._pat_str


def _begun_by(prefix: str) -> str:
    """A name that a model could have: a prefix stands before a whole word."""
    return prefix + ("x" if prefix.endswith("-") else ":x/y::z" if prefix.startswith("ft:") else "-x")


@pytest.mark.parametrize("model", [*MODEL_TO_ENCODING, *map(_begun_by, MODEL_PREFIX_TO_ENCODING)])
def test_encodings_by_model(model: str) -> None:
    name = original.encoding_name_for_model(model)
    assert tiktoken.encoding_name_for_model(model) == name
    assert tiktoken.encoding_for_model(model).name == name


def test_models_that_a_program_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert models.MODEL_TO_ENCODING == MODEL_TO_ENCODING
    assert models.MODEL_PREFIX_TO_ENCODING == MODEL_PREFIX_TO_ENCODING
    monkeypatch.setitem(models.MODEL_TO_ENCODING, "mine", "r50k_base")
    monkeypatch.setitem(models.MODEL_PREFIX_TO_ENCODING, "claude-opus-4", "p50k_base")
    assert tiktoken.encoding_for_model("mine").name == "r50k_base"
    assert tiktoken.encoding_for_model("claude-opus-4-5").name == "p50k_base"
    assert models.encoding_name_for_model("ft:gpt-4o-mini:acme/x") == "o200k_base"


def test_encodings_that_a_program_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tiktoken.get_encoding("r50k_base")
    assert registry.ENCODINGS["r50k_base"] is mine
    monkeypatch.setitem(registry.ENCODINGS, "mine", mine)
    assert tiktoken.get_encoding("mine") is mine


def test_a_model_whose_vocabulary_is_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What calls tiktoken takes another encoding then, as it does for every KeyError."""
    monkeypatch.setenv("CTXPACK_VOCABULARIES", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])  # with llama-models, perhaps
    monkeypatch.delitem(registry.ENCODINGS, "llama3", raising=False)
    with pytest.raises(KeyError, match="llama3: not bundled, because of its licence"):
        tiktoken.encoding_for_model("llama-3.1-8b-instruct")
    monkeypatch.setitem(models.MODEL_TO_ENCODING, "mine", "nothing")
    monkeypatch.setitem(models.MODEL_PREFIX_TO_ENCODING, "mine-", "nothing")
    for module in (original, tiktoken):
        with pytest.raises(ValueError, match="nothing"):
            module.get_encoding("nothing")
    for model in ("mine", "mine-1"):
        with pytest.raises(ValueError, match="nothing"):
            tiktoken.encoding_for_model(model)
    (tmp_path / "llama3.vocab").write_bytes(b"")
    with pytest.raises(ValueError, match="cut short"):
        tiktoken.encoding_for_model("llama-3.1-8b-instruct")


@pytest.mark.parametrize("model", ["nobody-1", "claude-opus-4-5"])
def test_models_of_unknown_encodings(model: str) -> None:
    with pytest.raises(KeyError):
        original.encoding_for_model(model)
    with pytest.raises(KeyError, match=model):
        tiktoken.encoding_for_model(model)
