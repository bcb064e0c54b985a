"""Summaries in a session: declared, frozen, recoverable, and valid for the provider."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, Packed, Policy, Session, Summaries

from .. import laws
from ..conversations import CLAUDE, GPT, MARK, MODELS, Step, bodies, examples, log, noted, working
from ..policies import BOTH, REMOVING_ALL, SUMMARISING_AT_ONCE
from ..strategies import conversations, dialects

DIALECTS = pytest.mark.parametrize("dialect", sorted(MODELS))
# Summarises whenever there is anything to take out.
ALWAYS = Policy("always", summaries=Summaries(tokens=200, keep_turns=1, patience=0.0))
PLAIN = Policy("plain", summaries=Summaries(tokens=300, keep_turns=3, patience=0.3))


def summaries(packed: list[Packed]) -> list[str]:
    """Where each summary stands for what, the first time."""
    paths = [entry.path for one in packed for entry in one.report.entries if entry.action == "summarised"]
    return list(dict.fromkeys(paths))


def messages(packed: Packed) -> list[dict[str, Any]]:
    """What was sent."""
    return json.loads(packed.dump())["messages"]


def check_valid(body: dict[str, Any], packed: Packed) -> None:
    """The provider's rules: roles alternate as the caller had them, results follow their calls."""
    sent = messages(packed)
    assert sent[0] == body["messages"][0] or sent[0]["role"] == "user"
    given = {(one["role"], other["role"]) for one, other in pairwise(body["messages"])}
    assert {(one["role"], other["role"]) for one, other in pairwise(sent)} <= given
    open_calls: list[str] = []
    for message in sent:
        parts = message["content"] if isinstance(message["content"], list) else []
        answered = [part["tool_use_id"] for part in parts if part["type"] == "tool_result"]
        answered += [message["tool_call_id"]] if message["role"] == "tool" else []
        for call in answered:
            open_calls.remove(call)
        assert answered or not open_calls
        open_calls += [part["id"] for part in parts if part["type"] == "tool_use"]
        open_calls += [call["id"] for call in message.get("tool_calls", [])]


@DIALECTS
@pytest.mark.parametrize("policy", [ALWAYS, PLAIN, BOTH], ids=lambda policy: policy.name)
def test_is_declared_and_frozen_and_rolls_on(policy: Policy, dialect: str) -> None:
    session, requests = Session(MODELS[dialect], policy), bodies(working(40, size=30), dialect)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    for body, one in zip(requests, packed, strict=True):
        assert one.report.reason == ""
        laws.check_blocks(laws.dumped(body), one)
        laws.check_handles(session, laws.dumped(body), one)
        laws.check_pointers(session, one)
        check_valid(body, one)
    found = summaries(packed)
    assert len(found) >= 3
    assert all(path.startswith("messages[") for path in found)
    assert packed[-1].report.tokens_after < 0.5 * packed[-1].report.tokens_before


@examples()
@given(conversations, dialects)
def test_whatever_the_conversation(made: list[Step], dialect: str) -> None:
    session, requests = Session(MODELS[dialect], ALWAYS), bodies(made, dialect, "Be terse.")
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    for body, one in zip(requests, packed, strict=True):
        data = laws.dumped(body)
        laws.check_blocks(data, one)
        laws.check_handles(session, data, one)
        laws.check_pointers(session, one)
        again = session.pack(data, now=5000.0)
        assert again.dump() == one.dump()
        assert session.pack(one.dump(), now=5001.0).dump() == one.dump()


@examples()
@given(conversations, dialects, st.sets(st.integers(0, 20)))
def test_a_killed_session_goes_on(made: list[Step], dialect: str, restarts: set[int]) -> None:
    requests = [laws.dumped(body) for body in bodies(made, dialect, "Be terse.")]
    store = MemoryOriginals()
    session, other = Session(MODELS[dialect], ALWAYS, store=store), Session(MODELS[dialect], ALWAYS)
    for number, data in enumerate(requests):
        if number in restarts:
            session = Session(MODELS[dialect], ALWAYS, store=store)
        assert session.pack(data, now=float(number)).dump() == other.pack(data, now=float(number)).dump()


