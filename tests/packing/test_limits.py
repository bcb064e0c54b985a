"""How much of a result enters: limits by kind of result and by tool, and what the texts of one result have of them."""

import json
from time import process_time
from typing import Any

import pytest

from ctxpack.errors import PolicyError
from ctxpack.packing import EntryLimits, Policy, Session
from ctxpack.packing.policy import PRESETS
from ctxpack.prompts import BlockCounter

from .conversations import CLAUDE, Step, bodies

LOG = "\n".join(f"step {number}: built module {number * 7919 % 997} in {number} ms" for number in range(60))
DATA = json.dumps([{"flight": f"HAT{number:03d}", "seats": number * 7, "fare": number * 31} for number in range(20)])


def entered(name: str, subject: dict[str, str], result: Any, limits: EntryLimits) -> Any:
    """What is sent of a result."""
    call = {"type": "tool_use", "id": "call", "name": name, "input": subject}
    answer = {"type": "tool_result", "tool_use_id": "call", "content": result}
    messages = [
        {"role": "user", "content": "Go on."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [answer]},
    ]
    body = {"model": CLAUDE, "max_tokens": 1, "system": "s", "messages": messages}
    packed = Session(CLAUDE, Policy("mine", entry=limits)).pack(body, now=0.0).body
    return packed["messages"][2]["content"][0]["content"]


def test_each_kind_has_its_own_limit() -> None:
    limits = EntryLimits(commands=100, reads=5000, data=2000)
    assert "left out" in entered("Bash", {"command": "make"}, LOG, limits)
    assert entered("Read", {"file_path": "build.log"}, LOG, limits) == LOG
    assert json.loads(entered("search_flights", {"from": "JFK"}, DATA, limits))
    assert "left out" in entered("search_flights", {"from": "JFK"}, DATA, EntryLimits(commands=5000, data=100))


@pytest.mark.parametrize("limit", [100, 150, 400])
def test_a_long_result_enters_with_its_limit_and_as_many_names(limit: int) -> None:
    words = [f"{word}_{number:03}" for word in ("build", "Test", "src/app", "deploy") for number in range(250)]
    log = "\n".join(" ".join(words[at * step % 1000] for step in (7, 11, 13, 17)) for at in range(2000))
    tokens = BlockCounter(CLAUDE, "anthropic.messages").text(entered("Bash", {}, log, EntryLimits(commands=limit)))
    assert 1.5 * limit < tokens < 2 * limit + 30


def test_a_result_of_many_texts_enters_with_one_limit() -> None:
    count = BlockCounter(CLAUDE, "anthropic.messages").text
    lines = [f"step {number}: built module_{number * 7919 % 997} in {number} ms" for number in range(600)]
    for parts in (2, 5):
        size = 600 // parts
        result = [{"type": "text", "text": "\n".join(lines[at : at + size])} for at in range(0, 600, size)]
        sent = entered("Bash", {}, result, EntryLimits(commands=400, names=0))
        assert 300 < sum(count(part["text"]) for part in sent) < 400 + 30 * parts


@pytest.mark.parametrize("order", [1, -1])
def test_a_short_text_beside_a_long_one_stays_whole(order: int) -> None:
    error = "Exit code: 1\nerror: test_rounding failed in tests/test_billing.py, line 212: 12.34 is not 12.35\n" * 2
    log = "\n".join(f"step {number}: built module_{number * 7919 % 997} in {number} ms" for number in range(2000))
    result = [{"type": "text", "text": text} for text in (error, log)][::order]
    sent = [part["text"] for part in entered("Bash", {}, result, EntryLimits(commands=400))][::order]
    assert sent[0] == error
    assert "left out" in sent[1]


def test_a_result_of_very_many_texts_takes_no_time_for_each_pair() -> None:
    result = [{"type": "text", "text": f"line {number}"} for number in range(40_000)]
    began = process_time()
    sent = entered("Bash", {}, result, EntryLimits(commands=400))
    assert process_time() - began < 10
    assert sent == result


def test_each_result_has_a_limit_of_its_own() -> None:
    """Also beside others in one message, and where its call's id stood in an earlier message, too."""
    rounds = [["call_1", "call_2"], ["call_1"]]
    texts = iter("\n".join(f"{text} {line}" for line in LOG.split("\n")) for text in range(6))
    made = [
        Step(
            calls=[(call, "Bash", {"command": "make"}) for call in calls],
            results=[[{"type": "text", "text": next(texts)} for _ in range(2)] for _ in calls],
        )
        for calls in rounds
    ]
    session = Session(CLAUDE, Policy("mine", entry=EntryLimits(commands=400)))
    entries = session.pack(bodies(made, "anthropic.messages")[-1], now=0.0).report.entries
    assert [(entry.action, entry.reason) for entry in entries] == [("clipped", "longer than 200 tokens")] * 6


