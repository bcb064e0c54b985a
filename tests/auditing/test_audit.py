"""Audits: totals, predictions, causes and the packed alternative."""

import json
from dataclasses import astuple, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import ctxpack
from ctxpack.auditing import Audit
from ctxpack.auditing.tables import tables
from ctxpack.errors import PolicyError, ReaderError
from ctxpack.packing.policy import policy as preset
from tests.auditing.claude_code import Log
from tests.data import shared
from tests.reference import transcripts

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
    (model,) = found.to_dict()["models"]
    assert (model["model"], model["calls"]) == ("claude-opus-4-6", 2)
    assert model["bill"]["total"] == found.bills["USD"].total


def test_a_miss_costs_the_difference_between_writing_and_reading(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, PLANTED[1][0])
    assert found.lost_money["USD"] == pytest.approx(7000 * (6.25 - 0.5) / 1e6)
    assert found.to_dict()["lost_exactness"] == "exact"
    [finding] = found.to_dict()["findings"]
    named = {"earlier": "1", "call": "2", "model": "claude-opus-4-6"}
    assert finding | named | {"lost_money": found.lost_money["USD"], "currency": "USD"} == finding
    assert dict(tables(found)[0].rows)["lost to misses"] == "0.04025 USD"
    part = audited(tmp_path, FIRST, record(2, say("x", "a", LONG), 60.0, (3, 0, 6500)))
    assert part.to_dict()["lost_exactness"] == "estimate"
    assert str(dict(tables(part)[0].rows)["lost to misses"]).endswith(" USD (estimate)")


def test_a_repeated_record_counts_once(tmp_path: Path) -> None:
    assert audited(tmp_path, FIRST, FIRST).calls == 1


def test_models_without_a_price_are_counted_not_lost(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, record(2, say("hi"), 9.0, (5, 0, 0), model="claude-imaginary-1"))
    assert found.calls == 2
    assert {model.model: model.bill is None for model in found.models}["claude-imaginary-1"]
    assert [model["bill"] is None for model in found.to_dict()["models"]] == [False, True]
    assert [(other.currency, other.left_out) for other in found.alternatives] == [("USD", 0), ("", 1)] * 2


def test_classes_are_those_of_the_calls_that_have_a_price(tmp_path: Path) -> None:
    found = audited(tmp_path, FIRST, record(2, say("hi"), 9.0, (5, 0, 0), model="claude-imaginary-1"), policies=())
    (classes,) = (table for table in tables(found) if table.title.startswith("Cost by class"))
    assert [row[:3] for row in classes.rows if row[2]] == [
        ("USD", "uncached", 3),
        ("USD", "cache write", 7000),
        ("USD", "output", 10),
    ]


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
    assert [other.policy for other in found.alternatives] == ["lossless", "balanced"]
    for other in found.alternatives:
        assert other.tokens_after < other.tokens_before
        assert other.expected_after < other.expected_before
        assert other.exactness == "estimate"


def test_a_miss_of_a_model_without_a_price_costs_nothing_known(tmp_path: Path) -> None:
    lines = [line.replace("claude-opus-4-6", "claude-opus-4-6:free") for line in (FIRST, PLANTED[1][0])]
    found = audited(tmp_path, *lines)
    (finding,) = found.findings
    assert (finding.model, finding.lost, finding.lost_money, finding.currency) == (
        "claude-opus-4-6:free",
        7000,
        0.0,
        "",
    )
    assert (found.lost_money, found.lost_unpriced) == ({}, 7000)
    assert found.to_dict()["lost_unpriced"] == 7000
    assert dict(tables(found)[0].rows)["lost to misses"] == "7000 tokens of unknown price"
    both = replace(found, transitions=(finding, *audited(tmp_path, FIRST, PLANTED[1][0]).findings))
    assert dict(tables(both)[0].rows)["lost to misses"] == "0.04025 USD, 7000 tokens of unknown price"