@DIALECTS
def test_a_rewind_behind_the_summary_keeps_the_prefix_that_was_sent(dialect: str) -> None:
    session, requests = Session(MODELS[dialect], PLAIN), bodies(working(24, size=30), dialect)
    packed = laws.run(session, requests)
    first = next(at for at, one in enumerate(packed) if summaries([one]))
    again = session.pack(laws.dumped(requests[first - 2]), now=2000.0)
    assert again.dump() == packed[first - 2].dump()
    other = bodies([*working(first - 2), *working(3, seed=50)], dialect)
    laws.check_append_only([again, session.pack(laws.dumped(other[-1]), now=2001.0)])


@DIALECTS
def test_a_fork_behind_the_summary_has_it_too(dialect: str) -> None:
    session, requests = Session(MODELS[dialect], PLAIN), bodies(working(24, size=30), dialect)
    packed = laws.run(session, requests)
    fork = {**requests[-1], "messages": [*requests[-1]["messages"], {"role": "assistant", "content": "Another way."}]}
    one = session.pack(laws.dumped(fork), now=1030.0)
    laws.check_append_only([packed[-1], one])
    assert summaries([one])[-1] == summaries(packed)[-1]


@pytest.mark.parametrize("as_part", [True, False], ids=["part", "end of a text"])
def test_a_note_that_no_later_body_repeats_hides_no_summary(as_part: bool) -> None:
    requests = bodies(working(40, size=30), "anthropic.messages")
    plain = laws.run(Session(CLAUDE, PLAIN), requests)
    packed = laws.run(Session(CLAUDE, PLAIN), noted(requests, as_part))
    assert [one.report.compacted for one in packed] == [one.report.compacted for one in plain]
    assert summaries(packed) == summaries(plain)


def test_what_must_stay_stays() -> None:
    """Pinned tools, marked messages and instructions, between messages that go; and the latest turns whole."""
    made = working(24, size=30)
    made[3] = Step("Look.", False, [("mail_1", "read_mail", {"query": "x"})], [log(20)])
    made[6] = replace(made[6], marked=True)
    policy = replace(PLAIN, pins=("read_*",))
    session, requests = Session(CLAUDE, policy), bodies(made, "anthropic.messages")
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    sent, given = messages(packed[-1]), requests[-1]["messages"]
    assert ",".join(summaries(packed)).count(",") >= 2
    # Each step is an assistant message and one with its result, which is shaped where it may be.
    for stays in (7, 8, 13, *range(len(given) - 6, len(given), 2)):
        assert given[stays] in sent, stays
    marked = [part for message in sent for part in message["content"] if "cache_control" in part]
    assert [part["tool_use_id"] for part in marked] == [given[14]["content"][0]["tool_use_id"]]
    for body, one in zip(requests, packed, strict=True):
        check_valid(body, one)
        laws.check_blocks(laws.dumped(body), one)
        laws.check_handles(session, laws.dumped(body), one)


def test_instructions_in_between_stay() -> None:
    requests = bodies(working(24, size=30), "openai.chat")
    order = {"role": "developer", "content": "From now on, speak French."}
    for body in requests[8:]:
        body["messages"].insert(18, order)
    session = Session(MODELS["openai.chat"], PLAIN)
    packed = laws.run(session, requests)
    assert summaries(packed)
    assert order in messages(packed[-1])
    laws.check_handles(session, laws.dumped(requests[-1]), packed[-1])


def test_signed_thinking_of_the_latest_turn_stays() -> None:
    made = [replace(step, thinking=True) for step in working(16, size=30)]
    requests = bodies(made, "anthropic.messages")
    packed = laws.run(Session(CLAUDE, ALWAYS), requests)
    assert summaries(packed)
    for body, one in zip(requests[1:], packed[1:], strict=True):
        assert messages(one)[-2]["content"][:3] == body["messages"][-2]["content"][:3]


@pytest.mark.parametrize("content", ["Do it.", [{"type": "text", "text": "Do it.", "cache_control": MARK}], []])
def test_the_message_in_front_may_have_any_content(content: object) -> None:
    requests = bodies(working(16, size=30), "anthropic.messages")
    for body in requests:
        body["messages"][0] = {"role": "user", "content": content}
    session = Session(CLAUDE, ALWAYS)
    packed = laws.run(session, requests)
    *own, summary = messages(packed[-1])[0]["content"]
    assert own == ([{"type": "text", "text": content}] if isinstance(content, str) else content)
    assert summary["text"].startswith("[ctxpack:")
    laws.check_append_only(packed)