def test_a_result_of_many_texts_that_fits_as_a_whole_stays() -> None:
    result = [{"type": "text", "text": text} for text in (LOG, "done", "12 of 12 modules built")]
    tokens = BlockCounter(CLAUDE, "anthropic.messages").text
    limit = sum(tokens(part["text"]) for part in result)
    cut = [entered("Bash", {}, result, EntryLimits(commands=most)) for most in (limit, limit // 4)]
    assert ["left out" in json.dumps(sent) for sent in cut] == [False, True]


@pytest.mark.parametrize("opening", ["[INFO] ", "[ 45%] ", "[12:07:01] ", "[3/60] ", "[    0.000000] ", "{main} "])
def test_a_log_with_brackets_is_no_data(opening: str) -> None:
    log = "\n".join(opening + line for line in LOG.split("\n")[:30])
    assert "left out" in entered("Bash", {"command": "make"}, log, EntryLimits(commands=100, data=9000))


@pytest.mark.parametrize("values", ["[1, -2.5e3,", '[\n "a",', "[[true, null],", '{"a": [', "[null, 1,"])
def test_data_whose_end_is_missing_is_data(values: str) -> None:
    data = values + ", ".join(f'"entry {number * 31}"' for number in range(200))
    assert "left out" not in entered("get", {}, data, EntryLimits(commands=100, data=9000))


RECORDS = "\n".join(json.dumps({"type": "user", "id": number, "text": f"entry {number * 31}"}) for number in range(200))
NUMBERED = "\n".join(f"{number:6}→{line}" for number, line in enumerate(RECORDS.split("\n"), 1))


@pytest.mark.parametrize("records", [RECORDS, NUMBERED, f"{RECORDS}\n\n(200 lines)"])
def test_a_file_of_records_is_data(records: str) -> None:
    limits = EntryLimits(commands=9000, reads=9000, data=100)
    assert "left out" in entered("Read", {"file_path": "session.jsonl"}, records, limits)


def test_a_file_with_json_in_it_is_none() -> None:
    limits = EntryLimits(commands=100, reads=9000, data=100)
    for text in (json.dumps(json.loads(f"[{RECORDS.replace(chr(10), ',')}]"), indent=2), f"CASES = [\n{RECORDS}\n]"):
        assert "left out" not in entered("Read", {"file_path": "cases.json"}, text, limits)


@pytest.mark.parametrize("name", ["Task", "Agent", "task", "spawn_agent", "new_task", "delegate_to_expert"])
def test_what_another_agent_reports_is_cut_as_little_as_a_read(name: str) -> None:
    limits = EntryLimits(commands=100, reads=5000)
    assert "left out" not in entered(name, {"description": "Look at the build"}, LOG, limits)
    assert "left out" in entered("TaskOutput", {"task_id": "b1"}, LOG, limits)


def test_no_preset_cuts_data_before_it_cuts_a_command() -> None:
    for policy in PRESETS.values():
        assert policy.entry is None or policy.entry.data >= policy.entry.commands


@pytest.mark.parametrize("limits", [{"commands": 0}, {"reads": 0}, {"data": 0}, {"names": 1.5}])
def test_limits_that_make_no_sense(limits: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        EntryLimits(**limits)


def test_tools_may_have_limits_of_their_own() -> None:
    limits = EntryLimits(commands=100, tools=(("Bash*", 5000), ("*", 100)))
    assert "left out" not in entered("BashOutput", {"id": "1"}, LOG, limits)
    assert "left out" in entered("Read", {"file_path": "build.log"}, LOG, limits)


def test_limits_of_tools_may_be_a_mapping() -> None:
    pairs = (("Bash*", 5000), ("*", 100))
    limits = EntryLimits(tools=dict(pairs))
    assert limits == EntryLimits(tools=pairs) == EntryLimits(tools=list(pairs))
    assert hash(Policy("mine", entry=limits)) == hash(Policy("mine", entry=EntryLimits(tools=pairs)))
    assert "left out" not in entered("BashOutput", {"id": "1"}, LOG, limits)
