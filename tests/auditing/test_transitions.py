"""Each step from one call to the next: what the cache should have served, and why it did not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ctxpack.auditing import transitions
from ctxpack.auditing.calls import Call
from ctxpack.auditing.counters import Counters
from ctxpack.auditing.transitions import Conversation, Transition
from ctxpack.errors import UnknownModelError
from ctxpack.providers import CacheRules, Usage

LONG = "word " * 6000
MARK = {"cache_control": {"type": "ephemeral"}}


def claude(*texts: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(texts)]
    return {"model": "claude-opus-4-6", "max_tokens": 1, "messages": messages} | MARK | more


def call(body: Any, time: float, usage: Usage, **more: Any) -> Call:
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    model = body["model"] if isinstance(body, dict) else "claude-opus-4-6"
    dialect = "anthropic.messages" if model.startswith("claude") else "openai.chat"
    known = {"segment": 0, "model": model, "dialect": dialect, "rebuilt": False, "simulated": False} | more
    return Call(id=f"c{time}", session="s", time=time, usage=usage, body=data, **known)


def step(*calls: Call) -> Transition:
    conversation = Conversation(Counters())
    found = [conversation.step(one) for one in calls]
    assert found[0] is None
    assert found[-1] is not None
    return found[-1]


START = claude(LONG)
LATER = claude(LONG, "a", "b")
FIRST = call(START, 0, Usage(3, 0, 7000))
HOUR = call(START, 0, Usage(3, 0, 0, 7000))
MISS = Usage(3, 0, 7050)
SO_FAR = claude("so far")
PARTS = [{"type": "text", "text": LONG}, *({"type": "text", "text": str(n)} for n in range(30))]
FAR = claude() | {"messages": [{"role": "user", "content": PARTS}]}

PLANTED = {
    "served": (FIRST, call(LATER, 60, Usage(3, 7000, 50)), None, 7000, 0),
    "served at the last second": (FIRST, call(LATER, 300, Usage(3, 7000, 50)), None, 7000, 0),
    "expired": (FIRST, call(LATER, 301, MISS), "entry expired", 0, 7000),
    "alive within the hour": (HOUR, call(LATER, 3600, Usage(3, 7000, 0, 50)), None, 7000, 0),
    "expired after the hour": (HOUR, call(LATER, 3601, MISS), "entry expired", 0, 7000),
    "long past and served all the same": (
        FIRST,
        call(LATER, 301, Usage(3, 7000, 50)),
        "read more than predicted",
        0,
        0,
    ),
    "another model": (FIRST, call(LATER | {"model": "claude-sonnet-5"}, 60, MISS), "model changed", 0, 7000),
    "another system text": (FIRST, call(LATER | {"system": "new"}, 60, MISS), "prompt changed", 0, 7000),
    "other tools": (
        FIRST,
        call(LATER | {"tools": [{"name": "t"}]}, 60, Usage(3, 0, 7700)),
        "prompt changed",
        0,
        7000,
    ),
    "no marker": (FIRST, call(LATER | {"cache_control": None}, 60, Usage(7053)), "entry out of reach", 0, 7000),
    "30 parts ahead of the entry": (
        call(claude() | {"messages": [{"role": "user", "content": PARTS[:1]}]}, 0, Usage(3, 0, 7000)),
        call(FAR, 60, Usage(3, 0, 7100)),
        "entry out of reach",
        0,
        7000,
    ),
    "compacted by the client": (FIRST, call(SO_FAR, 60, MISS, segment=1, rebuilt=True), "compaction", 7000, 7000),
    "shrunk": (
        call(None, 0, Usage(3, 0, 7000)),
        call(None, 60, Usage(3, 1000, 500)),
        "compaction",
        7000,
        503,
    ),
    "unexplained": (FIRST, call(LATER, 60, MISS), "prompt rewritten outside the log", 7000, 7000),
    "more than it wrote": (FIRST, call(LATER, 60, Usage(3, 7040, 10)), "read more than predicted", 7000, 0),
    "nothing was cached": (call(START, 0, Usage(7003)), call(LATER, 60, Usage(7053)), None, 0, 0),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_planted_steps_of_claude(fault: str) -> None:
    first, second, cause, predicted, lost = PLANTED[fault]
    found = step(first, second)
    assert (found.cause, found.predicted, found.lost) == (cause, predicted, lost)
    assert found.is_miss == (lost > 0)
    assert found.is_exact == (predicted == second.usage.cache_read)
    assert "word" not in json.dumps(found.to_dict())


def chat(*texts: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text} for text in texts]
    return {"model": "gpt-4o", "messages": messages} | more


def test_automatic_prefixes_are_predicted_from_the_bodies() -> None:
    first, later = chat(LONG), chat(LONG, "more")
    read = (3 + 1 + 6000) // 128 * 128
    found = step(call(first, 0, Usage(6010)), call(later, 60, Usage(30, read)))
    assert (found.cause, found.predicted, found.lost) == (None, read, 0)
    # Nothing that had been read before is lost by the first miss, and everything by the next one.
    missed = step(call(first, 0, Usage(6010)), call(later, 60, Usage(6030)))
    assert (missed.cause, missed.predicted, missed.lost, missed.is_finding) == ("best effort", read, 0, False)
    third = call(later, 120, Usage(6030))
    lost = step(call(first, 0, Usage(6010)), call(later, 60, Usage(30, read)), third)
    assert (lost.cause, lost.lost, lost.is_finding) == ("best effort", read, True)


HALF_A_DAY = {"model": "gpt-5.6-sol", "prompt_cache_options": {"ttl": "12h"}}


@pytest.mark.parametrize(
    ("gap", "cause", "predicted"),
    [(43_200, "prompt rewritten outside the log", 6005), (43_201, "entry expired", 0)],
)
def test_a_body_says_how_long_its_entries_live(gap: int, cause: str, predicted: int) -> None:
    first, later = call(chat(LONG) | HALF_A_DAY, 0, Usage(2, 0, 6005)), chat(LONG, "more") | HALF_A_DAY
    missed = step(first, call(later, gap, Usage(6030)))
    assert (missed.cause, missed.predicted, missed.lost) == (cause, predicted, 6005)


def test_the_part_that_expired_is_lost_though_another_lives_longer() -> None:
    system = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    first, later = (claude(*texts, system=system) for texts in ((LONG,), (LONG, "a", "b")))
    calls = call(first, 0, Usage(3, 0, 6000, 6000)), call(later, 60, Usage(3, 12_000, 50))
    found = step(*calls, call(later, 361, Usage(3, 6000, 6050)))
    assert (found.cause, found.lost) == ("entry expired", 6050)
    assert found.predicted == 6000


@pytest.mark.parametrize(("gap", "alive"), [(900, 3000), (3600, 3000), (3601, 0)])
@pytest.mark.parametrize("is_read_between", [False, True])
def test_each_part_lives_as_long_as_it_was_written_to(gap: int, alive: int, is_read_between: bool) -> None:
    system = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    first, later = (claude(*texts, system=system) for texts in ((LONG,), (LONG, "a", "b")))
    for one, other in ((first, later), (None, None)):
        calls = [call(one, 0, Usage(3, 0, 820, 3000))]
        calls += [call(one, 0, Usage(3, 3820))] if is_read_between else []
        found = step(*calls, call(other, gap, Usage(3, alive, 870 + 3000 - alive)))
        assert (found.cause, found.predicted, found.lost) == ("entry expired", alive, 3820 - alive)


def test_the_detail_says_where_prompts_part() -> None:
    later = call(LATER | {"system": "Now: 12:30"}, 60, MISS)
    found = step(call(START | {"system": "Now: 12:29"}, 0, Usage(3, 0, 7000)), later)
    assert (found.cause, found.detail) == ("prompt changed", "volatile text changed: system")


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b'{"model": "claude-opus-4-6", "messages": []}',
        b'{"model": "claude-opus-4-6", "messages": [{"role": "user", "content": []}]}',
        b'{"model": "claude-opus-4-6", "tools": [{"a": 1e999}], "messages": [{"role": "user", "content": "x"}]}',
        b'{"messages": [{"role": "user", "content": "x"}]}',
        None,
    ],
)
def test_a_body_that_cannot_be_read_never_stops_an_audit(body: bytes | None) -> None:
    bad_last, bad_first = call(body, 60, Usage(3, 7000, 50)), call(body, 0, Usage(3, 0, 7000))
    for calls in ((FIRST, bad_last), (bad_first, call(LATER, 60, MISS))):
        found = step(*calls)
        assert (found.gap, found.billed) == (60, calls[-1].usage.cache_read)


NOT_HELD = "the log does not hold the prompts; the cached prefix was not used"
UNEXPLAINED = {  # whatever the dialect: what the model's own rules promise -> what a miss is
    "claude-opus-4-6": ("prompt rewritten outside the log", NOT_HELD),
    "gpt-5.6-sol": ("prompt rewritten outside the log", NOT_HELD),
    "gpt-4o": ("best effort", "the provider promises no hit"),
    "claude-imaginary-1": (None, ""),
}


@pytest.mark.parametrize("surface", ["anthropic.messages", "openai.chat"])
@pytest.mark.parametrize("model", UNEXPLAINED)
def test_a_miss_that_nothing_explains_goes_by_what_the_provider_promises(model: str, surface: str) -> None:
    last, missed = call(None, 0, Usage(3, 7000, 0)), call(None, 60, Usage(7050))
    found = step(*(replace(one, model=model, dialect=surface) for one in (last, missed)))
    assert (found.cause, found.detail) == UNEXPLAINED[model]


def test_a_conversation_weighs_the_last_body_of_each_model() -> None:
    conversation, other = Conversation(Counters()), LATER | {"model": "claude-sonnet-4-5"}
    for time, body in enumerate((START, LATER, other, START, LATER)):
        conversation.step(call(body, time, MISS))
    assert conversation.size == len(json.dumps(LATER)) + len(json.dumps(other))


def test_what_a_log_holds_of_prompts_is_said_of_an_unexplained_miss() -> None:
    assert step(FIRST, call(LATER, 60, MISS)).detail == "the prompt goes on, but its cached prefix was not used"
    assert step(FIRST, call(None, 60, MISS)).detail == NOT_HELD
    assert step(replace(FIRST, body=None), call(LATER, 60, MISS)).detail == NOT_HELD


@pytest.mark.parametrize("billed", [Usage(3, 7000, 50), Usage(3, 0, 7050), Usage(3, 7050)])
def test_of_models_without_rules_nothing_is_predicted(billed: Usage) -> None:
    body = LATER | {"model": "claude-imaginary-1"}
    found = step(call(body, 0, Usage(3, 0, 7000)), call(body, 9000, billed))
    assert (found.cause, found.predicted, found.lost, found.is_exact, found.is_finding) == (None, None, 0, False, False)


def test_rules_of_a_model_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def none(model: str) -> CacheRules:
        asked.append(model)
        raise UnknownModelError(model)

    monkeypatch.setattr(transitions, "cache_rules", none)
    body = LATER | {"model": "claude-imaginary-2"}
    step(*(call(body, time, MISS) for time in range(5)))
    assert asked == ["claude-imaginary-2"]


@pytest.mark.parametrize("model", ["gpt-5.1", "gpt-4.1", "gpt-4o"])
@pytest.mark.parametrize("gap", [400, 900, 1700])
def test_a_provider_that_promises_nothing_may_keep_entries_for_longer(model: str, gap: int) -> None:
    first, later = chat(LONG) | {"model": model}, chat(LONG, "more") | {"model": model}
    found = step(call(first, 0, Usage(6010)), call(later, gap, Usage(30, 5888)))
    assert (found.predicted, found.cause, found.is_finding) == (0, "best effort", False)
    assert found.detail == "the provider served more than it promises"


def test_automatic_prefixes_are_read_up_to_where_a_block_changes() -> None:
    first, later = ([{"role": "system", "content": f"{LONG} Now: {time}"}] for time in ("12:29", "12:30"))
    found = step(
        call(chat() | {"messages": first}, 0, Usage(6010)), call(chat() | {"messages": later}, 5, Usage(30, 5888))
    )
    assert (found.predicted, found.cause, found.is_finding) == (0, "best effort", False)


def test_entries_that_were_only_read_live_as_long_as_they_were_written_to() -> None:
    calls = call(None, 0, Usage(3, 0, 0, 7000)), call(None, 60, Usage(3, 7000)), call(None, 1260, Usage(3, 7000))
    found = step(*calls)
    assert (found.cause, found.predicted) == (None, 7000)
    expired = step(*calls[:2], call(None, 3661, Usage(3, 0, 7000)))
    assert (expired.cause, expired.lost) == ("entry expired", 7000)


def test_no_call_comes_before_the_one_that_it_goes_on_from() -> None:
    body = LATER | {"model": "claude-opus-4-6"}
    early = call(body, 60, Usage(3, 7000, 50))
    late = step(call(START, 100, Usage(3, 0, 7000)), early)
    assert (late.gap, late.time, late.cause) == (0, 60, None)
    assert step(call(START, 100, Usage(3, 0, 7000)), early, call(body, 400, Usage(3, 7050))).gap == 300


BOUNDARIES = {  # as billed -> predicted, cause; the bodies' own count is 6005
    "written and read": (Usage(8, 0, 6000), Usage(30, 6000), 6000, None),
    "a write that is not reported": (Usage(6008), Usage(30, 6000), 6005, "counted prediction"),
    "more than was written": (Usage(8, 0, 6000), Usage(20, 6010), 6000, "read more than predicted"),
}


@pytest.mark.parametrize("case", BOUNDARIES)
def test_what_was_billed_goes_before_what_is_counted(case: str) -> None:
    first, second, predicted, cause = BOUNDARIES[case]
    body, later = ({**chat(*texts), "model": "gpt-5.6-sol"} for texts in ((LONG,), (LONG, "more")))
    found = step(call(body, 0, first), call(later, 60, second))
    assert (found.predicted, found.cause, found.lost) == (predicted, cause, 0)
    assert found.is_finding == (cause == "read more than predicted")
    assert found.exactness == ("estimate" if cause == "counted prediction" else "exact")


@pytest.mark.parametrize("place", [0, 1])
def test_the_usage_of_tools_that_the_provider_runs_is_no_chain(place: int) -> None:
    """Each pass reads what the one before it wrote, and all are billed in one sum."""
    summed = replace(call(LATER, 60, Usage(16, 13_637, 7049)), ran_tools=True)
    calls = [call(LATER, 60, Usage(3, 7000, 50))] * 2
    calls[place] = summed
    found = step(*calls)
    assert (found.predicted, found.cause, found.lost, found.is_finding) == (None, None, 0, False)
    running = LATER | {"tools": [{"type": "code_execution_20260120", "name": "code_execution"}]}
    first, later = call(running, 60, summed.usage), call(running, 70, Usage(4, 14_210, 426))
    assert step(first, later).predicted is None


def test_what_a_model_has_cached_outlives_a_call_to_another() -> None:
    other = call(LATER | {"model": "claude-sonnet-5"}, 60, MISS)
    back = step(FIRST, other, call(LATER, 120, Usage(3, 7000, 50)))
    assert (back.predicted, back.cause, back.lost, back.gap) == (7000, None, 0, 120)
    late = step(FIRST, other, call(LATER, 301, MISS))
    assert (late.predicted, late.cause, late.lost) == (0, "entry expired", 7000)


def test_without_bodies_an_automatic_prefix_is_known_by_what_was_read() -> None:
    bare = {"dialect": "openai.chat", "model": "gpt-5"}
    cold, warm, more, miss = (
        replace(call(chat(LONG), 60.0 * n, usage, **bare), body=None)
        for n, usage in enumerate((Usage(7003), Usage(111, 6912), Usage(120, 7040), Usage(7200)))
    )
    assert step(cold, warm).predicted is step(cold, warm, more).predicted is step(cold, warm, warm).predicted is None
    lost = step(cold, warm, more, miss)
    assert (lost.predicted, lost.lost, lost.cause) == (7040, 7040, "best effort")
