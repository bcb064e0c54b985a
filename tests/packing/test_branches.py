"""Histories that part: subagents, rewinds, edits, moving markers; and memory that does not grow with the text."""

import gc
import sys

import pytest
from hypothesis import given

from ctxpack.packing import MemoryOriginals, Session, branches
from ctxpack.packing.branch import Branch

from . import laws
from .conversations import CLAUDE, GPT, MODELS, Step, bodies, examples, log, working
from .policies import COMPACTING
from .strategies import conversations, dialects
from .test_markers import marked, without_markers


@examples()
@given(conversations, conversations, dialects)
def test_interleaved_conversations_do_not_touch_each_other(one: list[Step], other: list[Step], dialect: str) -> None:
    """As if each had a session of its own, as long as no compaction weighs in."""
    shared = Session(MODELS[dialect])
    alone = [Session(MODELS[dialect]) for _ in range(2)]
    main, agent = bodies(one, dialect), bodies(other, dialect, "You are a subagent. " * 400)
    for number in range(max(len(main), len(agent))):
        for requests, session in zip((main, agent), alone, strict=True):
            if number < len(requests):
                data = laws.dumped(requests[number])
                assert shared.pack(data, now=1.0 * number).dump() == session.pack(data, now=1.0 * number).dump()


@pytest.mark.parametrize("policy", ["lossless", "balanced"])
def test_a_rewind_keeps_the_prefix_it_goes_back_to(policy: str) -> None:
    session = Session(CLAUDE, policy)
    packed = laws.run(session, bodies(working(12), "anthropic.messages"))
    other = bodies([*working(6), *working(6, seed=50)], "anthropic.messages")
    again = session.pack(laws.dumped(other[6]), now=2000.0)
    assert again.dump() == packed[6].dump()
    rewound = [session.pack(laws.dumped(body), now=2001.0 + number) for number, body in enumerate(other[7:])]
    laws.check_append_only([again, *rewound])
    laws.check_pointers(session, rewound[-1])


def continued(body: dict, turns: int, branch: int = 0) -> list[dict]:
    """Requests that go on from a body, in words of their own."""
    found = [body]
    for turn in range(turns):
        said = [{"role": "assistant", "content": f"Branch {branch}, {turn}."}, {"role": "user", "content": "go on"}]
        found.append({**body, "messages": [*found[-1]["messages"], *said]})
    return found[1:]


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_a_history_that_parts_has_what_was_sent_where_it_parts(dialect: str) -> None:
    """What a compaction behind that took out is back, whether the session or another one goes on."""
    requests, store = bodies(working(16), dialect), MemoryOriginals()
    session = Session(MODELS[dialect], COMPACTING, store=store)
    packed = laws.run(session, requests)
    for before, body in list(zip(packed, requests, strict=True))[4:-1]:
        sent = laws.message_bytes(before.dump())
        for branch, one in enumerate([session, Session(MODELS[dialect], COMPACTING, store=store)]):
            again = one.pack(laws.dumped(continued(body, 1, branch)[0]), now=1020.0)
            assert again.report.compacted or laws.message_bytes(again.dump())[: len(sent)] == sent
    assert any(one.report.compacted for one in packed[5:])


def test_the_rent_of_a_history_buys_one_compaction_however_many_go_on_from_it() -> None:
    session, requests = Session(CLAUDE, "balanced"), bodies(working(42), "anthropic.messages")
    laws.run(session, requests[:16])
    found = [
        one.report.compacted
        for branch in range(12)
        for one in laws.run(session, continued(requests[15], 3, branch), start=1020.0 + 3 * branch)
    ]
    assert sum(found) <= 1


def test_a_rewritten_history_is_shaped_anew_from_there() -> None:
    session = Session(GPT)
    requests = bodies(working(12), "openai.chat")
    laws.run(session, requests)
    edited = {**requests[-1], "messages": [dict(message) for message in requests[-1]["messages"]]}
    at = next(i for i, message in enumerate(edited["messages"]) if i > 8 and message["role"] == "tool")
    edited["messages"][at]["content"] = "cut by the caller"
    packed = session.pack(laws.dumped(edited), now=2000.0)
    laws.check_blocks(laws.dumped(edited), packed)
    laws.check_all_lines_visible(laws.dumped(edited), packed)
    laws.check_pointers(session, packed)


