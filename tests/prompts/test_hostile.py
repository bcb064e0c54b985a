"""Whatever stands anywhere in a body, the error is ours."""

import copy
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack import Prompt, diff
from ctxpack.caching import cache_model
from ctxpack.errors import BodyError, CtxpackError, UnknownModelError
from ctxpack.prefix import fingerprint
from ctxpack.providers import cache_rules
from tests.prompts.bodies import CHAT, MESSAGES

NAN, INFINITE, TODAY, HALF = float("nan"), float("-inf"), date(2026, 11, 28), Decimal("0.5")
HOLE = "\ufffc"
BODIES = {
    "openai.chat": CHAT
    | {"response_format": {}, "prompt_cache_options": {"mode": "explicit"}, "reasoning_effort": "low"},
    "anthropic.messages": MESSAGES | {"cache_control": {"ttl": "1h"}, "tool_choice": {"type": "any"}, "thinking": {}},
}
RULES = {name: cache_rules(body["model"]) for name, body in BODIES.items()}
DEEP = "[" * 700 + "]" * 700
HOSTILE = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "beyond 64 bits": "9" * 30,
    "5000 digits": "9" * 5000,
    "infinite": "1e999",
    "string": '"x"',
    "empty": '""',
    "NUL": '"\\u0000"',
    "lone surrogate": '"\\ud800 and more text"',
    "low surrogate": '"\\udc00 and more text"',
    "list": "[]",
    "list of nulls": "[null]",
    "object": "{}",
    "odd object": '{"": {"": null}, "type": 5, "text": []}',
    "deep": DEEP,
    "deeper": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"content":' * 700 + "1" + "}" * 700,
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of every value in a body, the body itself left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from places(inner, (*path, key))


def planted(body: dict[str, Any], path: tuple[Any, ...], literal: str) -> bytes:
    changed = copy.deepcopy(body)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = HOLE
    return json.dumps(changed, ensure_ascii=False).replace(f'"{HOLE}"', literal).encode()


def use(data: bytes, dialect: str) -> None:
    """Everything that reads a prompt."""
    prompt = Prompt.parse(data, dialect)
    assert prompt.dump() == data
    for block in prompt.blocks:
        assert isinstance(block.text, str)
        assert isinstance(block.wire, bytes)
    for other in (BODIES[dialect], data):
        diff(other, prompt)
        diff(prompt, other)
    printed = fingerprint(prompt)
    assert len(printed.values) == len(printed.positions) == len(prompt.blocks)
    for name in BODIES:
        model = cache_model(RULES[name])
        model.observe(printed, 0)
        assert model.predict(printed, 1).usage.input == printed.tokens
    assert prompt.exactness in ("exact", "estimate")


@pytest.mark.parametrize("literal", HOSTILE)
@pytest.mark.parametrize("dialect", BODIES)
def test_a_hostile_value_at_every_place(dialect: str, literal: str) -> None:
    body = BODIES[dialect]
    messages = []
    passed = 0
    for path in places(body):
        data = planted(body, path, HOSTILE[literal])
        try:
            use(data, dialect)
            passed += 1
        except UnknownModelError:
            continue  # which names the model
        except CtxpackError as error:
            messages.append(str(error))
    assert not any("more text" in message for message in messages), "errors never quote a body"
    assert passed or literal == "deeper"


@pytest.mark.parametrize("dialect", BODIES)
def test_a_missing_member_at_every_place(dialect: str) -> None:
    for path in places(BODIES[dialect]):
        changed = copy.deepcopy(BODIES[dialect])
        place: Any = changed
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        try:
            use(json.dumps(changed).encode(), dialect)
        except CtxpackError:
            continue


@pytest.mark.parametrize("dialect", BODIES)
def test_a_body_cut_off_anywhere(dialect: str) -> None:
    data = json.dumps(BODIES[dialect]).encode()
    for end in range(len(data)):
        with pytest.raises(CtxpackError):
            Prompt.parse(data[:end], dialect)


@settings(max_examples=200)
@given(data=st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    dialect = data.draw(st.sampled_from(sorted(BODIES)))
    body = bytearray(json.dumps(BODIES[dialect]).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        use(bytes(body), dialect)
    except CtxpackError:
        return


@pytest.mark.parametrize(
    "value",
    [
        10**5000,
        object(),
        b"\xff",
        {None: 1},
        {(1,): 2},
        range(3),
        {1},
        NAN,
        INFINITE,
        TODAY,
        HALF,
    ],
    ids=range(11),
)
def test_python_values_that_are_no_json(value: Any) -> None:
    """Nothing is sent as another value: NaN as null, a date as a string."""
    for metadata in (value, {"inner": [value]}):
        with pytest.raises(BodyError):
            Prompt.parse({"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "metadata": metadata})


@pytest.mark.parametrize("value", [2**70, -(2**70), 0.5, (1, "x"), None, True])
def test_python_values_that_are_json(value: Any) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "metadata": value}
    assert Prompt.parse(body).dump() == json.dumps(body, separators=(",", ":")).encode()


def test_a_byte_order_mark_is_named() -> None:
    with pytest.raises(BodyError, match="byte order mark"):
        Prompt.parse(b"\xef\xbb\xbf" + json.dumps(CHAT).encode())


@pytest.mark.parametrize("half", [r"\ud83d", r"\uDE00"])
def test_half_a_surrogate_pair_counts_as_what_stands_for_it(half: str) -> None:
    plain, cut = (json.dumps(MESSAGES).replace("one", f"one {put} two") for put in (r"\ufffd", half))
    given, other = Prompt.parse(cut), Prompt.parse(plain)
    assert given.block_tokens == other.block_tokens
    assert [block.fixed for block in given.blocks if block.kind == "tool_result"] == [True]
    assert [block.fixed for block in other.blocks if block.kind == "tool_result"] == [False]
    assert fingerprint(given).positions != fingerprint(other).positions


def test_a_mapping_that_holds_itself_is_an_error_of_ours() -> None:
    body: dict[str, Any] = {"messages": []}
    body["messages"].append(body)
    with pytest.raises(CtxpackError):
        Prompt.parse(body)
