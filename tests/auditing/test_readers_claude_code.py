"""Claude Code transcripts: real ones against a slow counter, made-up ones for what real ones seldom show."""

import json
from collections import Counter
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import claude_code, read
from ctxpack.auditing.readers.files import Line
from ctxpack.providers import Usage
from tests.reference import transcripts

REAL = Path(__file__).parents[3] / "shared" / "data" / "claude_code"
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
def real():
    if not REAL.is_dir():
        pytest.skip("needs the shared data folder beside the checkout")
    return list(read([REAL]))


@pytest.fixture(scope="module")
def lanes(real):
    by_session = {}
    for item in real:
        if isinstance(item, Call):
            by_session.setdefault(item.session, []).append(item)
    return by_session


def test_every_call_once_with_its_largest_usage(real):
    calls = [item for item in real if isinstance(item, Call)]
    expected = transcripts.usages(REAL)
    assert [call.id for call in calls] == list(dict.fromkeys(call.id for call in calls))
    assert {call.id: call.usage.output for call in calls} == {key: u["output_tokens"] for key, u in expected.items()}
    assert asdict(sum((call.usage for call in calls), Usage())) == transcripts.totals(expected.values())
    assert len(calls) == 336


def test_calls_by_lane_and_segment(lanes):
    assert {session: Counter(call.segment for call in calls) for session, calls in lanes.items()} == LANES


def test_only_further_streamed_parts_are_left_out(real):
    assert Counter(item.reason for item in real if isinstance(item, Skip)) == {Reason.STREAMED_PART: 360}


def test_bodies_equal_those_of_the_slow_twin(lanes):
    rebuilt = {call.id: call for calls in lanes.values() for call in calls}
    for path in REAL.rglob("*.jsonl"):
        if path.name.startswith("agent-acompact"):
            continue
        for identity, segment, messages in transcripts.histories(path):
            call = rebuilt[identity]
            assert (call.segment, call.rebuilt) == (segment, True)
            assert in_blocks(json.loads(call.body)) == {"model": call.model, "messages": messages}


EVENTS = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.just("result"), st.integers(0, 5)),
    st.tuples(st.just("ask")),
    st.tuples(st.just("compact")),
)


@given(st.lists(EVENTS, max_size=30))
@example([("say", 1, 0), ("result", 0), ("say", 1, 0), ("say", 0, 0)])
def test_any_order_of_lines_gives_valid_bodies_that_grow_by_appending(events):
    log = Log().user("hi")
    for event in events:
        log.event(*event)
    lines = [Line(number, json.dumps(line).encode() + b"\n") for number, line in enumerate(log.lines, 1)]
    calls = [item for item in claude_code.read("s.jsonl", lines, set()) if isinstance(item, Call)]
    assert len({call.id for call in calls}) == len(calls)
    for call in calls:
        if call.body is not None:
            assert_pairs(messages(call))
    for before, after in pairwise(calls):
        if before.segment == after.segment and before.body is not None:
            assert after.body.startswith(before.body.removesuffix(b"]}"))


def test_a_compaction_request_has_no_body_as_its_history_is_in_another_file(lanes):
    calls = [call for session, calls in lanes.items() if "acompact" in session for call in calls]
    assert [(call.body, call.rebuilt) for call in calls] == [(None, False)] * 2


def test_bodies_grow_by_appending_and_keep_their_pairs(lanes):
    for calls in lanes.values():
        for before, after in pairwise(calls):
            if before.segment == after.segment:
                assert after.body.startswith(before.body.removesuffix(b"]}"))
                assert before.time <= after.time
        for call in calls:
            if call.body is not None:
                assert_pairs(json.loads(call.body)["messages"])


def test_cache_reads_follow_the_chain_law(lanes):
    for session, calls in lanes.items():
        pairs = [(a.usage, b.usage) for a, b in pairwise(calls)]
        kept = sum(b.cache_read == a.cache_read + a.cache_write + a.cache_write_long for a, b in pairs)
        assert (kept, len(pairs)) == CHAINS.get(session, (len(pairs), len(pairs)))


def in_blocks(body):
    for message in body["messages"]:
        if isinstance(message["content"], str):
            message["content"] = [{"type": "text", "text": message["content"]}]
    return body


