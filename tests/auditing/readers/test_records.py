"""Records of calls: which are read, and what each becomes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import files, find
from ctxpack.providers import Usage
from tests.data import shared

from .logs import CHAT, CHAT_USAGE, MESSAGES, MESSAGES_USAGE, reasons, record, run, run_bytes


def test_a_record_keeps_the_bytes_of_its_request(tmp_path: Path) -> None:
    data = record(time=1.5, session="a", simulated=True, id="one")
    assert run_bytes(tmp_path, data) == [
        Call("one", "a", 0, "gpt-5", "openai.chat", 1.5, Usage(20, 10, 0, 0, 4), CHAT, False, True)
    ]


def test_reprs_hold_no_text_of_prompts(tmp_path: Path) -> None:
    (call,) = run_bytes(tmp_path, record())
    (line,) = files.lines(*find([tmp_path / "log.jsonl"]), lambda read: None)
    assert b"messages" in call.body
    assert b"messages" in line.data
    assert "messages" not in repr((call, line))


def test_a_record_without_names_or_clock_takes_them_from_its_place(tmp_path: Path) -> None:
    path = str(tmp_path / "log.jsonl")
    calls = run_bytes(tmp_path, record() + record(session="c") + record())
    found = [(call.id, call.session, call.time) for call in calls]
    assert found == [(f"{path}:1", f"{path}:1", 0.0), (f"{path}:2", "c", 0.0), (f"{path}:3", f"{path}:1", 1.0)]


@pytest.mark.parametrize(
    ("model", "usage", "dialect", "billed"),
    [
        ("claude-sonnet-4-5", MESSAGES_USAGE, "anthropic.messages", Usage(3, 2, 0, 0, 1)),
        ("gpt-5", CHAT_USAGE, "openai.chat", Usage(20, 10, 0, 0, 4)),
    ],
)
@pytest.mark.parametrize("is_answer", [False, True])
def test_a_record_without_a_request_is_billed(
    tmp_path: Path, model: str, usage: dict[str, object], dialect: str, billed: Usage, is_answer: bool
) -> None:
    answer = {"response": {"usage": usage}} if is_answer else {"usage": usage}
    lines = [
        json.dumps({"model": model, "time": n, **session, **answer})
        for n, session in enumerate(({}, {}, {"session": "s"}))
    ]
    calls = run_bytes(tmp_path, "\n".join(lines).encode())
    path = str(tmp_path / "log.jsonl")
    assert [call.session for call in calls] == [f"{path}:1", f"{path}:2", "s"]
    assert {(call.model, call.dialect, call.usage, call.body) for call in calls} == {(model, dialect, billed, None)}


def test_a_record_without_a_request_whose_counters_are_another_dialects_is_named(tmp_path: Path) -> None:
    usage = {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 1}
    items = run_bytes(tmp_path, json.dumps({"model": "gpt-5", "usage": usage}).encode())
    assert reasons(items) == [(1, f"{Reason.DIALECT}: openai.responses")]


@pytest.mark.parametrize(
    ("uses", "ran"),
    [
        ({"web_search_requests": 2}, True),
        ({"web_search_requests": 0}, False),
        ({"web_search_requests": None}, False),
        ({}, False),
        (None, False),
        ("x", False),
    ],
)
def test_a_call_says_whether_the_provider_ran_tools(tmp_path: Path, uses: object, ran: bool) -> None:
    (call,) = run_bytes(tmp_path, record(MESSAGES, MESSAGES_USAGE | {"server_tool_use": uses}))
    assert call.ran_tools == ran


@pytest.mark.parametrize(
    ("request_body", "usage", "uri", "dialect"),
    [
        (MESSAGES, MESSAGES_USAGE, None, "anthropic.messages"),
        (MESSAGES, MESSAGES_USAGE, "https://api.anthropic.com/v1/messages?beta=true", "anthropic.messages"),
        (CHAT, CHAT_USAGE, None, "openai.chat"),
        (CHAT, CHAT_USAGE, "https://x.example/openai/deployments/a/chat/completions", "openai.chat"),
    ],
)
def test_the_dialect_is_the_endpoints_or_the_shapes(
    tmp_path: Path, request_body: bytes | dict[str, Any], usage: object, uri: str | None, dialect: str
) -> None:
    (call,) = run_bytes(tmp_path, record(request_body, usage, uri=uri))
    assert call.dialect == dialect


@pytest.mark.parametrize(
    ("request_body", "usage", "uri", "dialect"),
    [
        ({"input": "hi"}, {"input_tokens": 1}, None, "openai.responses"),
        (MESSAGES, MESSAGES_USAGE, "https://bedrock.example/model/m/invoke", "bedrock.invoke"),
        (MESSAGES, MESSAGES_USAGE, "https://api.anthropic.com/v1/messages/count_tokens", "anthropic.count_tokens"),
        ({"contents": []}, {"promptTokenCount": 1}, None, "gemini.generate_content"),
        ({"query": "hi"}, {"tokens": 1}, "http://[bad", "unknown"),
    ],
)
def test_other_dialects_are_left_out_by_name(
    tmp_path: Path, request_body: bytes | dict[str, Any], usage: object, uri: str | None, dialect: str
) -> None:
    assert reasons(run_bytes(tmp_path, record(request_body, usage, uri=uri))) == [(1, f"{Reason.DIALECT}: {dialect}")]


def test_faults_of_records_are_named(tmp_path: Path) -> None:
    lines = [
        record(),
        b"not json\n",
        b'{"request": {}}\n',
        record(usage=None),
        record(usage={"prompt_tokens": 1, "completion_tokens": -1}),
        record(b'{"messages": []}'),
        record(id="x"),
        record(id="x"),
        record(time="yesterday"),
        record(time="2026-13-45"),
        record()[:-20],
    ]
    items = run_bytes(tmp_path, b"".join(lines))
    assert [i.id.rpartition(":")[2] for i in items if isinstance(i, Call)] == ["1", "x"]
    assert reasons(items) == [
        (2, Reason.NOT_JSON),
        (3, Reason.UNKNOWN_RECORD),
        (4, Reason.NO_USAGE),
        (5, Reason.BAD_USAGE),
        (6, Reason.NO_MODEL),
        (8, Reason.REPEATED_CALL),
        (9, Reason.BAD_TIME),
        (10, Reason.BAD_TIME),
        (11, Reason.TRUNCATED_LINE),
    ]


CHAT_BODY = json.loads(CHAT)
RESPONSE = {"id": "r", "choices": [], "usage": CHAT_USAGE}
SHAPES = {
    "request and response": {"request": CHAT_BODY, "response": RESPONSE},
    "body and usage": {"body": CHAT_BODY, "usage": CHAT_USAGE},
    "body and response": {"body": CHAT_BODY, "response": RESPONSE},
    "flat": {**CHAT_BODY, "usage": CHAT_USAGE, "timestamp": 1.5, "id": "x"},
    "flat with its response": {**CHAT_BODY, "response": RESPONSE, "startTime": 1.5, "session": None},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_records_of_other_shapes(tmp_path: Path, shape: str) -> None:
    (call,) = run_bytes(tmp_path, json.dumps(SHAPES[shape]).encode() + b"\n")
    assert json.loads(call.body) == CHAT_BODY
    assert (call.dialect, call.usage) == ("openai.chat", Usage(20, 10, 0, 0, 4))


def test_a_response_without_usage_is_a_call_without_usage(tmp_path: Path) -> None:
    line = json.dumps({"request": CHAT_BODY, "response": {"error": "overloaded"}}).encode() + b"\n"
    assert reasons(run_bytes(tmp_path, line)) == [(1, Reason.NO_USAGE)]


def test_every_log_may_number_its_records_from_one(tmp_path: Path) -> None:
    for name in "ab":
        lines = [record({**CHAT_BODY, "user": name}, id=number) for number in range(3)]
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "a.jsonl").read_bytes())
    items = run(tmp_path)
    assert sum(isinstance(item, Call) for item in items) == 6
    assert [item.reason for item in items if isinstance(item, Skip)] == [Reason.REPEATED_CALL] * 3


def test_a_record_without_an_id_is_known_by_its_response(tmp_path: Path) -> None:
    ids = ("chatcmpl-1", "chatcmpl-2", "chatcmpl-1", None, None, 5, 5, "", "")
    answers = [{"id": name, "usage": CHAT_USAGE} for name in ids]
    lines = [json.dumps({"request": CHAT_BODY, "response": answer}) for answer in answers]
    items = run_bytes(tmp_path, "\n".join(lines).encode())
    assert reasons(items) == [(3, Reason.REPEATED_CALL)]
    assert [call.id for call in items if isinstance(call, Call)][:2] == ["chatcmpl-1", "chatcmpl-2"]


AZURE = {"messages": CHAT_BODY["messages"]}


@pytest.mark.parametrize(
    ("line", "model"),
    [
        ({"request": AZURE, "response": RESPONSE | {"model": "gpt-4o-2024-08-06"}}, "gpt-4o-2024-08-06"),
        ({"request": AZURE, "model": "gpt-4o", "response": RESPONSE | {"model": "gpt-4o-2024-08-06"}}, "gpt-4o"),
        ({"request": AZURE | {"model": "gpt-5"}, "model": "gpt-4o", "usage": CHAT_USAGE}, "gpt-5"),
        ({"request": AZURE | {"model": None}, "model": None, "response": RESPONSE | {"model": "gpt-4o"}}, "gpt-4o"),
        ({"request": AZURE | {"model": ""}, "model": {}, "response": RESPONSE | {"model": "gpt-4o"}}, "gpt-4o"),
    ],
)
def test_a_request_without_its_model_is_to_the_one_that_the_record_names(
    tmp_path: Path, line: dict[str, Any], model: str
) -> None:
    (call,) = run_bytes(tmp_path, json.dumps(line).encode())
    assert call.model == json.loads(call.body)["model"] == model
    assert json.loads(call.body)["messages"] == CHAT_BODY["messages"]


@pytest.mark.parametrize("body", [AZURE, AZURE | {"model": None}, {}])
def test_where_nothing_names_the_model_that_is_said(tmp_path: Path, body: dict[str, Any]) -> None:
    line = record(body, uri="https://x/openai/deployments/mine/chat/completions?api-version=1")
    assert reasons(run_bytes(tmp_path, line)) == [(1, Reason.NO_MODEL)]


def test_usage_that_is_null_is_taken_from_the_response(tmp_path: Path) -> None:
    line = {"request": CHAT_BODY, "usage": None, "response": RESPONSE | {"service_tier": "priority"}}
    (call,) = run_bytes(tmp_path, json.dumps(line).encode())
    assert (call.usage, call.terms) == (Usage(20, 10, 0, 0, 4), ("service_tier priority",))
    (call,) = run_bytes(tmp_path, json.dumps(line | {"usage": CHAT_USAGE}).encode())
    assert (call.usage, call.terms) == (Usage(20, 10, 0, 0, 4), ("service_tier priority",))


def test_an_answer_to_a_logged_request_is_billed_once(tmp_path: Path) -> None:
    """As a proxy logs a streamed answer at its start and at its end, or one that it serves again from its own cache."""
    usages = [CHAT_USAGE | {"completion_tokens": output} for output in (1, 9, 1)]
    logged = [
        {"request": request, "id": number, "time": number, "response": {"id": "chatcmpl-1", "usage": usage}}
        for request in (CHAT_BODY, {**CHAT_BODY, "user": "other"})
        for number, usage in enumerate(usages)
    ]
    items = run_bytes(tmp_path, "\n".join(map(json.dumps, logged)).encode())
    assert sum(isinstance(item, Call) for item in items) == 2, "some servers give an id twice"
    again = [Reason.LATE_USAGE, Reason.REPEATED_CALL]
    assert [item.reason for item in items if isinstance(item, Skip)] == again * 2


def test_without_its_request_an_answer_is_known_by_its_whole_record(tmp_path: Path) -> None:
    answer = {"id": "chatcmpl-1", "usage": CHAT_USAGE}
    models = ("gpt-5", "gpt-5", "gpt-4o", "gpt-5")
    lines = [json.dumps({"model": model, "time": n // 2, "response": answer}) for n, model in enumerate(models)]
    assert reasons(run_bytes(tmp_path, "\n".join(lines).encode())) == [(2, Reason.REPEATED_CALL)]


def test_recorded_provider_traffic() -> None:
    folder = shared("provider_cassettes")
    items = run(folder)
    counts = Counter(item.dialect if isinstance(item, Call) else item.reason for item in items)
    assert counts == {
        "openai.chat": 679,
        "anthropic.messages": 244,
        "dialect not supported: openai.responses": 294,
        "dialect not supported: gemini.generate_content": 287,
        "dialect not supported: bedrock.converse": 144,
        "dialect not supported: openai.embeddings": 58,
        "dialect not supported: unknown": 35,
        "dialect not supported: bedrock.invoke": 25,
        # One host counts more cached tokens than prompt tokens.
        Reason.BAD_USAGE: 16,
    }
    assert len(items) == sum(path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl"))
