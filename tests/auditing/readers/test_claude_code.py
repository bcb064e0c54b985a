"""Transcripts of Claude Code: made-up ones, for what real ones seldom show."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import claude_code, read
from ctxpack.auditing.readers.files import Line
from ctxpack.providers import Usage
from tests.auditing.claude_code import Log, assert_pairs, messages, run, text, use

from .logs import cut

EVENTS = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.just("result"), st.integers(0, 5)),
    st.tuples(st.just("ask")),
    st.tuples(st.just("compact")),
)


@given(st.lists(EVENTS, max_size=30))
@example([("say", 1, 0), ("result", 0), ("say", 1, 0), ("say", 0, 0)])
def test_any_order_of_lines_gives_valid_bodies_that_grow_by_appending(events: list[tuple[Any, ...]]) -> None:
    log = Log().user("hi")
    for event in events:
        log.event(*event)
    lines = [Line(number, json.dumps(line).encode() + b"\n") for number, line in enumerate(log.lines, 1)]
    calls = [item for item in claude_code.read("s.jsonl", lines, {}) if isinstance(item, Call)]
    assert len({call.id for call in calls}) == len(calls)
    for call in calls:
        if call.body is not None:
            assert_pairs(messages(call))
    for before, after in pairwise(calls):
        if before.segment == after.segment and before.body is not None:
            assert after.body.startswith(before.body.removesuffix(b"]}"))


def test_the_largest_copy_counts_wherever_it_stands(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", text("1"), output=5).say("a", text("2"), output=9).say("a", text("3"), output=2)
    calls, skips = run(log.write(tmp_path))
    assert [call.usage for call in calls] == [Usage(uncached=10, output=9)]
    assert skips == [(3, Reason.STREAMED_PART), (4, Reason.STREAMED_PART)]


def test_a_call_says_whether_the_provider_ran_tools(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", text("x")).say("b", text("y")).say("b", text("z"))
    log.lines[2]["message"]["usage"]["server_tool_use"] = {"web_search_requests": 1}
    calls, _ = run(log.write(tmp_path))
    assert [call.ran_tools for call in calls] == [False, True]


def test_a_result_among_streamed_parts_goes_behind_its_message(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", use("1")).result("1").say("a", use("2")).user("more").result("2").say("b")
    first, second = run(log.write(tmp_path))[0]
    assert messages(first) == [{"role": "user", "content": "hi"}]
    assert [[part.get("tool_use_id", part["type"]) for part in m["content"]] for m in messages(second)[1:]] == [
        ["tool_use", "tool_use"],
        ["1", "2", "text"],
    ]


def test_a_call_starts_when_the_last_line_it_answers_was_written(tmp_path: Path) -> None:
    log = Log().user("hi").add("progress").say("a", use("1")).result("1").add("system", subtype="hook").say("b")
    first, second = run(log.write(tmp_path))[0]
    assert second.time - first.time == 3


def test_a_call_that_answers_nothing_starts_with_its_own_first_line(tmp_path: Path) -> None:
    first, second = run(Log().user("hi").say("a", text("1")).say("b", text("2")).write(tmp_path))[0]
    assert second.time - first.time == 2


def test_unanswered_calls_and_late_results_are_repaired_and_counted(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", use("1"), use("2")).result("2").user("go on").say("b", text("x")).result("1")
    calls, skips = run(log.user("and?").say("c").write(tmp_path))
    assert_pairs(messages(calls[1]))
    assert_pairs(messages(calls[2]))
    assert skips == [(5, Reason.CALL_WITHOUT_RESULT), (6, Reason.RESULT_WITHOUT_CALL)]


@pytest.mark.parametrize("boundary", [True, False])
def test_a_compaction_starts_a_segment_with_its_summary(tmp_path: Path, boundary: bool) -> None:
    log = Log().user("hi").say("a", text("yes"))
    if boundary:
        log.add("system", subtype="compact_boundary")
    log.user("so far", isCompactSummary=True, isVisibleInTranscriptOnly=True).say("b")
    calls, _ = run(log.write(tmp_path))
    assert [call.segment for call in calls] == [0, 1]
    assert messages(calls[1]) == [{"role": "user", "content": "so far"}]


def test_lines_for_the_screen_only_are_not_in_the_history(tmp_path: Path) -> None:
    (call,), _ = run(Log().user("hi").user("shown", isVisibleInTranscriptOnly=True).say("a").write(tmp_path))
    assert messages(call) == [{"role": "user", "content": "hi"}]


def test_sidechains_inside_a_main_file_are_their_own_lanes(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", use("1"))
    log.user("one", isSidechain=True, parentUuid=None).user("two", isSidechain=True, parentUuid=None)
    log.say("x", isSidechain=True, parentUuid="u2").say("y", isSidechain=True, parentUuid="u3").result("1").say("b")
    calls, skips = run(log.write(tmp_path))
    found = {call.id: (call.session, messages(call)[0]["content"], len(messages(call))) for call in calls}
    assert found == {"a:r": ("s", "hi", 1), "b:r": ("s", "hi", 3), "x:r": ("s/u2", "one", 1), "y:r": ("s/u3", "two", 1)}
    assert skips == []


def test_messages_made_by_the_client_are_no_calls(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", model="<synthetic>").say("b", isApiErrorMessage=True).say("c", text("x"))
    calls, skips = run(log.write(tmp_path))
    assert [(call.id, len(messages(call))) for call in calls] == [("c:r", 1)]
    assert skips == [(2, Reason.SYNTHETIC), (3, Reason.API_ERROR)]


def test_a_resumed_session_counts_only_its_new_calls_but_keeps_its_history(tmp_path: Path) -> None:
    old = Log().user("hi").say("a", text("x"))
    old.write(tmp_path, "1.jsonl")
    new = Log("t").user("hi").say("a", text("x")).user("again").say("b")
    new.write(tmp_path, "2.jsonl")
    calls, skips = run(tmp_path)
    assert [(call.id, call.session, len(messages(call))) for call in calls] == [("a:r", "s/1", 1), ("b:r", "t/2", 3)]
    assert skips == [(2, Reason.REPEATED_CALL)]


def test_terms_that_are_not_the_usual_ones_are_named(tmp_path: Path) -> None:
    log = Log().user("hi").say("a").say("b")
    log.lines[1]["message"]["usage"] |= {"service_tier": "standard", "speed": "fast", "inference_geo": "us"}
    assert [call.terms for call in run(log.write(tmp_path))[0]] == [("speed fast", "inference_geo us"), ()]


def test_a_larger_usage_that_comes_too_late_is_named(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", output=1).say("b", output=1).say("a", output=9000).say("b", output=1)
    log.write(tmp_path, "1.jsonl")
    Log("t").user("hi").say("a", output=1).say("b", output=7).write(tmp_path, "2.jsonl")
    calls, skips = run(tmp_path)
    assert [(call.id, call.usage.output) for call in calls] == [("a:r", 1), ("b:r", 1)]
    assert skips == [
        (4, Reason.LATE_USAGE),
        (5, Reason.REPEATED_CALL),
        (2, Reason.REPEATED_CALL),
        (3, Reason.LATE_USAGE),
    ]


def test_a_conversation_whose_start_is_elsewhere_has_no_body_until_it_is_compacted(tmp_path: Path) -> None:
    log = Log().user("hi", parentUuid="elsewhere").say("a").add("system", subtype="compact_boundary")
    first, second = run(log.user("so far", isCompactSummary=True).say("b").write(tmp_path))[0]
    assert (first.body, first.rebuilt, second.rebuilt) == (None, False, True)


def test_the_last_call_before_a_file_breaks_off_is_counted(tmp_path: Path) -> None:
    log = Log().user("hi").say("a", text("x")).user("more").say("b", text("y")).write(tmp_path).read_bytes()
    for data, reason in ((log[:-9], (4, Reason.TRUNCATED_LINE)), (cut(log, 9), (0, Reason.UNREADABLE_REST))):
        (tmp_path / "s.jsonl").write_bytes(data)
        calls, skips = run(tmp_path / "s.jsonl")
        assert ([call.id for call in calls], skips) == (["a:r"], [reason])


def test_faults_of_single_records_are_named(tmp_path: Path) -> None:
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


def test_no_reason_holds_text_of_a_prompt(tmp_path: Path) -> None:
    path = Log().user("SECRET").say("a").write(tmp_path)
    path.write_text(path.read_text() + '{"type": "user", "message": "SECRET"}\n["SECRET"]\n{"SECRET')
    items = list(read([path]))
    assert [i.reason for i in items if isinstance(i, Skip)] == [
        Reason.UNKNOWN_RECORD,
        Reason.UNKNOWN_RECORD,
        Reason.TRUNCATED_LINE,
    ]
    assert not any("SECRET" in str(item) for item in items if isinstance(item, Skip))
