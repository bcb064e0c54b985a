"""The benchmarks' own rules: answers are checked, failures are named, and a run goes on where one stopped."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.counting import runs, speed, tables
from benchmarks.counting.peers import PEERS, numbers
from benchmarks.counting.runs import Group, Row, Values, measured
from benchmarks.counting.sources import Source
from tests.tokens.oracles import oracle


def work(group: Group, place: Path) -> Iterator[Values]:
    """A peer that fails in every way."""
    for part in group.parts:
        if part == "crash":
            os._exit(3)
        if part == "raise":
            raise KeyError(part)
        if part == "sleep":
            time.sleep(60)
        yield {"unseen": float(len(part))}


def test_what_fails_is_named_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = runs.parser("", []).parse_args(["--rows", str(tmp_path / "rows")])
    groups = [Group("o200k_base", "ctxpack", ["a", "crash", "bb", "raise", "ccc"])]
    rows = measured(groups, work, options, tmp_path)
    assert [row.values for row in rows] == [
        {"unseen": 1.0},
        {"failed": "crashed"},
        {"unseen": 2.0},
        {"failed": "KeyError"},
        {"unseen": 3.0},
    ]
    monkeypatch.setattr(runs, "answers", lambda *_: pytest.fail("measured again"))
    assert measured(groups, work, options, tmp_path) == rows


def test_what_does_not_answer_is_too_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PATIENCE", 0.5)
    [row] = measured([Group("o200k_base", "ctxpack", ["sleep"])], work, runs.parser("", []).parse_args([]), tmp_path)
    assert row.values == {"failed": "too slow"}


def test_wrong_answers_are_counted_and_not_shown_as_speeds() -> None:
    texts = ["a", "bb", "ccc", "dddd"]
    assert "failed" not in speed.timed(len, int, texts, [1, 2, 3, 4])
    values = speed.timed(len, int, texts, [1, 2, 9, 4])
    assert values["failed"] == f"{1 + speed.ROUNDS} wrong"
    row = Row(0, "o200k_base", "tiktoken", "code", values)
    assert tables.median([row], "tiktoken", "code", "unseen") is None
    assert speed.cell([row], "tiktoken", "code") == values["failed"]


def test_ratios_are_to_the_fastest() -> None:
    speeds = {"ctxpack": 300.0, "tiktoken": 15.0, "tokenizers": 200.0}
    rows = [Row(0, "x", peer, "code", {"unseen": each, "seen": each}) for peer, each in speeds.items()]
    assert speed.ratio(rows, ["tiktoken", "tokenizers"], "code", "seen") == "1.50 (tokenizers)"
    assert speed.ratio(rows, ["tiktoken"], "code", "seen") == "20.00"
    assert speed.ratio(rows, ["fastokens"], "code", "seen") == "-"


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "qwen3", "deepseek_v3", "glm4"])
@pytest.mark.parametrize("peer", ["ctxpack", "tiktoken", "tokenizers"])
def test_peers_give_the_ids_of_the_own_library(name: str, peer: str, tmp_path: Path) -> None:
    ways = PEERS[peer](Source(name, tmp_path))
    assert ways is not None
    text = "Größe e\u0301 中文 いっぱい 1234567 don't\n\n  x<|endoftext|>"
    expected = oracle(name)[1](text)
    assert numbers(ways.ids(text)) == expected
    assert ways.count(text) == len(expected)