def test_predictions_that_tell_nothing_are_no_part_of_the_rate(tmp_path: Path) -> None:
    texts = [LONG, "a", "b"]
    served, nothing = record(2, say(*texts), 60.0, (3, 7000, 50)), record(2, say("x", "y", "z"), 60.0, (9, 0, 0))
    short = record(1, say("x"), 0.0, (5, 0, 0))
    unknown = [record(n, say(*texts), 60.0 * n, (3, 7000, 50), model="claude-imaginary-1") for n in range(3)]
    calls = [("a", FIRST), ("a", served), ("b", short), ("b", nothing), *(("c", line) for line in unknown)]
    lines = [line.replace('"s"', f'"{session}"') for session, line in calls]
    found = audited(tmp_path, *lines, policies=())
    assert (len(found.transitions), found.compared, found.exact, found.unpredicted) == (4, 1, 1, 2)
    totals = dict(tables(found)[0].rows)
    assert totals["reads predicted exactly"] == "1 of 1 (100.0 %)"
    assert (totals["no read predicted, none billed"], totals["reads not predicted"]) == (1, 2)
    report = found.to_dict()
    counts = [report[f"{name}transitions"] for name in ("", "compared_", "exact_", "unpredicted_")]
    assert counts == [4, 1, 1, 2]


def test_every_member_of_the_json_is_documented(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "auditing.md").read_text(encoding="utf-8").split("**JSON**")[1]
    for member in audited(tmp_path, FIRST).to_dict():
        assert f"`{member}`" in page


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


@pytest.fixture(scope="module")
def golden() -> Audit:
    return ctxpack.audit(shared("claude_code"))


def test_golden_facts_of_real_transcripts(golden: Audit) -> None:
    found = golden
    assert found.calls == 336
    assert (found.usage.uncached, found.usage.cache_read, found.usage.output) == (3052, 31737279, 79520)
    assert (found.usage.cache_write, found.usage.cache_write_long) == (0, 741925)
    assert found.bills["USD"].total == pytest.approx(24.386208, abs=1e-5)
    assert (found.exact, found.compared, len(found.transitions)) == (322, 327, 327)
    causes = sorted(str(step.cause) for step in found.findings)
    assert [step.cause for step in found.findings if step.exactness == "estimate"] == ["compaction"] * 2
    assert causes == ["compaction"] * 2 + ["prompt rewritten outside the log"] * 3
    lossless, balanced = found.alternatives
    assert balanced.expected_after < lossless.expected_after < lossless.expected_before
    assert lossless.tokens_before == balanced.tokens_before == pytest.approx(32140000, rel=1e-3), "as billed"


# List prices, currency per million tokens: uncached, read, 5m write, 1h write, output.
RATES = {"opus-4-6": (5, 0.5, 6.25, 10, 25), "sonnet-4-5": (3, 0.3, 3.75, 6, 15), "haiku-4-5": (1, 0.1, 1.25, 2, 5)}


def test_golden_totals_equal_an_independent_count(golden: Audit) -> None:
    records = list(transcripts.usages(shared("claude_code")).values())
    assert len(records) == golden.calls
    counted = transcripts.totals(records)
    assert counted == {name: getattr(golden.usage, name) for name in counted}
    assert golden.bills["USD"].total == pytest.approx(sum(model.bill.total for model in golden.models if model.bill))
    for model in golden.models:
        (rates,) = (rates for name, rates in RATES.items() if name in model.model)
        by_hand = sum(rate * tokens for rate, tokens in zip(rates, astuple(model.usage), strict=True)) / 1e6
        assert model.bill is not None
        assert model.bill.total == pytest.approx(by_hand), model.model


def test_the_chain_law_by_an_independent_count(golden: Audit) -> None:
    """What one call read and wrote is what the next one reads, call by call in the order of each file's lane."""
    pairs = [pair for run in transcripts.runs(shared("claude_code")) for pair in pairwise(run)]
    assert len(pairs) == len(golden.transitions)
    exact = sum(
        later["cache_read_input_tokens"] == one["cache_read_input_tokens"] + one["cache_creation_input_tokens"]
        for one, later in pairs
    )
    assert exact == golden.exact