def assert_pairs(messages):
    """Every call is answered once in the very next message, and nothing else is."""
    open_calls = set()
    assert messages[0]["role"] == "user"
    for message in messages:
        parts = message["content"] if isinstance(message["content"], list) else []
        results = [part["tool_use_id"] for part in parts if part["type"] == "tool_result"]
        assert sorted(results) == sorted(open_calls)
        open_calls = {part["id"] for part in parts if part["type"] == "tool_use"}
    assert not open_calls


class Log:
    """Writes a made-up transcript, one line a second."""

    def __init__(self, session="s"):
        self.session = session
        self.lines = []

    def add(self, kind, **members):
        stamp = f"2026-01-01T00:00:{len(self.lines):02d}.000Z"
        line = {"type": kind, "sessionId": self.session, "uuid": f"u{len(self.lines)}", "timestamp": stamp}
        self.lines.append(line | members)
        return self

    def user(self, content, **members):
        return self.add("user", message={"role": "user", "content": content}, **members)

    def result(self, call, **members):
        return self.user([{"type": "tool_result", "tool_use_id": call, "content": "ok"}], **members)

    def say(self, name, *parts, output=1, model="claude-opus-4-6", **members):
        usage = {"input_tokens": 10, "output_tokens": output}
        message = {"id": name, "model": model, "role": "assistant", "content": list(parts), "usage": usage}
        return self.add("assistant", requestId="r", message=message, **members)

    def event(self, kind, *names):
        if kind == "say":
            self.say(f"m{names[0]}", use(str(names[1])))
        elif kind == "result":
            self.result(str(names[0]))
        elif kind == "ask":
            self.user("more")
        else:
            self.add("system", subtype="compact_boundary").user("so far", isCompactSummary=True)

    def write(self, folder, name="s.jsonl"):
        path = folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        return path


def text(words):
    return {"type": "text", "text": words}


def use(call):
    return {"type": "tool_use", "id": call, "name": "Read", "input": {}}


def run(*paths):
    items = list(read(paths))
    return [i for i in items if isinstance(i, Call)], [(i.line, i.reason) for i in items if isinstance(i, Skip)]


def messages(call):
    return json.loads(call.body)["messages"]


def test_the_largest_copy_counts_wherever_it_stands(tmp_path):
    log = Log().user("hi").say("a", text("1"), output=5).say("a", text("2"), output=9).say("a", text("3"), output=2)
    calls, skips = run(log.write(tmp_path))
    assert [call.usage for call in calls] == [Usage(uncached=10, output=9)]
    assert skips == [(3, Reason.STREAMED_PART), (4, Reason.STREAMED_PART)]


def test_a_result_among_streamed_parts_goes_behind_its_message(tmp_path):
    log = Log().user("hi").say("a", use("1")).result("1").say("a", use("2")).user("more").result("2").say("b")
    first, second = run(log.write(tmp_path))[0]
    assert messages(first) == [{"role": "user", "content": "hi"}]
    assert [[part.get("tool_use_id", part["type"]) for part in m["content"]] for m in messages(second)[1:]] == [
        ["tool_use", "tool_use"],
        ["1", "2", "text"],
    ]


def test_a_call_starts_when_the_last_line_it_answers_was_written(tmp_path):
    log = Log().user("hi").add("progress").say("a", use("1")).result("1").add("system", subtype="hook").say("b")
    first, second = run(log.write(tmp_path))[0]
    assert second.time - first.time == 3


def test_a_call_that_answers_nothing_starts_with_its_own_first_line(tmp_path):
    first, second = run(Log().user("hi").say("a", text("1")).say("b", text("2")).write(tmp_path))[0]
    assert second.time - first.time == 2


def test_unanswered_calls_and_late_results_are_repaired_and_counted(tmp_path):
    log = Log().user("hi").say("a", use("1"), use("2")).result("2").user("go on").say("b", text("x")).result("1")
    calls, skips = run(log.user("and?").say("c").write(tmp_path))
    assert_pairs(messages(calls[1]))
    assert_pairs(messages(calls[2]))
    assert skips == [(5, Reason.CALL_WITHOUT_RESULT), (6, Reason.RESULT_WITHOUT_CALL)]


