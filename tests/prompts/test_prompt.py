"""Prompts: parsed in render order, written back byte for byte, and never an error but ours."""

import copy
import json
from itertools import permutations
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack import Prompt
from ctxpack.errors import BodyError, CtxpackError, DialectError
from tests.cassettes import recorded
from tests.prompts.bodies import CHAT, MARK, MESSAGES, respelled

SPELLINGS = [
    {"separators": (",", ":"), "ensure_ascii": False},
    {"indent": 2},
    {"separators": (" ,\r\n", "\t: "), "ensure_ascii": True},
    {"sort_keys": True},
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=range(len(SPELLINGS)))
def test_recorded_bodies_come_back_byte_for_byte(spelling: dict[str, Any]) -> None:
    for record in recorded():
        body = json.dumps(record.body, **spelling).encode()
        prompt = Prompt.parse(body)
        assert prompt.dialect == record.dialect, record.cassette
        assert prompt.dump() == body
        texts = respelled(prompt, lambda block, span: json.dumps(block.source.string(span, "")).encode())
        assert json.loads(prompt.replaced(texts).dump()) == record.body


def test_a_prompt_shows_what_it_is_and_none_of_its_text() -> None:
    assert repr(Prompt.parse(MESSAGES)) == "<Prompt anthropic.messages, claude-opus-4-6: 7 blocks>"
    nameless = Prompt.parse({"messages": [{"role": "user", "content": "secret"}]})
    assert repr(nameless) == "<Prompt openai.chat, no model: 1 blocks>"


def test_blocks_stand_in_render_order() -> None:
    assert [(b.kind, b.role, b.path) for b in Prompt.parse(MESSAGES).blocks] == [
        ("tool", "tools", "tools[0]"),
        ("system", "system", "system[0]"),
        ("text", "user", "messages[0].content"),
        ("thinking", "assistant", "messages[1].content[0]"),
        ("tool_use", "assistant", "messages[1].content[1]"),
        ("tool_result", "user", "messages[2].content[0]"),
        ("text", "user", "messages[2].content[1]"),
    ]
    assert [(b.kind, b.role, b.call_id) for b in Prompt.parse(CHAT).blocks] == [
        ("tool", "tools", ""),
        ("text", "system", ""),
        ("text", "user", ""),
        ("media", "user", ""),
        ("tool_use", "assistant", "c1"),
        ("tool_use", "assistant", "c1"),
        ("tool_result", "tool", "c1"),
    ]


@pytest.mark.parametrize(
    "named", [{"role": "function", "name": "f"}, {"role": "tool"}], ids=lambda named: named["role"]
)
def test_an_answer_without_an_id_is_a_result_whatever_its_content(named: dict[str, str]) -> None:
    for content in ("one", [{"type": "text", "text": "one"}]):
        *_, block = Prompt.parse({**CHAT, "messages": [*CHAT["messages"], {**named, "content": content}]}).blocks
        assert (block.kind, block.text) == ("tool_result", "one")


def test_spans_point_at_the_blocks() -> None:
    body = json.dumps(MESSAGES, indent=1).encode()
    prompt = Prompt.parse(body)
    for index, block in enumerate(prompt.blocks):
        span = prompt.span(index)
        assert body[span.start : span.stop] == block.raw
    result = prompt.blocks[5]
    assert result.text == "one"
    assert result.call_id == "t1"


def test_what_must_never_be_rewritten_is_fixed() -> None:
    fixed = [block.path for block in Prompt.parse(MESSAGES).blocks if block.fixed]
    assert fixed == ["tools[0]", "messages[1].content[0]"]
    assert [block.breakpoint for block in Prompt.parse(MESSAGES).blocks if block.breakpoint] == ["1h"] * 3


