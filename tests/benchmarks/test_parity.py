"""A slice of the nightly runs: benchmarks/parity.py on 20 MB, one to five of every encoding, and cases.py beside it."""

from pathlib import Path

import pytest

from benchmarks import cases, parity
from tests.tokens.oracles import HUGGING_FACE, TIKTOKEN
from tests.tokens.pairs import NAMES


@pytest.mark.parametrize("name", [*TIKTOKEN, *HUGGING_FACE])
def test_a_slice(name: str) -> None:
    megabytes = 5.0 if name in NAMES else 1.0
    assert parity.compared(name, megabytes, seed=7).difference is None


@pytest.mark.parametrize("name", [*TIKTOKEN, *HUGGING_FACE])
def test_small_cases(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "BATCH", 3000)
    assert cases.try_cases(name, 7, parity.Log(None))


def broken(name: str) -> parity.Pair:
    ours, near, own = parity.pair(name)
    return parity.Pair(ours, lambda text: near(text)[1:], lambda text: own(text)[1:])


def test_a_difference_is_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pair = broken("o200k_base")
    monkeypatch.setattr(parity, "pair", lambda name: pair)
    monkeypatch.setattr(cases, "pair", lambda name: pair)
    monkeypatch.setattr(cases, "BATCH", 50)
    assert parity.compared("o200k_base", 0.1).difference == "document 0 differs"
    assert not cases.try_cases("o200k_base", 0, parity.Log(None))
    assert "equal" not in capsys.readouterr().out


def test_where_near_is_not_near_enough_the_own_library_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = broken("qwen3")._replace(own=parity.pair("qwen3").own)
    monkeypatch.setattr(parity, "pair", lambda name: pair)
    outcome = parity.compared("qwen3", 0.1)
    assert outcome.difference is None
    assert outcome.decided > 0


def test_parts_that_are_logged_are_done(tmp_path: Path) -> None:
    log = parity.Log(tmp_path / "log")
    assert not log.has("qwen3", 4)
    log.add("qwen3", 4, "25.0", "equal")
    assert parity.Log(tmp_path / "log").has("qwen3", 4)
