"""Decisions outlive the session: a restart at any point changes nothing that is sent."""

import json
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import StoreError
from ctxpack.packing import MemoryOriginals, Policy, Session, SQLiteOriginals
from ctxpack.packing.journal import Change, loaded

from . import laws
from .conversations import CLAUDE, MODELS, Step, bodies, noted, working
from .policies import BOTH, BOTH_AT_ONCE, COMPACTING, KEEPING_LITTLE
from .strategies import conversations, dialects

POLICIES = ["lossless", COMPACTING, BOTH]
# For short conversations.
AT_ONCE = ["lossless", KEEPING_LITTLE, BOTH_AT_ONCE]


def sent(requests: list[bytes], model: str, policy: str | Policy, restarts: set[int]) -> list[bytes]:
    """What a session sends that is thrown away, all but its store, in front of some requests."""
    store = MemoryOriginals()
    session, found = Session(model, policy, store=store), []
    for number, data in enumerate(requests):
        if number in restarts:
            session = Session(model, policy, store=store)
        found.append(session.pack(data, now=float(number)).dump())
    return found


@pytest.mark.parametrize("policy", POLICIES, ids=["lossless", "compacting", "both"])
@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_a_session_may_be_killed_at_any_point(policy: str | Policy, dialect: str) -> None:
    requests = [laws.dumped(body) for body in bodies(working(24, size=30), dialect)]
    expected = sent(requests, MODELS[dialect], policy, set())
    assert any(data != packed for data, packed in zip(requests, expected, strict=True))
    for point in range(1, len(requests)):
        assert sent(requests, MODELS[dialect], policy, {point}) == expected
    assert sent(requests, MODELS[dialect], policy, set(range(len(requests)))) == expected


def test_models_that_no_body_names_share_no_decisions() -> None:
    store, requests = MemoryOriginals(), bodies(working(24, size=30), "openai.chat")
    for body in requests:
        del body["model"]

    def packed(model: str, kept: MemoryOriginals) -> list[Any]:
        session = Session(model, BOTH, store=kept)
        return [session.pack(laws.dumped(body), now=float(n)).report.entries for n, body in enumerate(requests)]

    others = packed(CLAUDE, store)
    assert packed("gpt-5.1", store) == packed("gpt-5.1", MemoryOriginals()) != others


def test_forms_that_tokens_chose_outlive_the_session() -> None:
    rows = [{"x": 1, "ok": True, "k": None, "b": None}, {"x": 25, "ok": None, "k": None, "b": True}]
    table = r"{\"columns\":[\"x\",\"ok\",\"k\",\"b\"],\"rows\":[[1,true,null,null],[25,null,null,true]]}"
    asked = Step(calls=[("call_1", "query", {})], results=[json.dumps({"here": rows, "there": rows})])
    requests = [laws.dumped(body) for body in bodies([asked, Step("Done.")], "openai.chat")]
    expected = sent(requests, MODELS["openai.chat"], "lossless", set())
    assert rf"{{\"here\":{table},\"there\":{table}}}".encode() in expected[-1]
    assert sent(requests, MODELS["openai.chat"], "lossless", {2}) == expected


@given(conversations, dialects, st.sets(st.integers(0, 20)), st.sampled_from(AT_ONCE))
def test_whatever_the_conversation(steps: Any, dialect: str, restarts: set[int], policy: str | Policy) -> None:
    requests = [laws.dumped(body) for body in bodies(steps, dialect)]
    assert sent(requests, MODELS[dialect], policy, restarts) == sent(requests, MODELS[dialect], policy, set())


@pytest.mark.parametrize("policy", [COMPACTING, BOTH], ids=["compacting", "both"])
def test_the_laws_hold_over_a_restart(policy: Policy, tmp_path: Any) -> None:
    requests = [laws.dumped(body) for body in bodies(working(24, size=30), "anthropic.messages")]
    packed, sessions = [], []
    for number, data in enumerate(requests):
        with closing(SQLiteOriginals(tmp_path / "store.db")) as store:
            session = Session(CLAUDE, policy, store=store)
            packed.append(session.pack(data, now=float(number)))
            laws.check_blocks(data, packed[-1])
            laws.check_handles(session, data, packed[-1])
            sessions.append(session)
    laws.check_append_only(packed)
    assert any(one.report.compacted for one in packed)


@pytest.mark.parametrize("policy", [COMPACTING, BOTH], ids=["compacting", "both"])
def test_sessions_of_several_processes_take_turns(policy: Policy) -> None:
    requests = [laws.dumped(body) for body in bodies(working(24, size=30), "anthropic.messages")]
    store = MemoryOriginals()
    several = [Session(CLAUDE, policy, store=store) for _ in range(3)]
    found = [several[n % 3].pack(data, now=float(n)).dump() for n, data in enumerate(requests)]
    assert found == sent(requests, CLAUDE, policy, set())


