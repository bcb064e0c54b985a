"""Bodies in every form: as JSON bytes, and the model that they name."""

import json
from typing import Any

import pytest

from ctxpack import Prompt
from ctxpack.errors import BodyError
from ctxpack.prompts.body import model_of, to_bytes
from tests.prompts.bodies import CHAT, MESSAGES


@pytest.mark.parametrize("kind", [dict, json.dumps, lambda body: json.dumps(body).encode()])
def test_the_model_alone(kind: Any) -> None:
    for body in (CHAT, MESSAGES):
        assert model_of(kind(body)) == Prompt.parse(body).model
    assert model_of(kind({"messages": []})) == model_of(kind({"model": None})) == ""
    with pytest.raises(BodyError):
        model_of(kind({"model": 5}))


@pytest.mark.parametrize("data", [b"", b"[]", b"nonsense", b'{"model": "x"', b'{"model": "\xff"}', 5])
def test_no_body_has_no_model(data: Any) -> None:
    with pytest.raises(BodyError):
        model_of(data)


@pytest.mark.parametrize("half", [chr(0xD83D), chr(0xDE00)], ids=["high", "low"])
def test_half_a_surrogate_pair_is_written_as_its_escape_and_nothing_else_changes(half: str) -> None:
    value = {"model": "m", "text": 'é 😀 \x01\x7f\u2028\b/\\"', "numbers": [1, 0.5, None, True]}
    escape = json.dumps(half).encode()
    given = {**value, "end": half}
    expected = to_bytes(value)[:-1] + b',"end":' + escape + b"}"
    assert to_bytes(given) == expected
    assert to_bytes(json.dumps(given, ensure_ascii=False, separators=(",", ":"))) == expected
    assert json.loads(expected) == given


def test_what_is_no_json_is_none_beside_half_a_surrogate_pair() -> None:
    with pytest.raises(BodyError, match="holds a bytes"):
        to_bytes({"end": "\ud83d", "data": b""})
