"""The laws over made-up conversations, for both presets and both dialects."""

import copy
import json
from dataclasses import replace

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxpack.packing import Packed, Policy, Session

from . import laws
from .conversations import MODELS, SHORT, Step, bodies, examples, numbered, working
from .policies import KEEPING_LITTLE, SUMMARISING_AT_ONCE
from .strategies import conversations, dialects

PRESETS = ["lossless", "balanced", "tight"]
POLICIES = pytest.mark.parametrize(
    "policy", [*PRESETS, KEEPING_LITTLE, SUMMARISING_AT_ONCE], ids=lambda policy: getattr(policy, "name", policy)
)


@POLICIES
@examples()
@given(conversations, dialects)
def test_sent_requests_keep_the_laws(policy: str | Policy, made: list[Step], dialect: str) -> None:
    session, requests = Session(MODELS[dialect], policy), bodies(made, dialect)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    for body, one in zip(requests, packed, strict=True):
        assert one.report.reason == ""
        laws.check_blocks(laws.dumped(body), one)
        laws.check_pairs(laws.dumped(body), one)
        laws.check_handles(session, laws.dumped(body), one)
        laws.check_pointers(session, one)
        if policy == "lossless":
            assert not one.report.compacted
            laws.check_all_lines_visible(laws.dumped(body), one)


@POLICIES
@examples(10)
@given(st.lists(st.booleans(), min_size=12, max_size=12), dialects)
def test_results_that_come_late_stay_with_their_calls(policy: str | Policy, late: list[bool], dialect: str) -> None:
    steps = [
        replace(step, late=is_late, asked="go on") for step, is_late in zip(working(12, size=20), late, strict=True)
    ]
    session, requests = Session(MODELS[dialect], policy), bodies(steps, dialect)
    for body, one in zip(requests, laws.run(session, requests), strict=True):
        laws.check_blocks(laws.dumped(body), one)
        laws.check_pairs(laws.dumped(body), one)


@examples()
@given(conversations, dialects)
def test_lossless_never_costs_more(made: list[Step], dialect: str) -> None:
    requests = bodies(made, dialect)
    packed = laws.run(Session(MODELS[dialect], "lossless"), requests)
    plain = laws.bill([laws.dumped(body) for body in requests], MODELS[dialect], dialect)
    assert laws.bill([one.dump() for one in packed], MODELS[dialect], dialect) <= plain
    if dialect == "anthropic.messages":  # OpenAI's classes change in steps of 128 tokens
        assert all(one.report.expected_after <= one.report.expected_before * (1 + 1e-9) for one in packed)


@examples(20)
@given(conversations, dialects)
def test_prompts_around_the_cache_minimum_keep_the_laws(made: list[Step], dialect: str) -> None:
    session, requests = Session(MODELS[dialect]), bodies(made, dialect, SHORT)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    for body, one in zip(requests, packed, strict=True):
        laws.check_blocks(laws.dumped(body), one)
        laws.check_all_lines_visible(laws.dumped(body), one)
        laws.check_pointers(session, one)


@POLICIES
@examples()
@given(conversations, dialects)
def test_a_retry_and_the_packed_body_itself_give_the_same_bytes(
    policy: str | Policy, made: list[Step], dialect: str
) -> None:
    session = Session(MODELS[dialect], policy)
    for number, body in enumerate(bodies(made, dialect)):
        packed = session.pack(laws.dumped(body), now=float(number))
        for again in (laws.dumped(body), packed.dump()):
            repeated = session.pack(again, now=number + 0.5)
            assert repeated.dump() == packed.dump()
            assert not repeated.report.compacted


@POLICIES
@examples()
@given(conversations, dialects)
def test_a_fresh_session_leaves_packed_bodies_alone(policy: str | Policy, made: list[Step], dialect: str) -> None:
    packed = laws.run(Session(MODELS[dialect], policy), bodies(made, dialect))[-1]
    again = Session(MODELS[dialect], policy).pack(packed.dump(), now=2000.0)
    assert again.dump() == packed.dump() or again.report.compacted