def test_tables_of_every_kind_of_audit(tmp_path: Path) -> None:
    strange = record(3, say("hi"), 1e30, (5, 0, 0), model="claude-imaginary-1")
    yuan = json.dumps(
        {
            "id": "y",
            "request": {"model": "doubao-seed-2.1-pro", "messages": [{"role": "user", "content": "x"}]},
            "usage": {"prompt_tokens": 1000, "completion_tokens": 10},
            "simulated": True,
        }
    )
    late = record(2, say(LONG, "a", "b"), 1e30, (3, 0, 7050))
    found = audited(tmp_path, FIRST, late, strange, yuan, "{")
    assert set(found.bills) == {"USD", "CNY"}
    assert found.simulated == 1
    shown = tables(found)
    assert all(len(row) == len(table.columns) for table in shown for row in table.rows)
    everything = str([table.rows for table in shown])
    for part in ("no price known", "1 of 4 calls are simulated", "CNY", "entry expired", str(10**21), "USD"):
        assert part in everything
    assert len(found.models) == 3
    assert sum(model.calls for model in found.models) == found.calls == 4
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


def test_findings_are_summed_by_cause(tmp_path: Path) -> None:
    late = [record(n, say(LONG, *"ab" * n), 400.0 * n, (3, 0, 7000 + n)) for n in (1, 2)]
    other = record(3, say("x" + LONG), 801.0, (3, 0, 7050))
    found = audited(tmp_path, record(0, say(LONG), 0.0, (3, 0, 7000)), *late, other, policies=())
    first, second, third = (step.lost for step in found.findings)
    turned = replace(found, transitions=found.transitions[::-1])
    (summed,) = [table for table in tables(turned) if table.title == "By cause"]
    assert [row[:3] for row in summed.rows] == [("entry expired", 2, first + second), ("prompt changed", 1, third)]
    assert [row[3] for row in summed.rows] == ["0.08041 USD (estimate)", "0.04026 USD"]
    assert sum(found.lost_money.values()) == pytest.approx(0.08041 + 0.04026, abs=1e-5)
    assert not [table for table in tables(audited(tmp_path, FIRST)) if table.title == "By cause"]


def test_what_has_no_price_is_not_shown_as_if_it_cost_nothing(tmp_path: Path) -> None:
    strange = record(2, say("hi"), 9.0, (5, 0, 0), model="claude-imaginary-1")
    totals, *_, compared, _ = tables(audited(tmp_path, FIRST, strange))
    assert dict(totals.rows)["list price"] == "0.04402 USD (1 of 2 calls)"
    assert [row[1:3] for row in compared.rows] == [(1, 0), (0, 1)] * 2
    assert [bool(row[-2]) for row in compared.rows] == [True, False] * 2
    totals, *_, compared, _ = tables(audited(tmp_path, strange))
    assert dict(totals.rows)["list price"] == "unknown"
    assert [row[1:] for row in compared.rows] == [(0, 1, 0, 0, "", "", "")] * 2
    assert dict(tables(audited(tmp_path, FIRST))[0].rows)["list price"] == "0.04402 USD"


def test_lines_whose_call_is_counted_are_counted_and_not_kept(tmp_path: Path) -> None:
    log = Log().user("hi")
    for _ in range(50):
        log.say("a")
    log.add("attachment").add("attachment").write(tmp_path)
    found = ctxpack.audit(tmp_path, policies=())
    assert list(found.skips.values()) == [49, 2]
    assert [skip.line for skip in found.skipped] == [3, 52, 53]
    assert [row[1:] for row in tables(found)[-1].rows] == [
        (n, f"{tmp_path}/s.jsonl:{at}") for n, at in ((49, 3), (2, 52))
    ]
    (tmp_path / "x.jsonl").write_text("no log\n", encoding="utf-8")
    assert tables(ctxpack.audit(tmp_path, policies=()))[-1].rows[-1][1:] == (1, f"{tmp_path}/x.jsonl"), "the whole file"


