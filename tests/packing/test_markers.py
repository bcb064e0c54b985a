"""Cache markers stay where the caller put them, and change nothing else: a marked result is shaped like any other.

A marker is no part of what a cache compares, and clients move theirs to the newest block in each request. So the text
of a block is decided when it first enters, marked or not, and stays.
"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import Packed, Policy, Session
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Prompt

from . import laws
from .conversations import CLAUDE, MARK, SHORT, SYSTEM, Step, bodies, examples, log, working
from .policies import KEEPING_LITTLE
from .strategies import conversations

LONG = {**MARK, "ttl": "1h"}
ROWS = json.dumps([{"id": row, "name": f"order {row}", "price": row + 0.5} for row in range(40)], indent=2)


def marked(body: dict, latest: int, marker: dict = MARK) -> dict:
    """A body with a marker on the last block of each of its latest messages, as clients put them."""
    messages = body["messages"]
    return {**body, "messages": [*messages[:-latest], *(_marked(message, marker) for message in messages[-latest:])]}


def _marked(message: dict, marker: dict) -> dict:
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return {**message, "content": [*parts[:-1], {**parts[-1], "cache_control": marker}]}


def without_markers(value: Any) -> Any:
    """A value without markers, and with a text that stands alone as a string, in one spelling."""
    if isinstance(value, list):
        return [without_markers(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: without_markers(item) for name, item in value.items() if name != "cache_control"}
    if "role" in kept and isinstance(kept["content"], str):
        kept["content"] = [{"type": "text", "text": kept["content"]}]
    return kept


@pytest.mark.parametrize(
    ("policy", "marker"),
    [("lossless", MARK), ("lossless", LONG), ("balanced", MARK), (KEEPING_LITTLE, MARK)],
    ids=["lossless", "lossless, 1h", "balanced", "little"],
)
@examples()
@given(made=conversations, latest=st.sampled_from([1, 2, 3]))
def test_markers_change_nothing_but_themselves(
    policy: str | Policy, marker: dict[str, Any], made: list[Step], latest: int
) -> None:
    """A compaction waits longer where writing costs more, so that there only markers of the default lifetime do."""
    plain, session = Session(CLAUDE, policy), Session(CLAUDE, policy)
    for number, body in enumerate(bodies(made, "anthropic.messages")):
        data = laws.dumped(marked(body, latest, marker))
        packed = session.pack(data, now=float(number))
        laws.check_blocks(data, packed)
        expected = plain.pack(laws.dumped(body), now=float(number))
        assert without_markers(json.loads(packed.dump())) == without_markers(json.loads(expected.dump()))
        assert packed.report.compacted == expected.report.compacted


def ends(packed: Packed) -> list[int]:
    """Tokens up to each marker of a packed body."""
    printed = fingerprint(Prompt.parse(packed.dump()))
    return [printed.positions[mark.block].tokens for mark in printed.breakpoints]


@pytest.mark.parametrize("system", [SYSTEM, SHORT], ids=["long", "short"])
@examples()
@given(made=conversations)
def test_what_a_marker_wrote_is_read_by_the_next_request(system: str, made: list[Step]) -> None:
    session, written = Session(CLAUDE), 0
    for number, body in enumerate(bodies(made, "anthropic.messages", system)):
        packed = session.pack(marked(body, 1), now=float(number))
        assert packed.forecast.usage.cache_read == written
        assert packed.report.expected_after <= packed.report.expected_before * (1 + 1e-9)
        written = max((end for end in ends(packed) if end >= 1024), default=0)


@pytest.mark.parametrize("system", [SYSTEM, SHORT], ids=["long", "short"])
@examples()
@given(made=conversations, places=st.lists(st.integers(1, 3), min_size=8, max_size=8))
def test_lossless_never_costs_more_wherever_markers_stand(system: str, made: list[Step], places: list[int]) -> None:
    session, plain, after = Session(CLAUDE), 0.0, 0.0
    for number, body in enumerate(bodies(made, "anthropic.messages", system)):
        packed = session.pack(marked(body, places[number]), now=float(number))
        plain, after = plain + packed.report.expected_before, after + packed.report.expected_after
        assert after <= plain * (1 + 1e-9)


def test_a_client_that_marks_its_newest_result_gains_as_much() -> None:
    requests = bodies(working(20), "anthropic.messages")
    plain, session = Session(CLAUDE), Session(CLAUDE)
    for number, body in enumerate(requests):
        expected = plain.pack(body, now=float(number)).report
        packed = session.pack(marked(body, 1), now=float(number)).report
        assert (packed.tokens_before, packed.tokens_after) == (expected.tokens_before, expected.tokens_after)
    assert packed.tokens_after < 0.8 * packed.tokens_before


def told(result: object, system: str = SYSTEM, **more: object) -> dict:
    """A body that ends in one result."""
    body = bodies([], "anthropic.messages", system)[0]
    call = {"type": "tool_use", "id": "a", "name": "query", "input": {"sql": "select"}}
    answer = {"type": "tool_result", "tool_use_id": "a", "content": result, **more}
    messages = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [answer]}]
    return {**body, "messages": [*body["messages"], *messages]}


@pytest.mark.parametrize("fixing", [{"signature": "c2ln"}, {"citations": {"enabled": True}}], ids=["signed", "cited"])
@pytest.mark.parametrize("nested", [False, True])
def test_signed_and_cited_results_are_left_alone_marked_or_not(fixing: dict[str, Any], nested: bool) -> None:
    part = {"type": "text", "text": ROWS}
    free, fixed = told([part]), told([{**part, **fixing}]) if nested else told([part], **fixing)
    for body in (fixed, marked(fixed, 1)):
        assert Session(CLAUDE, KEEPING_LITTLE).pack(body, now=0.0).body == body
    for body in (free, marked(free, 1)):
        assert Session(CLAUDE, KEEPING_LITTLE).pack(body, now=0.0).body != body


CALLED = {"caller": {"type": "code_execution_20250825", "tool_id": "srvtoolu_1"}}


@pytest.mark.parametrize("caller", [{}, {"caller": {"type": "direct"}}, {"caller": None}, {"caller": {"type": "new"}}])
def test_what_a_program_calls_and_reads_is_left_alone(caller: dict[str, Any]) -> None:
    body, programs = told(ROWS), told(ROWS)
    body["messages"][1]["content"][0] |= caller
    programs["messages"][1]["content"][0] |= CALLED
    assert Session(CLAUDE, KEEPING_LITTLE).pack(body, now=0.0).body != body
    assert Session(CLAUDE, KEEPING_LITTLE).pack(programs, now=0.0).body == programs


def test_no_pointer_leads_to_what_a_program_reads() -> None:
    body, again = told(log(40)), told(log(40))["messages"][1:]
    assert "same as above" in str(Session(CLAUDE).pack({**body, "messages": [*body["messages"], *again]}, now=0.0).body)
    body["messages"][1]["content"][0] |= CALLED
    both = {**body, "messages": [*body["messages"], *again]}
    assert "same as above" not in str(Session(CLAUDE).pack(both, now=0.0).body)


def test_a_marked_prefix_is_not_made_too_short_to_be_cached() -> None:
    """The marker stands in the middle, on a result that makes its prefix just long enough."""
    body = marked(told(ROWS, SHORT), 1)
    body["messages"] += [{"role": "assistant", "content": "Well."}, {"role": "user", "content": log(150)}]
    session = Session(CLAUDE)
    first, second = (session.pack(body, now=now) for now in (0.0, 1.0))
    assert first.report.tokens_after > 1024 + ends(first)[-1]
    assert second.forecast.usage.cache_read == ends(first)[-1] >= 1024
