"""Audits: totals, predictions, causes and the packed alternative."""

import json
from pathlib import Path
from typing import Any

import pytest

import ctxpack
from ctxpack.auditing import Audit
from ctxpack.errors import ReaderError
from tests.cassettes import DATA, needs_data

LONG = "word " * 6000


def record(number: int, messages: list[dict[str, Any]], time: float, usage: tuple[int, int, int], **more: Any) -> str:
    """A line of an Anthropic log; usage is (uncached, read, written)."""
    uncached, read, written = usage
    body = {"model": "claude-opus-4-6", "max_tokens": 5, "cache_control": {"type": "ephemeral"}, "messages": messages}
    billed = {
        "input_tokens": uncached,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "output_tokens": 10,
    }
    return json.dumps({"id": str(number), "session": "s", "time": time, "request": body | more, "usage": billed})


def say(*texts: str) -> list[dict[str, Any]]:
    return [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(texts)]


def audited(tmp_path: Path, *lines: str, **options: Any) -> Audit:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ctxpack.audit(path, **options)


FIRST = record(1, say(LONG), 0.0, (3, 0, 7000))
PLANTED = [
    (record(2, say(LONG, "a", "b"), 60.0, (3, 7000, 50)), None, 0),
    (record(2, say(LONG, "a", "b"), 400.0, (3, 0, 7050)), "entry expired", 7000),
    (record(2, say(LONG, "a", "b"), 60.0, (3, 0, 7050), model="claude-sonnet-5"), "model changed", 7000),
    (record(2, say("x" + LONG, "a", "b"), 60.0, (3, 0, 7050)), "prompt changed", 7000),
    (record(2, say(LONG, "a", "b"), 60.0, (3, 0, 7050)), "prompt rewritten outside the log", 7000),
    (record(2, say(LONG, "a", "b"), 60.0, (3, 7040, 10)), "read more than predicted", 0),
]


@pytest.mark.parametrize(("second", "cause", "lost"), PLANTED, ids=[str(cause) for _, cause, _ in PLANTED])
def test_planted_misses_are_named(tmp_path: Path, second: str, cause: str | None, lost: int) -> None:
    found = audited(tmp_path, FIRST, second)
    (step,) = found.transitions
    assert (step.cause, step.lost) == (cause, lost)
    assert len(found.findings) == (cause is not None)
    assert bool(found.lost_money) == (lost > 0)


def test_totals_and_bills_by_hand(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, PLANTED[0][0])
    assert (found.calls, found.sessions, found.usage.input, found.usage.output) == (2, 1, 14056, 20)
    expected = (6 * 5 + 7000 * 0.5 + 7050 * 6.25 + 20 * 25) / 1e6
    assert found.bills["USD"].total == pytest.approx(expected)
    assert found.hit_rate == pytest.approx(7000 / 14056)


def test_a_miss_costs_the_difference_between_writing_and_reading(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, PLANTED[1][0])
    assert found.lost_money["USD"] == pytest.approx(7000 * (6.25 - 0.5) / 1e6)


def test_a_repeated_record_counts_once(tmp_path: Path) -> None:
    assert audited(tmp_path, FIRST, FIRST).calls == 1


def test_models_without_a_price_are_counted_not_lost(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, record(2, say("hi"), 9.0, (5, 0, 0), model="claude-imaginary-1"))
    assert found.calls == 2
    assert {model.model: model.bill is None for model in found.models}["claude-imaginary-1"]
    assert all(other.left_out == 1 for other in found.alternatives)


def test_bad_lines_are_counted_by_name(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, "{oops", '{"hello": 1}', FIRST.replace('"id": "1"', '"id": "9"')[:-40])
    assert found.calls == 1
    assert sum(found.skips.values()) == 3
    assert not any("oops" in reason for reason in found.skips)


def test_packing_is_never_dearer(tmp_path: Path) -> None:
    rows = json.dumps([{"id": n, "name": f"item {n}"} for n in range(400)], indent=2)
    call = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "list", "input": {}}]}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": rows}]}
    found = audited(
        tmp_path, record(1, [*say(LONG), call, result], 0.0, (3, 0, 9000)), policies=["lossless", "balanced"]
    )
    for other in found.alternatives:
        assert other.tokens_after < other.tokens_before
        assert other.money_after < other.money_before
        assert other.kind == "estimate"


def test_the_report_is_json(tmp_path: Path) -> None:
    report = audited(tmp_path, FIRST, PLANTED[3][0]).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert report["schema"] == 1
    assert "word" not in json.dumps(report)


def test_paths_that_are_no_logs(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="nowhere"):
        ctxpack.audit(tmp_path / "nowhere")
    with pytest.raises(ReaderError):
        ctxpack.audit(__file__)


@needs_data
def test_golden_facts_of_real_transcripts() -> None:
    found = ctxpack.audit(DATA / "claude_code")
    assert found.calls == 336
    assert (found.usage.uncached, found.usage.cache_read, found.usage.output) == (3052, 31737279, 79520)
    assert (found.usage.cache_write, found.usage.cache_write_long) == (0, 741925)
    assert found.bills["USD"].total == pytest.approx(24.386208, abs=1e-5)
    assert (found.exact, len(found.transitions)) == (322, 327)
    causes = sorted(str(step.cause) for step in found.findings)
    assert causes == ["compaction"] * 2 + ["prompt rewritten outside the log"] * 3
    lossless, balanced = found.alternatives
    assert balanced.money_after < lossless.money_after < lossless.money_before