@pytest.mark.parametrize("boundary", [True, False])
def test_a_compaction_starts_a_segment_with_its_summary(tmp_path, boundary):
    log = Log().user("hi").say("a", text("yes"))
    if boundary:
        log.add("system", subtype="compact_boundary")
    log.user("so far", isCompactSummary=True, isVisibleInTranscriptOnly=True).say("b")
    calls, _ = run(log.write(tmp_path))
    assert [call.segment for call in calls] == [0, 1]
    assert messages(calls[1]) == [{"role": "user", "content": "so far"}]


def test_lines_for_the_screen_only_are_not_in_the_history(tmp_path):
    (call,), _ = run(Log().user("hi").user("shown", isVisibleInTranscriptOnly=True).say("a").write(tmp_path))
    assert messages(call) == [{"role": "user", "content": "hi"}]


def test_sidechains_inside_a_main_file_are_their_own_lanes(tmp_path):
    log = Log().user("hi").say("a", use("1"))
    log.user("one", isSidechain=True, parentUuid=None).user("two", isSidechain=True, parentUuid=None)
    log.say("x", isSidechain=True, parentUuid="u2").say("y", isSidechain=True, parentUuid="u3").result("1").say("b")
    calls, skips = run(log.write(tmp_path))
    found = {call.id: (call.session, messages(call)[0]["content"], len(messages(call))) for call in calls}
    assert found == {"a:r": ("s", "hi", 1), "b:r": ("s", "hi", 3), "x:r": ("s/u2", "one", 1), "y:r": ("s/u3", "two", 1)}
    assert skips == []


def test_messages_made_by_the_client_are_no_calls(tmp_path):
    log = Log().user("hi").say("a", model="<synthetic>").say("b", isApiErrorMessage=True).say("c", text("x"))
    calls, skips = run(log.write(tmp_path))
    assert [(call.id, len(messages(call))) for call in calls] == [("c:r", 1)]
    assert skips == [(2, Reason.SYNTHETIC), (3, Reason.API_ERROR)]


def test_a_resumed_session_counts_only_its_new_calls_but_keeps_its_history(tmp_path):
    old = Log().user("hi").say("a", text("x"))
    old.write(tmp_path, "1.jsonl")
    new = Log("t").user("hi").say("a", text("x")).user("again").say("b")
    new.write(tmp_path, "2.jsonl")
    calls, skips = run(tmp_path)
    assert [(call.id, call.session, len(messages(call))) for call in calls] == [("a:r", "s/1", 1), ("b:r", "t/2", 3)]
    assert skips == [(2, Reason.REPEATED_CALL)]


def test_a_conversation_whose_start_is_elsewhere_has_no_body_until_it_is_compacted(tmp_path):
    log = Log().user("hi", parentUuid="elsewhere").say("a").add("system", subtype="compact_boundary")
    first, second = run(log.user("so far", isCompactSummary=True).say("b").write(tmp_path))[0]
    assert (first.body, first.rebuilt, second.rebuilt) == (None, False, True)


def test_faults_of_single_records_are_named(tmp_path):
    log = (
        Log().user("hi").add("assistant", message={"id": "a", "content": []}).add("attachment").add("novel").add("user")
    )
    log.say("b", model=None).add("assistant", message={"id": "c", "model": "m", "content": [], "usage": {}})
    calls, skips = run(log.user([{"no": "type"}]).say("d").write(tmp_path))
    assert [call.id for call in calls] == ["d:r"]
    assert dict(skips) == {
        2: Reason.NO_USAGE,
        3: Reason.ATTACHMENT,
        4: Reason.UNKNOWN_RECORD,
        5: Reason.UNKNOWN_RECORD,
        6: Reason.NO_MODEL,
        7: Reason.BAD_USAGE,
        8: Reason.UNKNOWN_RECORD,
    }


def test_no_reason_holds_text_of_a_prompt(tmp_path):
    path = Log().user("SECRET").say("a").write(tmp_path)
    path.write_text(path.read_text() + '{"type": "user", "message": "SECRET"}\n["SECRET"]\n{"SECRET')
    items = list(read([path]))
    assert [i.reason for i in items if isinstance(i, Skip)] == [
        Reason.UNKNOWN_RECORD,
        Reason.UNKNOWN_RECORD,
        Reason.TRUNCATED_LINE,
    ]
    assert not any("SECRET" in str(item) for item in items if isinstance(item, Skip))