def test_calls_that_are_not_billed_at_the_list_price_are_counted_beside_it(tmp_path: Path) -> None:
    places = {"speed": "standard", "inference_geo": "not_available"}
    lines = []
    for tier in ("batch", "standard", None, 5, "batch"):
        line = json.loads(record(len(lines), say("hi"), len(lines), (5, 0, 0)))
        line["usage"] |= places | {"service_tier": tier}
        lines.append(json.dumps(line))
    usage = {"prompt_tokens": 5, "completion_tokens": 1}
    for model in ("gpt-5", "imaginary-1"):
        answer = {"service_tier": "priority", "usage": usage}
        lines.append(json.dumps({"request": {"model": model, "messages": say("hi")}, "response": answer}))
    found = audited(tmp_path, *lines, policies=())
    assert found.other_terms == found.to_dict()["other_terms"] == {"service_tier batch": 2, "service_tier priority": 1}
    assert dict(tables(found)[0].rows)["not at list price: service_tier batch"] == "2 calls"


def test_an_audit_of_nothing_that_was_billed(tmp_path: Path) -> None:
    Log().user("hi").say("a", model="<synthetic>").write(tmp_path)
    found = ctxpack.audit(tmp_path)
    assert (found.calls, found.hit_rate, found.bills, found.findings) == (0, 0.0, {}, ())
    assert sum(found.skips.values()) == 1
    assert tables(found)


HOSTILE: dict[str, dict[str, Any]] = {
    "no messages": {"messages": []},
    "no block": {"messages": [{"role": "user", "content": []}]},
    "messages of another type": {"messages": 5},
    "a number that is none": {"tools": [{"name": "x", "input_schema": {"a": 77}}]},
    "strange marker": {"cache_control": [[["5m"]]]},
    "no role": {"messages": [{"content": "x"}]},
}


@pytest.mark.parametrize("fault", HOSTILE)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_strange_request_is_counted_and_stops_nothing(tmp_path: Path, fault: str, place: int) -> None:
    lines = [record(n, say(LONG), 10.0 * n, (3, 0, 7000)) for n in range(2)]
    body = {"model": "claude-opus-4-6", "messages": say("x")} | HOSTILE[fault]
    usage = {"input_tokens": 5, "output_tokens": 1}
    uri = "https://api.anthropic.com/v1/messages"
    line = json.dumps({"id": "odd", "session": "s", "time": 5.0, "uri": uri, "request": body, "usage": usage})
    lines.insert(place, line.replace("77", "1e999"))
    found = audited(tmp_path, *lines)
    assert found.calls == 3
    for other in found.alternatives:
        assert other.calls + other.left_out == 3, other.currency
        assert other.calls >= 2
    assert tables(found)


def test_a_policy_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="brutal"):
        audited(tmp_path, FIRST, policies=["brutal"])


def test_one_policy_needs_no_list(tmp_path: Path) -> None:
    for one in ("tight", preset("tight")):
        (other,) = audited(tmp_path, FIRST, policies=one).alternatives
        assert (other.policy, other.calls) == ("tight", 1)


def test_progress_reaches_the_size_of_the_log(tmp_path: Path) -> None:
    seen: list[int] = []
    audited(tmp_path, FIRST, on_progress=seen.append)
    assert seen[-1] == (tmp_path / "log.jsonl").stat().st_size


def test_usage_that_sums_several_passes_reaches_no_step_of_the_price(tmp_path: Path) -> None:
    """As one of the recorded calls: ten searches of a model whose context has 200,000 tokens, billed 401,468."""
    request = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": say("a")}
    usage = {"input_tokens": 401_468, "output_tokens": 792}
    searched = usage | {"server_tool_use": {"web_search_requests": 10}}
    summed, alone = (audited(tmp_path, json.dumps({"request": request, "usage": one})) for one in (searched, usage))
    assert summed.bills["USD"].total == pytest.approx((401_468 * 3 + 792 * 15) / 1e6)
    assert alone.bills["USD"].total == pytest.approx((401_468 * 6 + 792 * 22.5) / 1e6)
    assert summed.other_terms == {"tools that the provider ran": 1}
    assert not alone.other_terms