@pytest.mark.parametrize("as_part", [True, False], ids=["part", "end of a text"])
@pytest.mark.parametrize("policy", POLICIES, ids=["lossless", "compacting", "both"])
def test_a_note_that_no_later_body_repeats_hides_nothing(policy: str | Policy, as_part: bool) -> None:
    requests = [laws.dumped(body) for body in noted(bodies(working(24, size=30), "anthropic.messages"), as_part)]
    expected = sent(requests, CLAUDE, policy, set())
    assert sent(requests, CLAUDE, policy, set(range(len(requests)))) == expected


@pytest.mark.parametrize("policy", [COMPACTING, BOTH], ids=["compacting", "both"])
def test_a_packed_body_that_comes_back_after_a_restart_is_left_as_it_is(policy: Policy) -> None:
    requests = [laws.dumped(body) for body in bodies(working(12, size=30), "anthropic.messages")]
    store = MemoryOriginals()
    packed = Session(CLAUDE, policy, store=store).pack(requests[-1], now=0.0)
    assert packed.dump() != requests[-1]
    again = Session(CLAUDE, policy, store=store).pack(packed.dump(), now=1.0)
    assert again.dump() == packed.dump()


def test_another_policy_decides_for_itself() -> None:
    requests = [laws.dumped(body) for body in bodies(working(24, size=30), "anthropic.messages")]
    store = MemoryOriginals()
    for number, data in enumerate(requests):
        Session(CLAUDE, COMPACTING, store=store).pack(data, now=float(number))
    packed = Session(CLAUDE, "lossless", store=store).pack(requests[-1], now=100.0)
    laws.check_all_lines_visible(requests[-1], packed)


class Dropping(MemoryOriginals):
    """Loses every original, and keeps the notes."""

    def put(self, text: str) -> str:
        handle = super().put(text)
        del self._texts[handle]
        return handle


class Writing(MemoryOriginals):
    """Keeps other notes than it is given."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def note(self, key: str, text: str) -> None:
        super().note(key, self.text)


@pytest.mark.parametrize(
    "store",
    [Dropping(), *map(Writing, ("{}", "[1", '{"change": "00", "sent": 1}', "[" * 100_000))],
    ids=["dropped", "no note", "no JSON", "no change", "nested deeply"],
)
def test_what_was_dropped_or_damaged_is_decided_anew(store: MemoryOriginals) -> None:
    requests = [laws.dumped(body) for body in bodies(working(12, size=30), "anthropic.messages")]
    for number, data in enumerate(requests):
        packed = Session(CLAUDE, "lossless", store=store).pack(data, now=float(number))
        assert packed.report.reason == ""
        assert packed.report.tokens_after <= packed.report.tokens_before


def test_a_change_holds_what_is_new_in_it() -> None:
    store = MemoryOriginals()
    session = Session(CLAUDE, store=store)
    laws.run(session, bodies(working(12), "anthropic.messages"))
    [branch] = session._packer._branches
    handle, places = branch.saved, []
    while handle:
        change = loaded(store.get(handle), Change)
        places += [place[:2] for place in change.rewrites]
        handle = change.before
    assert sorted(places) == sorted(branch.rewrites)
    assert len(places) > 3


def test_many_requests_are_read_back_in_few_steps() -> None:
    requests = [laws.dumped(body) for body in bodies(working(150, size=12), "anthropic.messages")]
    expected = sent(requests, CLAUDE, "lossless", set())
    assert sent(requests, CLAUDE, "lossless", {len(requests) - 1}) == expected
    assert all(len(one) < len(other) for one, other in pairwise(expected))


class Full(MemoryOriginals):
    """Has room for so many notes."""

    room = 1000

    def note(self, key: str, text: str) -> None:
        self.room -= 1
        if self.room < 0:
            raise StoreError("the disk is full")
        super().note(key, text)


def test_a_note_that_cannot_be_kept_stops_the_request() -> None:
    requests = [laws.dumped(body) for body in bodies(working(12, size=30), "anthropic.messages")]
    store = Full()
    session = Session(CLAUDE, COMPACTING, store=store)
    found = [session.pack(data, now=float(n)).dump() for n, data in enumerate(requests[:2])]
    store.room = 1
    with pytest.raises(StoreError, match="full"):
        session.pack(requests[2], now=2.0)
    store.room = 1000
    found += [session.pack(data, now=float(n)).dump() for n, data in enumerate(requests[2:], 2)]
    assert found == sent(requests, CLAUDE, COMPACTING, set())


def test_decisions_that_are_damaged_are_made_anew(tmp_path: Any) -> None:
    """Every text and note of the file is damaged between two requests."""
    requests = [laws.dumped(body) for body in bodies(working(8, size=30), "anthropic.messages")]
    for policy in POLICIES:
        path = tmp_path / f"{policy if isinstance(policy, str) else policy.name}.db"
        for number, data in enumerate(requests):
            with closing(SQLiteOriginals(path)) as store:
                packed = Session(CLAUDE, policy, store=store).pack(data, now=float(number))
                assert packed.report.reason == ""
                laws.check_blocks(data, packed)
                store._row("UPDATE texts SET data = x'7a00ff'", ())