@pytest.mark.parametrize("order", list(permutations(["type", "text", "cache_control"])))
@pytest.mark.parametrize("spelling", SPELLINGS[:3], ids=range(3))
def test_markers_are_cut_out_cleanly(order: tuple[str, ...], spelling: dict[str, Any]) -> None:
    whole = {
        "type": "text",
        "text": 'say "cache_control": yes',
        "cache_control": {"type": "ephemeral"},
        "citations": None,
    }
    part = {name: whole[name] for name in [*order, "citations"]}
    body = {"model": "claude-opus-4-6", "max_tokens": 1, "messages": [{"role": "user", "content": [part]}]}
    block = Prompt.parse(json.dumps(body, **spelling)).blocks[0]
    assert json.loads(block.wire) == {name: value for name, value in part.items() if name != "cache_control"}


def test_a_string_and_a_text_part_are_the_same_to_a_cache() -> None:
    body = {"model": "claude-opus-4-6", "max_tokens": 1, "messages": [{"role": "user", "content": "hé"}]}
    as_part = copy.deepcopy(body)
    as_part["messages"][0]["content"] = [{"text": "hé", "type": "text", **MARK}]
    assert Prompt.parse(body).blocks[0].wire == Prompt.parse(as_part).blocks[0].wire


def test_replacing_one_text_leaves_every_other_byte() -> None:
    body = json.dumps(CHAT, indent=3).encode()
    prompt = Prompt.parse(body)
    (string,) = prompt.blocks[-1].strings
    changed = prompt.replaced({3: prompt.messages[3].replaced({string: b'"two"'})})
    start = prompt.outline.starts[3]
    assert changed.dump() == body[: start + string.start] + b'"two"' + body[start + string.stop :]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: data.decode()])
def test_every_kind_of_input(kind: Any) -> None:
    data = b' {"model": "gpt-4o",  "messages": [{"role": "user", "content": "x"}]}\n'
    assert Prompt.parse(kind(data)).dump() == data


def test_mappings_are_never_changed() -> None:
    class Part:
        def model_dump(self, **options: Any) -> dict[str, str]:
            return {"type": "text", "text": "from an SDK"}

    body: dict[str, Any] = {
        "model": "claude-opus-4-6",
        "max_tokens": 1,
        "messages": [{"role": "user", "content": [Part()]}],
    }
    content = body["messages"][0]["content"]
    assert Prompt.parse(MappingProxyType(body)).blocks[0].text == "from an SDK"
    assert body["messages"][0]["content"] is content


def test_a_setting_is_read_as_its_value() -> None:
    settings = {"stream": True, "stop": None, "response_format": {"a": [1]}}
    prompt = Prompt.parse({"messages": [{"role": "user", "content": "x"}], **settings}, "openai.chat")
    assert (prompt.setting("stream"), prompt.setting("stop"), prompt.setting("seed")) == (True, None, None)
    assert prompt.setting("response_format") == {"a": [1]}


BAD = [
    (b"", BodyError),
    (b"nonsense", BodyError),
    (b"[]", BodyError),
    (b'{"messages": [', BodyError),
    (b'\xef\xbb\xbf{"messages": []}', BodyError),
    (b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "\xff"}]}', BodyError),
    ('{"model": "\ud800"}', BodyError),
    ({}, DialectError),
    ({"prompt": "x"}, DialectError),
    ({"messages": []}, BodyError),
    ({"messages": {}}, BodyError),
    ({"messages": [7]}, BodyError),
    ({"messages": [{"role": "user"}]}, BodyError),
    ({"messages": [{"content": "x"}]}, BodyError),
    ({"messages": [{"role": 5, "content": "x"}]}, BodyError),
    ({"model": 5, "messages": [{"role": "user", "content": "x"}]}, BodyError),
    ({"messages": [{"role": "user", "content": [{"text": "no type"}]}]}, BodyError),
    ({"system": [], "messages": [{"role": "user", "content": [{"type": "text"}]}]}, BodyError),
    ({"messages": object()}, BodyError),
    (5, BodyError),
]


