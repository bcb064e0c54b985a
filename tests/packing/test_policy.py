"""What a policy may ask for: limits by kind of result and by tool, pins, and a price of one's own."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import partial
from math import inf, nan
from typing import Any

import pytest

from ctxpack.errors import PolicyError
from ctxpack.middleware.sessions import Sessions
from ctxpack.packing import Compaction, EntryLimits, Policy, Session, describe
from ctxpack.packing.policy import PRESETS, Summaries
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Price, price

from .conversations import CLAUDE, bodies, working
from .policies import COMPACTING

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
def test_limits_that_make_no_sense(limits: dict[str, float]) -> None:
    with pytest.raises(PolicyError):
        EntryLimits(**limits)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("kind", "settings", "named"),
    [
        (EntryLimits, {"commands": 50.5}, "commands is a whole number"),
        (EntryLimits, {"commands": nan}, "commands is a whole number"),
        (EntryLimits, {"reads": True}, "reads is a whole number"),
        (EntryLimits, {"names": "0.1"}, "names is a finite number from 0 to 1"),
        (EntryLimits, {"tools": ("search_*", 50)}, "tools is a mapping"),
        (EntryLimits, {"tools": {"search_*": 0}}, "tools is a mapping"),
        (EntryLimits, {"tools": 5}, "tools is a mapping"),
        (EntryLimits, {"tools": (5,)}, "tools is a mapping"),
        (EntryLimits, {"tools": (["search_*", 50],)}, "tools is a mapping"),
        (Compaction, {"patience": nan}, "patience is a finite number"),
        (Compaction, {"patience": -1}, "patience is a finite number"),
        (Compaction, {"keep_turns": 1.5}, "keep_turns is a whole number"),
        (Compaction, {"argument_limit": -1}, "argument_limit is a whole number"),
        (Summaries, {"tokens": 99}, "tokens is a whole number of at least 100"),
        (Summaries, {"keep_turns": 0}, "keep_turns is a whole number of at least 1"),
        (Summaries, {"patience": inf}, "patience is a finite number"),
        (Policy, {"name": 5}, "name is a text"),
        (Policy, {"name": "m", "pins": (1,)}, "pins is a tuple"),
        (Policy, {"name": "m", "pins": 1}, "pins is a tuple"),
        (Policy, {"name": "m", "entry": True}, r"entry is EntryLimits\(...\) or None"),
        (Policy, {"name": "m", "entry": {"commands": 10}}, r"entry is EntryLimits\(...\)"),
        (Policy, {"name": "m", "compaction": True}, r"compaction is Compaction\(...\)"),
        (Policy, {"name": "m", "summaries": 5}, r"summaries is Summaries\(...\)"),
        (Policy, {"name": "m", "minimum_run": 1.5}, "minimum_run is a whole number"),
        (Policy, {"name": "m", "horizon": "10"}, "horizon is a whole number"),
    ],
)
def test_a_setting_of_a_wrong_type_says_the_right_one(kind: type, settings: dict[str, object], named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        kind(**settings)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"summarizer": 5}, "summarizer is a function"),
        ({"budget": True}, "budget is a positive number"),
        ({"budget": 1.5}, "budget is a positive number"),
        ({"summarizer_timeout": inf}, "time-out is a positive number"),
        ({"summarizer_timeout": "60"}, "time-out is a positive number"),
        ({"price": 5}, r"price is a Price\(input=..., output=...\), not int"),
        ({"price": Price(input=-1.0, output=5.0)}, "input is a finite number that is not negative"),
        ({"price": Price(input=1.0, output=5.0, cache_read=nan)}, "cache_read is a finite number"),
    ],
)
def test_a_session_takes_no_setting_of_a_wrong_type(settings: dict[str, Any], named: str) -> None:
    for kind in (partial(Session, CLAUDE), Sessions):
        with pytest.raises(PolicyError, match=named):
            kind("tight", **settings)


def test_pinned_tools_are_never_touched() -> None:
    requests = bodies(working(24, size=30), "anthropic.messages")
    names = {block.name for body in requests for block in Prompt.parse(body).blocks if block.kind == "tool_use"}
    assert len(names) > 1
    for pin in names:
        policy = replace(COMPACTING, pins=(pin,))
        session, pinned, others = Session(CLAUDE, policy), 0, 0
        for number, body in enumerate(requests):
            before, after = Prompt.parse(body), Prompt.parse(session.pack(body, now=float(number)).body)
            calls: dict[str, str] = {}
            for old, new in zip(before.blocks, after.blocks, strict=True):
                calls |= {old.call_id: old.name} if old.kind == "tool_use" else {}
                if old.call_id and calls.get(old.call_id) == pin:
                    pinned += 1
                    assert new.raw == old.raw
                else:
                    others += new.raw != old.raw
        assert pinned
        assert others


def test_a_pin_is_no_bare_name() -> None:
    with pytest.raises(PolicyError, match="tuple"):
        Policy("mine", pins="Read")  # type: ignore[arg-type]


def test_a_price_of_ones_own() -> None:
    body = {"model": CLAUDE, "max_tokens": 1, "system": "s", "messages": [{"role": "user", "content": "hi there"}]}
    listed = price(CLAUDE)
    dear = replace(listed, input=10 * listed.input)
    bills = [Session(CLAUDE, price=given).pack(body, now=0.0).report.expected_after for given in (None, listed, dear)]
    assert bills[0] == bills[1] > 0
    assert bills[2] == pytest.approx(10 * bills[0])


def others(value: object) -> Iterator[object]:
    """What a setting may be changed to: in one of its parts, or in itself."""
    if is_dataclass(value):
        for part in fields(value):
            for other in others(getattr(value, part.name)):
                yield replace(value, **{part.name: other})  # type: ignore[type-var]
    elif isinstance(value, tuple):
        for at, part in enumerate(value):
            for other in others(part):
                yield (*value[:at], other, *value[at + 1 :])
    elif isinstance(value, str):
        yield f"other_{value}"
    else:
        assert isinstance(value, int | float)
        yield value + (71 if isinstance(value, int) else 0.5)


def test_each_rule_of_a_policy_is_described_with_its_numbers() -> None:
    """Whatever a setting is changed to, the description shows it."""
    whole = Policy(
        "whole",
        entry=EntryLimits(tools=(("mail_*", 777),)),
        compaction=Compaction(),
        summaries=Summaries(),
        pins=("read_*",),
        horizon=40,
    )
    changes = [other for other in others(whole) if other.name == whole.name]  # type: ignore[attr-defined]
    optional = [field.name for field in fields(Policy) if field.default is None]
    for changed in [*changes, *(replace(whole, **{name: None}) for name in optional)]:
        assert describe(changed) != describe(whole), changed
    assert all(effect.does and effect.may_lose for effect in describe(whole))
    with pytest.raises(PolicyError):
        describe("unheard-of")
