"""The model that a body names, whatever form the body is in."""

import json
from typing import Any

import pytest

from ctxpack import Prompt
from ctxpack.errors import BodyError
from ctxpack.prompts.body import model_of
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