@POLICIES
@examples()
@given(conversations, dialects)
def test_packed_output_as_history_keeps_the_prefix(policy: str | Policy, made: list[Step], dialect: str) -> None:
    session, requests, packed = Session(MODELS[dialect], policy), bodies(made, dialect), []
    history: list[dict] = []
    for number, body in enumerate(requests):
        body = {**body, "messages": history + body["messages"][len(history) :]}
        packed.append(session.pack(body, now=float(number)))
        laws.check_blocks(msgspec.json.encode(body), packed[-1])
        history = packed[-1].body["messages"]
    laws.check_append_only(packed)


@examples()
@given(conversations, dialects)
def test_two_sessions_decide_alike(made: list[Step], dialect: str) -> None:
    requests = bodies(made, dialect)
    runs = [laws.run(Session(MODELS[dialect], "balanced"), requests) for _ in range(2)]
    assert [one.dump() for one in runs[0]] == [one.dump() for one in runs[1]]
    assert [one.report for one in runs[0]] == [one.report for one in runs[1]]


@examples(15)
@given(conversations, dialects)
def test_the_input_is_not_touched(made: list[Step], dialect: str) -> None:
    body = bodies(made, dialect)[-1]
    before = copy.deepcopy(body)
    packed = Session(MODELS[dialect], KEEPING_LITTLE).pack(body, now=0.0)
    assert body == before
    assert json.loads(packed.dump()) == packed.body


@examples()
@given(conversations, dialects)
@example(
    [Step("", False, [("call_1", "search", {})], [json.dumps([{"a": n} for n in range(200)], indent=4)])], "openai.chat"
)
def test_the_cache_minimum_is_kept_where_dropping_below_it_costs_more(made: list[Step], dialect: str) -> None:
    check_minimum(laws.run(Session(MODELS[dialect], "lossless"), bodies(made, dialect, SHORT)), dialect)


def check_minimum(packed: list[Packed], dialect: str) -> None:
    """What was decided while the prompt was too short to be cached stays, as all that was sent does.

    Where only markers are cached and none is set, it is cached by even odds: then half of the gain of reading counts.
    """
    share = 0.55 if dialect == "anthropic.messages" else 0.1
    decided: set[str] = set()
    for one in packed:
        before, after = one.report.tokens_before, one.report.tokens_after
        entries = {entry.path for entry in one.report.entries}
        assert not after < 1024 <= before or after <= share * before or entries <= decided
        decided |= entries


def test_what_was_decided_below_the_cache_minimum_stays_and_no_more_is() -> None:
    file = numbered([f"def function_{line}(value, *, limit={line}):  # part {line * 7 % 12}" for line in range(16)])
    reads = [("call_1", "Read", {"file_path": "a.py"}), ("call_2", "Read", {"file_path": "a.py"})]
    made = [Step("", False, reads, [file, file]), *[Step("word " * 60, False, reads[:1], [file])] * 3]
    packed = laws.run(Session(MODELS["openai.chat"], "lossless"), bodies(made, "openai.chat", SHORT))
    laws.check_append_only(packed)
    check_minimum(packed, "openai.chat")
    assert any(one.report.tokens_after < 1024 <= one.report.tokens_before for one in packed)


def test_lines_that_differ_in_indentation_are_not_the_same() -> None:
    code = [f"value_{line} = compute({line})" for line in range(30)]
    texts = ["\n".join(code), "\n".join("    " + line for line in code), "\n".join(line + " " for line in code)]
    made = [Step("", False, [("call_1", "Read", {"file_path": "a.py"})], [text]) for text in texts]
    packed = Session(MODELS["openai.chat"]).pack(bodies(made, "openai.chat")[-1], now=0.0)
    assert packed.report.entries == ()


@pytest.mark.parametrize("dialect", sorted(MODELS))
@pytest.mark.parametrize("policy", PRESETS)
def test_a_long_session_keeps_the_laws(policy: str, dialect: str) -> None:
    session, requests = Session(MODELS[dialect], policy), bodies(working(40), dialect)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    pointers = 0
    for body, one in zip(requests, packed, strict=True):
        laws.check_blocks(laws.dumped(body), one)
        pointers = max(pointers, laws.check_pointers(session, one))
    laws.check_handles(session, laws.dumped(requests[-1]), packed[-1])
    assert pointers
    plain = laws.bill([laws.dumped(body) for body in requests], MODELS[dialect], dialect, 6000)
    assert laws.bill([one.dump() for one in packed], MODELS[dialect], dialect, 6000) < 0.8 * plain
