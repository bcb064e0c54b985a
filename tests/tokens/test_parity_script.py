"""A slice of the nightly run: benchmarks/parity.py on 20 MB, one to five of every encoding."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.tokens.conftest import NAMES
from tests.tokens.oracles import HUGGING_FACE, TIKTOKEN

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "parity.py"


@pytest.fixture(scope="module")
def parity() -> ModuleType:
    spec = importlib.util.spec_from_file_location("parity", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", [*NAMES, *TIKTOKEN, *HUGGING_FACE])
def test_a_slice(name: str, parity: ModuleType) -> None:
    assert parity.difference(name, 5.0 if name in NAMES else 1.0, seed=7) is None


def test_a_difference_is_found(parity: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = parity.encoders("o200k_base")
    monkeypatch.setattr(parity, "encoders", lambda name: (ours, lambda text: theirs(text)[1:]))
    assert parity.difference("o200k_base", 0.1) == "o200k_base: document 0 of seed 0 differs"
