"""Real transcripts of Claude Code against a slow counter."""

import json
from collections import Counter
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import read
from ctxpack.providers import Usage
from tests.auditing.claude_code import assert_pairs
from tests.data import shared
from tests.reference import transcripts

LANES = {
    "258c7280-ae70-4798-800f-63464d01a85d": {0: 102, 1: 50},
    "258c7280-ae70-4798-800f-63464d01a85d/a881341": {0: 3},
    "258c7280-ae70-4798-800f-63464d01a85d/acompact-fffbd0": {0: 1},
    "6c2214d7-b87e-4432-8e41-22ba294ea584/afc096d": {0: 18},
    "8463c716-a2ea-4c14-9efa-87158ebd9f20": {0: 71, 1: 72},
    "8463c716-a2ea-4c14-9efa-87158ebd9f20/a7be2f0": {0: 13},
    "8463c716-a2ea-4c14-9efa-87158ebd9f20/acompact-f46190": {0: 1},
    "55604662-cf2a-4331-851a-ec234028f8ca/short": {0: 1},
    "d6e0bada-1959-4eec-a9d2-0bfade768d8f/tool_heavy": {0: 4},
}
# Transitions that keep cache_read[n+1] == cache_read[n] + cache_write[n], of all, by lane.
CHAINS = {
    "258c7280-ae70-4798-800f-63464d01a85d": (148, 151),
    "8463c716-a2ea-4c14-9efa-87158ebd9f20": (141, 142),
    "d6e0bada-1959-4eec-a9d2-0bfade768d8f/tool_heavy": (2, 3),
}


@pytest.fixture(scope="module")
def real() -> list[Call | Skip]:
    return list(read([shared("claude_code")]))


@pytest.fixture(scope="module")
def lanes(real: list[Call | Skip]) -> dict[str, list[Call]]:
    by_session: dict[str, list[Call]] = {}
    for item in real:
        if isinstance(item, Call):
            by_session.setdefault(item.session, []).append(item)
    return by_session


def test_every_call_once_with_its_largest_usage(real: list[Call | Skip]) -> None:
    calls = [item for item in real if isinstance(item, Call)]
    expected = transcripts.usages(shared("claude_code"))
    assert [call.id for call in calls] == list(dict.fromkeys(call.id for call in calls))
    assert {call.id: call.usage.output for call in calls} == {key: u["output_tokens"] for key, u in expected.items()}
    assert asdict(sum((call.usage for call in calls), Usage())) == transcripts.totals(expected.values())
    assert len(calls) == 336


def test_calls_by_lane_and_segment(lanes: dict[str, list[Call]]) -> None:
    assert {session: Counter(call.segment for call in calls) for session, calls in lanes.items()} == LANES


def test_only_further_streamed_parts_are_left_out(real: list[Call | Skip]) -> None:
    assert Counter(item.reason for item in real if isinstance(item, Skip)) == {Reason.STREAMED_PART: 360}


def test_bodies_equal_those_of_the_slow_twin(lanes: dict[str, list[Call]]) -> None:
    rebuilt = {call.id: call for calls in lanes.values() for call in calls}
    for path in shared("claude_code").rglob("*.jsonl"):
        if path.name.startswith("agent-acompact"):
            continue
        for identity, segment, messages in transcripts.histories(path):
            call = rebuilt[identity]
            assert (call.segment, call.rebuilt) == (segment, True)
            assert in_blocks(json.loads(call.body)) == {"model": call.model, "messages": messages}


def test_a_compaction_request_has_no_body_as_its_history_is_in_another_file(lanes: dict[str, list[Call]]) -> None:
    calls = [call for session, calls in lanes.items() if "acompact" in session for call in calls]
    assert [(call.body, call.rebuilt) for call in calls] == [(None, False)] * 2


def test_bodies_grow_by_appending_and_keep_their_pairs(lanes: dict[str, list[Call]]) -> None:
    for calls in lanes.values():
        for before, after in pairwise(calls):
            if before.segment == after.segment:
                assert after.body.startswith(before.body.removesuffix(b"]}"))
                assert before.time <= after.time
        for call in calls:
            if call.body is not None:
                assert_pairs(json.loads(call.body)["messages"])


def test_cache_reads_follow_the_chain_law(lanes: dict[str, list[Call]]) -> None:
    for session, calls in lanes.items():
        pairs = [(a.usage, b.usage) for a, b in pairwise(calls)]
        kept = sum(b.cache_read == a.cache_read + a.cache_write + a.cache_write_long for a, b in pairs)
        assert (kept, len(pairs)) == CHAINS.get(session, (len(pairs), len(pairs)))


def in_blocks(body: dict[str, Any]) -> dict[str, Any]:
    for message in body["messages"]:
        if isinstance(message["content"], str):
            message["content"] = [{"type": "text", "text": message["content"]}]
    return body