@pytest.mark.parametrize("opening", [[{"role": "assistant", "content": "Hello."}], []])
def test_no_user_in_front_no_summary(opening: list[dict[str, Any]]) -> None:
    requests = bodies(working(12, size=30), "openai.chat")
    for body in requests:
        body["messages"][:2] = opening or [{"role": "system", "content": "Go."}]
    assert not summaries(laws.run(Session(MODELS["openai.chat"], ALWAYS), requests))


def test_a_conversation_of_packed_bodies() -> None:
    """A client that keeps what was sent as its history: each summary stays where it is."""
    session, history, seen = Session(CLAUDE, PLAIN), [], 0
    for number, body in enumerate(bodies(working(40, size=30), "anthropic.messages")):
        new = body["messages"][-2:] if number else body["messages"]
        given = {**body, "messages": history + new}
        packed = session.pack(laws.dumped(given), now=float(number))
        assert packed.report.reason == ""
        laws.check_blocks(laws.dumped(given), packed)
        seen += packed.report.compacted
        history = messages(packed)
    assert seen >= 2
    assert sum(part["text"].startswith("[ctxpack:") for part in history[0]["content"]) == seen


@DIALECTS
def test_what_was_removed_behind_a_summary_stays_removed(dialect: str) -> None:
    policy = replace(REMOVING_ALL, summaries=Summaries(tokens=200, keep_turns=4, patience=0.3))
    made = [replace(step, said=log(20, turn)) for turn, step in enumerate(working(24, size=30))]
    session, requests = Session(MODELS[dialect], policy), bodies(made, dialect)
    gone: set[str] = set()
    for one in laws.run(session, requests):
        removed = {entry.path for entry in one.report.entries if entry.action in ("removed", "shortened")}
        assert not gone & {entry.path for entry in one.report.entries} - removed
        gone |= removed
    assert one.report.summary
    assert gone


def test_a_budget_is_met_by_summaries_alone() -> None:
    rule = Policy("summaries alone", summaries=Summaries(tokens=500, patience=1e9))
    packed = laws.run(Session(CLAUDE, rule, budget=6000), bodies(working(30), "anthropic.messages"))
    assert max(one.report.tokens_after for one in packed) <= 6000
    assert summaries(packed)


def test_a_summary_that_has_to_give_way_in_the_same_request_keeps_its_handle() -> None:
    said = "I looked at module_{} and found nothing. "
    made = [Step(said.format(turn) * 40, asked="go on" if turn < 3 else "word " * 250) for turn in range(4)]
    requests = [laws.dumped(body) for body in bodies(made, "openai.chat")]
    unlimited = Session(GPT, SUMMARISING_AT_ONCE)
    *_, last = [unlimited.pack(data, now=float(number)) for number, data in enumerate(requests)]
    session = Session(GPT, SUMMARISING_AT_ONCE, budget=last.report.tokens_after - 20)
    *_, last = [session.pack(data, now=float(number)) for number, data in enumerate(requests)]
    assert last.report.compaction is not None
    assert last.report.compaction.cause == "budget"
    assert summaries([last]) == ["messages[2:8]"]
    laws.check_handles(session, requests[-1], last)


@DIALECTS
def test_a_budget_that_compaction_cannot_meet_is_met_by_summaries(dialect: str) -> None:
    """Long statements and arguments, which no compaction takes out."""
    made = [Step(log(30, turn), False, [("call_1", "list", {})], ["ok"]) for turn in range(40)]
    session, requests = Session(MODELS[dialect], "balanced", budget=12_000), bodies(made, dialect)
    packed = laws.run(session, requests)
    assert max(one.report.tokens_before for one in packed) > 25_000
    assert max(one.report.tokens_after for one in packed) <= 12_000
    assert 2 <= sum(one.report.compacted for one in packed) <= 12
    for body, one in zip(requests, packed, strict=True):
        check_valid(body, one)
        laws.check_blocks(laws.dumped(body), one)
        laws.check_handles(session, laws.dumped(body), one)