def test_a_marker_that_moves_breaks_no_prefix_where_packed_bodies_come_back() -> None:
    """Clients mark the newest block of each request, and some send what was sent."""
    session, earlier = Session(CLAUDE), []
    for number, body in enumerate(bodies(working(20), "anthropic.messages")):
        given_body = {**body, "messages": [*earlier, *body["messages"][len(earlier) :]]}
        packed = session.pack(marked(given_body, 1), now=float(number))
        sent = without_markers(packed.body["messages"])
        assert sent[: len(earlier)] == earlier
        earlier = sent


def test_a_pointer_names_the_latest_call_of_a_repeated_id() -> None:
    made = [
        Step("", False, [("call_1", "Read", {"file_path": "a.py"})], ["nothing"]),
        Step("", False, [("call_1", "Bash", {"command": "make"})], [log(30)]),
        Step("", False, [("call_2", "Bash", {"command": "make again"})], [log(30)]),
    ]
    packed = Session(GPT).pack(bodies(made, "openai.chat")[-1], now=0.0)
    assert "lines 1-30: same as above, Bash make]" in packed.body["messages"][-1]["content"]


def test_more_conversations_than_are_kept() -> None:
    session = Session(GPT)
    first = bodies(working(4), "openai.chat", "first " * 1500)
    packed = laws.run(session, first[:-1])
    for number in range(300):
        session.pack({"model": GPT, "messages": [{"role": "user", "content": f"other {number}"}]}, now=5.0)
    again = session.pack(laws.dumped(first[-1]), now=6.0)
    laws.check_append_only([packed[-1], again])
    laws.check_pointers(session, again)


class Elsewhere(MemoryOriginals):
    """A store that is not counted as memory of the session."""

    def __sizeof__(self) -> int:
        return 0


def weight(value: object, seen: set[int]) -> int:
    """Bytes of everything that an object holds."""
    if id(value) in seen or isinstance(value, type | Elsewhere) or callable(value):
        return 0
    seen.add(id(value))
    return sys.getsizeof(value) + sum(weight(item, seen) for item in gc.get_referents(value))


def test_memory_does_not_grow_with_the_text() -> None:
    """The same lines, each twenty times as long: what the branches hold stays the same."""
    sizes = []
    for factor in (1, 20):
        session = Session(GPT, store=Elsewhere())
        for number, body in enumerate(bodies(working(10), "openai.chat")):
            for message in body["messages"]:
                if message["role"] == "tool" and message["content"][:1] not in "[{":
                    message["content"] = "\n".join(
                        line + " padding" * factor * 5 for line in message["content"].split("\n")
                    )
            session.pack(body, now=float(number))
        branches = session._packer._branches
        assert all(isinstance(branch, Branch) for branch in branches)
        sizes.append(weight(branches, set()))
    assert sizes[1] < 1.05 * sizes[0]


def test_one_long_line_costs_no_more_than_a_short_one() -> None:
    session = Session(GPT, store=Elsewhere())
    body = {"model": GPT, "messages": [{"role": "user", "content": "x" * 2_000_000 + "\n" + log(3)}]}
    session.pack(body, now=0.0)
    assert weight(session._packer._branches, set()) < 20_000


def test_histories_are_bounded_by_their_lines_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "_SIZE", 5000)
    session = Session(CLAUDE)
    for number in range(8):
        made = [Step("", False, [("call_1", "Bash", {"command": "make"})], [log(2000, seed=number)])]
        session.pack(laws.dumped(bodies(made, "anthropic.messages")[-1]), now=float(number))
    kept = [branch.size for branch in session._packer._branches]
    assert len(kept) == 2
    assert sum(kept) <= 5000


def test_so_many_prefixes_are_recognised_when_they_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "_SENT", 4)
    session = Session(CLAUDE, "balanced")
    for number, body in enumerate(bodies(working(6, size=30), "anthropic.messages")):
        packed = session.pack(laws.dumped(body), now=float(number))
    kept = session._packer._branches._sent
    assert len(kept) == 4
    assert session.pack(packed.dump(), now=9.0).dump() == packed.dump()
