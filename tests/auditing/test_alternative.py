"""The packed alternative: never dearer, never in two currencies, and nothing silently left out."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack.auditing import Alternative, Replay
from ctxpack.auditing.alternative import Rerun
from ctxpack.auditing.calls import Call
from ctxpack.auditing.counters import Counters
from ctxpack.auditing.transitions import Conversation
from ctxpack.errors import PolicyError
from ctxpack.packing import EntryLimits, Policy
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import Usage, bill, cache_rules, price

SYSTEM = "Rules. " * 5000
ROWS = json.dumps([{"id": n, "name": f"item {n}", "price": n / 2} for n in range(80)], indent=2)
LONG_ROWS = json.dumps([{"id": n, "name": f"item {n}"} for n in range(400)], indent=2)
FILE = "\n".join(f"{n:>6}\tdef function_{n}(value): return value * {n}" for n in range(120))


def claude(*contents: Any) -> dict[str, Any]:
    messages = [{"role": "user" if n % 2 == 0 else "assistant", "content": one} for n, one in enumerate(contents)]
    marker = {"cache_control": {"type": "ephemeral"}}
    return {"model": "claude-opus-4-6", "max_tokens": 1, "system": SYSTEM, "messages": messages} | marker


def call(body: Any, time: float, **more: Any) -> Call:
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    model = more.get("model", body["model"] if isinstance(body, dict) else "claude-opus-4-6")
    dialect = "openai.chat" if model.startswith(("gpt", "doubao")) else "anthropic.messages"
    known = {"session": "s", "segment": 0, "dialect": dialect, "rebuilt": False, "simulated": False} | more
    return Call(id=f"c{time}", time=time, usage=Usage(5000, 0, 100), body=data, **{"model": model} | known)


def reruns(policies: list[str | Policy], *calls: Call) -> tuple[Alternative, ...]:
    found, conversation = Rerun(policies, Counters()), Conversation(Counters())
    for one in calls:
        conversation.step(one)
        try:
            known = price(one.model)
        except LookupError:
            known = None
        found.add(one, conversation.prompt, known)
    return found.result()


def rerun(policy: str | Policy, *calls: Call) -> Alternative:
    (found,) = reruns([policy], *calls)
    return found


def conversation(results: list[str], turns: int) -> list[dict[str, Any]]:
    contents: list[Any] = ["go"]
    bodies = []
    for turn in range(turns):
        bodies.append(claude(*contents))
        use = {"type": "tool_use", "id": f"t{turn}", "name": "read", "input": {"path": f"f{turn}"}}
        result = {"type": "tool_result", "tool_use_id": f"t{turn}", "content": results[turn % len(results)]}
        contents += [[use], [result]]
    return [*bodies, claude(*contents)]


@settings(max_examples=12)
@given(
    st.lists(st.sampled_from([ROWS, FILE, "ok", "error: no such file\n" * 50]), min_size=1, max_size=3),
    st.integers(1, 4),
    st.sampled_from([10.0, 200.0, 400.0]),
    st.sampled_from(["lossless", "balanced"]),
    st.booleans(),
)
def test_packing_is_never_dearer(results: list[str], turns: int, gap: float, policy: str, rebuilt: bool) -> None:
    bodies = conversation(results, turns)
    found = rerun(policy, *(call(body, n * gap, rebuilt=rebuilt) for n, body in enumerate(bodies)))
    assert (found.calls, found.left_out) == (len(bodies), 0)
    assert found.tokens_after <= found.tokens_before
    assert found.expected_after <= found.expected_before
    assert found.change == pytest.approx(found.expected_after / found.expected_before - 1)


def test_the_side_without_packing_is_the_providers_rule_by_hand() -> None:
    bodies = conversation(["ok"], 1)
    ends = [fingerprint(Prompt.parse(json.dumps(body))) for body in bodies]
    found = rerun("lossless", *(call(body, n * 10.0) for n, body in enumerate(bodies)))
    held = ends[0].positions[-1].tokens
    end = ends[1].positions[-1].tokens
    usages = [Usage(ends[0].tokens - held, 0, held), Usage(ends[1].tokens - end, held, end - held)]
    expected = sum(bill(usage, price("claude-opus-4-6")).input for usage in usages)
    assert found.expected_before == pytest.approx(expected)
    assert found.tokens_before == sum(one.tokens for one in ends)


def test_replay_reads_what_is_still_the_same() -> None:
    replay = Replay(ttl=300)
    first, second = (fingerprint(Prompt.parse(body)) for body in (claude("a"), claude("a", "b", "c")))
    other = fingerprint(Prompt.parse(claude("z", "b", "c")))
    end = [one.positions[-1].tokens for one in (first, second, other)]
    tail = first.tokens - end[0]
    assert replay.send(first, 0, 1000) == Usage(0, 0, 1000 + end[0] + tail)
    assert replay.send(second, 300, 1000) == Usage(0, 1000 + end[0], end[1] - end[0] + tail)
    assert replay.send(second, 601, 1000) == Usage(0, 0, 1000 + end[1] + tail), "expired"
    system = first.positions[0].tokens
    assert replay.send(other, 700, 1000) == Usage(0, 1000 + system, end[2] - system + tail)
    long = Replay(is_long=True)
    assert long.send(first, 0) == Usage(cache_write_long=first.tokens)


@pytest.mark.parametrize("rebuilt", [False, True])
@pytest.mark.parametrize(("policy", "result"), [("lossless", "ok"), ("balanced", ROWS)])
def test_each_model_has_a_cache_and_a_session_of_its_own(policy: str, result: str, rebuilt: bool) -> None:
    bodies = [body | {"system": "Rules. " * 1000} for body in conversation([result], 4)]
    models = ["claude-opus-4-6", "claude-sonnet-4-6"]
    calls = [
        call(body | {"model": models[n % 2]}, n * 10.0, rebuilt=rebuilt, segment=n // 4)
        for n, body in enumerate(bodies)
    ]
    found = rerun(policy, *calls)
    alone = [rerun(policy, *calls[n::2]) for n in range(2)]
    assert found.calls == 5
    for name in ("tokens_before", "tokens_after", "expected_before", "expected_after"):
        assert getattr(found, name) == pytest.approx(sum(getattr(one, name) for one in alone)), name


NO_BLOCK = claude([]) | {"system": []}
LEFT_OUT = {
    "no body": call(None, 5),
    "no JSON": call(b"{", 5),
    "no messages": call(claude(), 5),
    "a number that is none": call(json.dumps(claude("x") | {"tools": [{"a": 77}]}).replace("77", "1e999").encode(), 5),
}


@pytest.mark.parametrize("fault", LEFT_OUT)
def test_what_cannot_be_replayed_is_counted(fault: str) -> None:
    found = rerun("balanced", call(claude("a"), 0), LEFT_OUT[fault], call(claude("a", "b", "c"), 9))
    assert (found.calls + found.left_out, found.currency) == (3, "USD")
    if fault != "a number that is none":
        assert found.left_out == 1
    assert found.calls >= 2
    assert found.expected_before > 0


def test_every_currency_has_its_sums() -> None:
    dollars, yuan = (
        call(claude("a"), 0, session="t"),
        {"model": "doubao-seed-2.1-pro", "messages": claude("x")["messages"]},
    )
    unknown = claude("x") | {"model": "claude-imaginary-1"}
    found = reruns(["lossless"], call(yuan, 5), dollars, call(yuan, 6), call(unknown, 7))
    assert [(one.currency, one.calls, one.left_out) for one in found] == [("CNY", 2, 0), ("USD", 1, 0), ("", 0, 1)]
    alone = (rerun("lossless", call(yuan, 5), call(yuan, 6)), rerun("lossless", dollars))
    assert found[:2] == alone


def test_what_the_log_does_not_hold_is_on_both_sides_call_by_call() -> None:
    bodies = [json.dumps(body | {"system": []}) for body in conversation([LONG_ROWS], 2)]
    counted = [fingerprint(Prompt.parse(body)).tokens for body in bodies]
    calls = [
        replace(call(body.encode(), n * 10.0, rebuilt=True), usage=Usage(tokens + 1000 * (n + 1)))
        for n, (body, tokens) in enumerate(zip(bodies, counted, strict=True))
    ]
    found, lone = rerun("balanced", *calls), rerun("balanced", *(replace(one, usage=Usage()) for one in calls))
    assert found.tokens_before == sum(one.usage.input for one in calls), "as billed"
    assert found.tokens_before - found.tokens_after == lone.tokens_before - lone.tokens_after > 0
    saved = found.expected_before - found.expected_after
    assert saved == pytest.approx(lone.expected_before - lone.expected_after)


@pytest.mark.parametrize("unlogged", [(500, 700), (700, 500)])
def test_what_the_log_does_not_hold_is_read_as_far_as_it_was_sent_before(unlogged: tuple[int, int]) -> None:
    replay, prompt = Replay(), fingerprint(Prompt.parse(claude("a")))
    replay.send(prompt, 0, unlogged[0])
    again, end = replay.send(prompt, 1, unlogged[1]), prompt.positions[-1].tokens
    assert again == Usage(0, 500 + end, prompt.tokens - end + unlogged[1] - 500)


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_body_without_a_block_is_replayed(rebuilt: bool) -> None:
    found = rerun("lossless", call(NO_BLOCK, 0, rebuilt=rebuilt), call(claude("a"), 1, rebuilt=rebuilt))
    assert (found.calls, found.left_out) == (2, 0)


def test_nothing_replayed_is_no_change() -> None:
    found = rerun("lossless", LEFT_OUT["no body"])
    assert (found.calls, found.left_out, found.change, found.currency) == (0, 1, 0.0, "USD")
    assert found.to_dict()["exactness"] == "estimate"


def test_a_policy_of_ones_own_is_sent_with() -> None:
    bodies = conversation([LONG_ROWS], 2)
    calls = [call(body, n * 10.0) for n, body in enumerate(bodies)]
    mine = rerun(Policy("mine", entry=EntryLimits(reads=50)), *calls)
    assert (mine.policy, mine.calls, mine.left_out) == ("mine", 3, 0)
    assert mine.tokens_after < rerun("lossless", *calls).tokens_after


def test_a_policy_that_does_not_exist_is_an_error_and_no_empty_report() -> None:
    with pytest.raises(PolicyError, match="brutal"):
        Rerun(["lossless", "brutal"], Counters())


def test_policies_side_by_side_change_nothing_of_each_other() -> None:
    calls = [call(body, n * 20.0) for n, body in enumerate(conversation([ROWS, LONG_ROWS], 3))]
    both = reruns(["lossless", "balanced"], *calls)
    assert both == (rerun("lossless", *calls), rerun("balanced", *calls))
    assert [found.policy for found in both] == ["lossless", "balanced"]


def test_the_long_lifetime_is_taken_from_the_first_call() -> None:
    ttl = cache_rules("claude-opus-4-6").ttl_long
    assert ttl == 3600
    calls = [call(body, n * 2000.0, rebuilt=True) for n, body in enumerate(conversation(["ok"], 2))]
    short = rerun("lossless", *calls)
    long = rerun("lossless", *(replace(one, usage=Usage(5, 0, 0, 9)) for one in calls))
    assert long.expected_before < short.expected_before