@pytest.mark.parametrize(("body", "error"), BAD, ids=range(len(BAD)))
def test_bad_bodies_get_a_clear_error(body: Any, error: type[CtxpackError]) -> None:
    with pytest.raises(error):
        Prompt.parse(body)


def test_errors_name_the_place_and_never_the_text() -> None:
    secret = "sk-live-1234"
    with pytest.raises(BodyError) as caught:
        Prompt.parse({"messages": [{"role": "user", "content": "x"}, {"role": "user", "content": {"key": secret}}]})
    assert "messages[1]" in str(caught.value)
    assert secret not in str(caught.value)


CALLED = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "f"}}]}


@pytest.mark.parametrize(
    ("more", "dialect"),
    [
        ({"max_tokens": 1}, "anthropic.messages"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "openai.chat"),
        ({"max_tokens": 1, "messages": [CALLED]}, "openai.chat"),
        ({"max_tokens": 1, "messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]}, "openai.chat"),
        ({"max_tokens": 1, "model": "anthropic/claude-opus-5"}, "openai.chat"),
        ({}, "openai.chat"),
    ],
    ids=range(6),
)
def test_the_dialect_of_a_body_for_claude(more: dict[str, Any], dialect: str) -> None:
    body = {"model": "claude-opus-5", "messages": [{"role": "user", "content": "x"}]}
    assert Prompt.parse(body | more).dialect == dialect


def test_unknown_dialects_are_named() -> None:
    with pytest.raises(DialectError, match=r"soap.*anthropic.messages, openai.chat"):
        Prompt.parse(CHAT, dialect="soap")


def test_deep_nesting_is_an_error_of_ours() -> None:
    with pytest.raises(BodyError):
        Prompt.parse(b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["role", "content", "type", "text", "tool_calls", "function", "id", "name", "cache_control", "input"]
)
PIECE = st.dictionaries(NAMES, st.sampled_from(["user", "assistant", "tool_result", "text", "tool"]) | JSON, max_size=5)


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What stands there in bodies, and now and then anything."""
    return st.integers(1, 20).flatmap(lambda draw: JSON if draw == 13 else usual)


TYPES = st.sampled_from(["text", "tool_use", "tool_result", "thinking", "image", "image_url", "not_yet_invented"])
MORE = st.integers(1, 10).flatmap(lambda draw: PIECE if draw == 7 else st.just({}))
PART = st.builds(lambda kind, more: {"text": "x"} | more | {"type": kind}, mostly(TYPES), MORE)
ROLES = st.sampled_from(["system", "user", "assistant", "tool"])
CONTENT = st.text(max_size=5) | st.lists(PART, max_size=3)
MESSAGE = st.builds(
    lambda role, content, more: more | {"role": role, "content": content}, mostly(ROLES), mostly(CONTENT), MORE
)


@given(
    body=st.fixed_dictionaries(
        {"messages": st.lists(mostly(MESSAGE), min_size=1, max_size=4)},
        optional={
            "system": mostly(CONTENT),
            "tools": mostly(st.lists(PART, max_size=2)),
            "model": mostly(st.sampled_from(["gpt-4o", "claude-opus-5"])),
            "max_tokens": mostly(st.integers()),
        },
    ),
    dialect=st.sampled_from([None, "openai.chat", "anthropic.messages"]),
)
def test_whatever_the_shape_the_error_is_ours(body: dict[str, Any], dialect: str | None) -> None:
    try:
        prompt = Prompt.parse(body, dialect)
    except CtxpackError:
        return
    assert json.loads(prompt.dump()) == body
    for block in prompt.blocks:
        assert isinstance(block.text, str)
        json.dumps(block.value)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_the_error_is_ours(data: bytes) -> None:
    for body in (data, b'{"messages":' + data + b"}"):
        try:
            Prompt.parse(body)
        except CtxpackError:
            continue
