"""Each way to break a prefix is named, with the byte where it breaks."""

import json
from typing import Any

import pytest

import ctxpack
from ctxpack.errors import CtxpackError, UnknownModelError

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
TOOLS = [{"name": "read", "description": "d", "input_schema": SCHEMA}, {"name": "write", "input_schema": {}}]
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}


def body(**more: Any) -> dict[str, Any]:
    base = {"model": "claude-opus-5", "max_tokens": 9, "tools": TOOLS, "system": "You help people."}
    return base | {"messages": [{"role": "user", "content": "look"}, {"role": "assistant", "content": "ok"}]} | more


def first_difference(one: dict[str, Any], other: dict[str, Any]) -> int:
    a, b = json.dumps(one).encode(), json.dumps(other).encode()
    return next(at for at in range(min(len(a), len(b))) if a[at] != b[at])


RESPELLED = {"properties": SCHEMA["properties"], "type": "object"}
# The six faults that tools for this job were tried on: what they are, the cause, and the block's path.
SIX = {
    "tool order swapped": (body(tools=TOOLS[::-1]), "tools reordered", "tools[0]"),
    "key order in a schema": (
        body(tools=[TOOLS[0] | {"input_schema": RESPELLED}, TOOLS[1]]),
        "same value, different bytes",
        "tools[0]",
    ),
    "trailing space in system": (body(system="You help people. "), "system text changed", "system"),
    "image before the text": (
        body(messages=[{"role": "user", "content": [IMAGE, {"type": "text", "text": "look"}]}, body()["messages"][1]]),
        "history rewritten",
        "messages[0].content[0]",
    ),
}


@pytest.mark.parametrize("fault", SIX)
def test_planted_faults_are_named_to_the_byte(fault: str) -> None:
    later, cause, path = SIX[fault]
    found = ctxpack.diff(json.dumps(body()), json.dumps(later))
    assert found is not None
    assert (found.cause, found.path) == (cause, path)
    assert found.byte == first_difference(body(), later) + (path == "messages[0].content[0]"), "its block's first byte"
    prompt = ctxpack.Prompt.parse(json.dumps(body()))
    assert found.tokens_lost == sum(prompt.block_tokens[found.block :])


def test_the_other_two_faults() -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": "look"}]}, body()["messages"][1]]
    assert ctxpack.diff(body(), body(messages=parts)) is None, "the provider renders a string and a part alike"
    found = ctxpack.diff(body(), json.dumps(body(tool_choice={"type": "any"}), separators=(",", ":")))
    assert found is not None
    assert (found.cause, found.detail, found.path) == ("parameter changed", "tool_choice", "messages[0].content")
    later = json.dumps(body(tool_choice={"type": "any"}), separators=(",", ":")).encode()
    assert later[found.byte :].startswith(b'"look"'), "the first byte that no cache can serve"


def chat(*said: tuple[str, str], **more: Any) -> dict[str, Any]:
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


RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "2026-11-23"}


def told(**more: Any) -> dict[str, Any]:
    return body(messages=[{"role": "user", "content": [RESULT | more]}])


CAUSES = {
    "a system message of a chat": (chat(("system", "a")), chat(("system", "b")), "system text changed"),
    "a role": (chat(("user", "a")), chat(("assistant", "a")), "history rewritten"),
    "a system role": (chat(("system", "a")), chat(("developer", "a")), "system text changed"),
    "an error flag": (told(), told(is_error=True), "history rewritten"),
    "an answer to another call": (told(), told(tool_use_id="u"), "history rewritten"),
    "a model": (chat(("user", "a")), chat(("user", "a"), model="gpt-4.1"), "model changed"),
    "effort": (chat(("user", "a")), chat(("user", "a"), reasoning_effort="low"), "parameter changed"),
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
    "a custom tool": (
        chat(("user", "a"), tools=[{"type": "custom", "custom": {"name": "a"}}]),
        chat(("user", "a"), tools=[{"type": "custom", "custom": {"name": n}} for n in "ab"]),
        "tool added",
    ),
    "system dropped": (body(), {k: v for k, v in body().items() if k != "system"}, "system text changed"),
    "a tool's description": (body(), body(tools=[TOOLS[0] | {"description": "e"}, TOOLS[1]]), "tool changed"),
}


@pytest.mark.parametrize("fault", CAUSES)
def test_causes(fault: str) -> None:
    earlier, later, cause = CAUSES[fault]
    found = ctxpack.diff(earlier, later)
    assert found is not None
    assert found.cause == cause


def test_of_several_changes_the_first_in_render_order_is_named() -> None:
    later = body(system="other", tool_choice={"type": "any"})
    found = ctxpack.diff(body(), later)
    assert found is not None
    assert found.cause == "system text changed"


def test_settings_that_no_provider_renders_are_no_divergence() -> None:
    for more in ({"temperature": 1}, {"stream": True}, {"max_tokens": 10}, {"metadata": {"user_id": "x"}}):
        assert ctxpack.diff(body(), body(**more)) is None


def test_a_shorter_later_prompt_is_served_whole() -> None:
    assert ctxpack.diff(body(), body(messages=body()["messages"][:1])) is None


def test_errors_are_ours() -> None:
    with pytest.raises(CtxpackError):
        ctxpack.diff(body(), b"{")
    with pytest.raises(UnknownModelError):
        ctxpack.diff(body(model="nonsense-9"), body())
    assert ctxpack.diff(body(model="nonsense-9"), body(model="nonsense-9")) is None
