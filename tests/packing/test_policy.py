"""What a policy may ask for: settings of the right types, pins, and a price of one's own."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import partial
from math import inf, nan
from typing import Any

import pytest

from ctxpack.errors import PolicyError
from ctxpack.middleware.sessions import Sessions
from ctxpack.packing import Compaction, EntryLimits, Policy, Session, describe
from ctxpack.packing.policy import Summaries
from ctxpack.prompts import Prompt
from ctxpack.providers import Price, price

from .conversations import CLAUDE, bodies, working
from .policies import COMPACTING


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
