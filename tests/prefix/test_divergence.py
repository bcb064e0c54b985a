"""Divergence: each way to break a prefix is named, with the block and the byte where it breaks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import ctxpack
from ctxpack.errors import CtxpackError, UnknownModelError
from ctxpack.prefix.fingerprint import wire_chain

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
RESPELLED = {"properties": SCHEMA["properties"], "type": "object"}
READ, WRITE = {"name": "read", "description": "d", "input_schema": SCHEMA}, {"name": "write", "input_schema": {}}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
TEXT = {"type": "text", "text": "look"}
SYSTEM = "You help. Today is 2026-11-23 10:00."
OK = {"role": "assistant", "content": "ok"}


def body(**more: Any) -> dict[str, Any]:
    base = {"model": "claude-opus-5", "max_tokens": 9, "tools": [READ, WRITE], "system": SYSTEM}
    return base | {"messages": [{"role": "user", "content": "look"}, OK]} | more


def first_difference(one: dict[str, Any], other: dict[str, Any]) -> int:
    a, b = json.dumps(one).encode(), json.dumps(other).encode()
    return next(at for at in range(min(len(a), len(b))) if a[at] != b[at])


# What a request changed, the cause, and the path of the first block that no cache can serve.
FAULTS = {
    "model": (body(model="claude-sonnet-5"), "model changed", "tools[0]"),
    "tool choice": (body(tool_choice={"type": "any"}), "parameter changed", "messages[0].content"),
    "tool order": (body(tools=[WRITE, READ]), "tools reordered", "tools[0]"),
    "one tool more": (body(tools=[READ, WRITE, {"name": "c", "input_schema": {}}]), "tool added", "tools[2]"),
    "one tool less": (body(tools=[READ]), "tool removed", "system"),
    "a tool's schema": (body(tools=[READ, WRITE | {"input_schema": {"z": 1}}]), "tool changed", "tools[1]"),
    "a tool's description": (body(tools=[READ | {"description": "e"}, WRITE]), "tool changed", "tools[0]"),
    "key order in a schema": (
        body(tools=[READ | {"input_schema": RESPELLED}, WRITE]),
        "same value, different bytes",
        "tools[0]",
    ),
    "trailing space in system": (body(system=SYSTEM + " "), "system text changed", "system"),
    "system dropped": (
        {name: value for name, value in body().items() if name != "system"},
        "system text changed",
        "messages[0].content",
    ),
    "the date in system": (body(system=SYSTEM.replace("23 10:00", "24 09:59")), "volatile text changed", "system"),
    "a message": (
        body(messages=[{"role": "user", "content": "LOOK"}, OK]),
        "history rewritten",
        "messages[0].content",
    ),
    "image before the text": (
        body(messages=[{"role": "user", "content": [IMAGE, TEXT]}, OK]),
        "history rewritten",
        "messages[0].content[0]",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_named(fault: str) -> None:
    later, cause, path = FAULTS[fault]
    found = ctxpack.diff(body(), later)
    assert found is not None
    assert (found.cause, found.path) == (cause, path)
    assert found.exactness == "estimate"
    assert found.tokens_lost == sum(ctxpack.Prompt.parse(body()).block_tokens[found.block :]) > 0
    earlier = ctxpack.Prompt.parse(body())
    assert ctxpack.diff(earlier, ctxpack.Prompt.parse(later, earlier=earlier)) == found


@pytest.mark.parametrize(
    "fault", ["tool order", "key order in a schema", "trailing space in system", "a message", "image before the text"]
)
def test_the_byte_is_the_first_that_differs(fault: str) -> None:
    later, _, _ = FAULTS[fault]
    found = ctxpack.diff(json.dumps(body()), json.dumps(later))
    assert found is not None
    within = fault == "image before the text"  # an array in place of a string: its block is one byte further
    assert found.byte == first_difference(body(), later) + within


def test_a_parameter_breaks_at_the_first_byte_that_no_cache_can_serve() -> None:
    later = json.dumps(body(tool_choice={"type": "any"}), separators=(",", ":"))
    found = ctxpack.diff(body(), later)
    assert found is not None
    assert found.detail == "tool_choice"
    assert later.encode()[found.byte :].startswith(b'"look"')


def test_a_string_and_a_text_part_are_rendered_alike() -> None:
    assert ctxpack.diff(body(), body(messages=[{"role": "user", "content": [TEXT]}, OK])) is None


def chat(*said: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": role, "content": text} for role, text in said]} | more


VOLATILE = [
    ("2026-11-23T10:00:01", "2026-11-23T10:00:02"),
    ("2026-11-23T10:00:01.123456Z", "2026-11-24T00:10:59.000001Z"),
    ("2026-11-23 10:00", "2026-11-23 11:30"),
    ("9:05", "10:15"),
    ("Monday, November 23, 2026", "Tuesday, December 1, 2026"),
    ("23 Nov 2026", "24 Nov 2026"),
    ("1732406400", "1732406401"),
    ("1732406400123456789", "1732406400123456780"),
    ("0f8fad5b-d9cb-469f-a165-70867728950e", "7C9E6679-7425-40DE-944B-E07FC1F90AE7"),
]


@pytest.mark.parametrize(("one", "other"), VOLATILE)
@pytest.mark.parametrize("role", ["system", "user"])
def test_text_that_changes_at_every_request(one: str, other: str, role: str) -> None:
    found = ctxpack.diff(
        chat((role, f"Now: {one}. Go."), ("user", "x")), chat((role, f"Now: {other}. Go."), ("user", "x"))
    )
    assert found is not None
    assert found.cause == "volatile text changed"


@pytest.mark.parametrize(
    ("one", "other"), [("May", "Maybe"), ("Monday", "Mondays"), ("12", "13"), ("a1", "b1"), ("x", "")]
)
def test_text_that_is_only_like_it(one: str, other: str) -> None:
    found = ctxpack.diff(chat(("user", f"in {one} 7")), chat(("user", f"in {other} 7")))
    assert found is not None
    assert found.cause == "history rewritten"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("user", "2026-11-23"), ("assistant", "2026-11-24")),
        (("user", "2026-11-23"), ("user", [{"type": "image_url", "image_url": {"url": "x"}}])),
    ],
    ids=["another speaker", "an image"],
)
def test_a_date_in_place_of_something_else_is_no_volatile_text(one: tuple[str, Any], other: tuple[str, Any]) -> None:
    found = ctxpack.diff(chat(one), chat(other))
    assert found is not None
    assert found.cause == "history rewritten"


RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "2026-11-23"}
ANSWER = {"role": "tool", "tool_call_id": "t", "content": "done"}


def told(**more: Any) -> dict[str, Any]:
    return body(messages=[{"role": "user", "content": [RESULT | more]}])


# Of other bodies: earlier, later and the cause.
CAUSES = {
    "a system message of a chat": (chat(("system", "a")), chat(("system", "b")), "system text changed"),
    "a system message in front": (chat(("user", "a")), chat(("system", "s"), ("user", "a")), "system text changed"),
    "a role": (chat(("user", "a")), chat(("assistant", "a")), "history rewritten"),
    "a system role": (chat(("system", "a")), chat(("developer", "a")), "system text changed"),
    "an error flag": (told(), told(is_error=True), "history rewritten"),
    "an answer to another call": (told(), told(tool_use_id="u"), "history rewritten"),
    "an answer to another call of a chat": (
        chat() | {"messages": [ANSWER]},
        chat() | {"messages": [ANSWER | {"tool_call_id": "u"}]},
        "history rewritten",
    ),
    "a message cut in two": (
        body(messages=[{"role": "user", "content": [TEXT, RESULT]}]),
        body(messages=[{"role": "user", "content": [TEXT]}, {"role": "user", "content": [RESULT]}]),
        "history rewritten",
    ),
    "a model": (chat(("user", "a")), chat(("user", "a"), model="gpt-4.1"), "model changed"),
    "effort": (chat(("user", "a")), chat(("user", "a"), reasoning_effort="low"), "parameter changed"),
    "no effort": (chat(("user", "a"), reasoning_effort="low"), chat(("user", "a")), "parameter changed"),
    "a respelled parameter": (
        chat(("user", "a"), response_format={"type": "x", "y": 1}),
        chat(("user", "a"), response_format={"y": 1, "type": "x"}),
        "same value, different bytes",
    ),
    "history dropped": (
        chat(*[("user", str(n)) for n in range(5)]),
        chat(("user", "0"), ("user", "3"), ("user", "4")),
        "history removed",
    ),
    "a message put in between": (
        chat(("user", "0"), ("user", "1")),
        chat(("user", "0"), ("user", "new"), ("user", "1")),
        "history rewritten",
    ),
    "a tool given twice": (body(), body(tools=[READ, WRITE, READ]), "tool added"),
    "a tool given once again": (body(tools=[READ, WRITE, READ]), body(), "tool removed"),
    "one of two tools of a name": (body(tools=[READ, READ]), body(tools=[READ, READ | {"x": 1}]), "tool changed"),
    "two tools of a name the other way round": (
        body(tools=[READ, READ | {"x": 1}]),
        body(tools=[READ | {"x": 1}, READ]),
        "tools reordered",
    ),
    "a custom tool": (
        chat(("user", "a"), tools=[{"type": "custom", "custom": {"name": "a"}}]),
        chat(("user", "a"), tools=[{"type": "custom", "custom": {"name": n}} for n in "ab"]),
        "tool added",
    ),
}


@pytest.mark.parametrize("fault", CAUSES)
def test_causes(fault: str) -> None:
    earlier, later, cause = CAUSES[fault]
    found = ctxpack.diff(earlier, later)
    assert found is not None
    assert found.cause == cause


def test_history_is_removed_where_the_first_that_is_missing_stood() -> None:
    said = [("user", str(number)) for number in range(6)]
    found = ctxpack.diff(chat(*said), chat(*said[:1], *said[3:]))
    assert found is not None
    assert (found.cause, found.block) == ("history removed", 1)


def test_of_several_changes_the_first_in_render_order_is_named() -> None:
    later = body(system="other", tool_choice={"type": "any"})
    found = ctxpack.diff(body(), later)
    assert found is not None
    assert found.cause == "system text changed"


@pytest.mark.parametrize("indent", [None, 2])
def test_a_marker_is_no_divergence_wherever_it_stands(indent: int | None) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    plain = json.dumps(body(), indent=indent)
    for tool in (mark | READ, READ | mark, {"name": "read"} | mark | READ):
        assert ctxpack.diff(plain, json.dumps(body(tools=[tool, WRITE]), indent=indent)) is None


def test_settings_that_no_provider_renders_are_no_divergence() -> None:
    for more in ({"temperature": 1}, {"stream": True}, {"max_tokens": 10}, {"metadata": {"user_id": "x"}}):
        assert ctxpack.diff(body(), body(**more)) is None


def test_what_one_request_adds_to_the_other_is_no_divergence() -> None:
    longer = body(messages=[*body()["messages"], {"role": "user", "content": "go on"}])
    assert ctxpack.diff(body(), longer) is None
    assert ctxpack.diff(longer, body()) is None
    assert ctxpack.diff(json.dumps(body(), indent=2), ctxpack.Prompt.parse(json.dumps(body(), indent=2))) is None


def test_only_what_a_prompt_adds_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    firsts: list[int] = []

    def chain(prompt: ctxpack.Prompt, first: int) -> Iterator[bytes]:
        firsts.append(first)
        return wire_chain(prompt, first)

    monkeypatch.setattr("ctxpack.prefix.divergence.wire_chain", chain)
    earlier = ctxpack.Prompt.parse(body())
    longer = body(messages=[*body()["messages"], {"role": "user", "content": "go on"}])
    assert ctxpack.diff(earlier, ctxpack.Prompt.parse(longer, earlier=earlier)) is None
    assert firsts == [len(earlier.blocks)] * 2


def test_details_never_hold_prompt_text() -> None:
    found = ctxpack.diff(body(), body(system="a secret"))
    assert found is not None
    assert "secret" not in json.dumps(found.to_dict())


def test_errors_are_ours() -> None:
    with pytest.raises(CtxpackError):
        ctxpack.diff(body(), b"{")
    with pytest.raises(UnknownModelError):
        ctxpack.diff(body(model="nonsense-9"), body())
    assert ctxpack.diff(body(model="nonsense-9"), body(model="nonsense-9")) is None


def test_a_body_that_names_no_model_is_said_to() -> None:
    nameless = {name: value for name, value in body().items() if name != "model"}
    found = ctxpack.diff(body(), nameless)
    assert found is not None
    assert found.detail.endswith(" -> no model")
