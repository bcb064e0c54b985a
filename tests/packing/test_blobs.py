"""Blobs: what is left out, what stays, and that all of it comes back."""

import random
import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import Session
from ctxpack.packing.blobs import without_blobs
from ctxpack.tokens import encoding
from tests.packing import laws
from tests.packing.conversations import CLAUDE, Step, bodies

count = encoding("o200k_base").count
NOISE = random.Random(5).randbytes(900)
BASE64, HEX = b64encode(NOISE).decode(), NOISE.hex()
PAGE = f'<p>before</p><img src="data:image/png;base64,{BASE64}">\nmiddle\n{HEX}\nafter'


def left(text: str) -> str:
    recipe = without_blobs(text, lambda: "0123abcd", count)
    return text if recipe is None else recipe.apply(text)


def test_what_it_looks_like() -> None:
    assert left(PAGE) == (
        f'<p>before</p><img src="data:image/png;base64,{BASE64[:16]}'
        f'[ctxpack:0123abcd {len(BASE64) - 16} characters of base64 left out]">\nmiddle\n'
        f"{HEX[:16]}[ctxpack {len(HEX) - 16} characters of hexadecimal digits left out]\nafter"
    )


@pytest.mark.parametrize(
    "text",
    ["x" * 3000, "/srv/application/templates" * 40, "someVeryLongIdentifierName" * 40, BASE64[:250], "-" * 900],
)
def test_what_is_no_blob(text: str) -> None:
    assert left(text) == text


@given(st.lists(st.sampled_from([BASE64, HEX, " ", "words between\n", "=", "data:"]), max_size=8).map("".join))
def test_everything_else_stays(text: str) -> None:
    kept = re.split(r"\[ctxpack[^\[\]]*\]", left(text))
    at = 0
    for piece in kept:
        at = text.index(piece, at) + len(piece)
    assert count(left(text)) <= count(text)


@pytest.mark.parametrize("name", ["Bash", "Read"])
def test_lossless_keeps_blobs_and_the_others_give_them_back(name: str) -> None:
    made = [Step("", False, [("call_1", name, {"command": "page"})], [PAGE]), Step(asked="go on")]
    requests = bodies(made, "anthropic.messages")
    assert laws.run(Session(CLAUDE), requests)[-1].report.entries == ()
    session = Session(CLAUDE, "balanced")
    [entry] = laws.run(session, requests)[-1].report.entries
    assert entry.action == "clipped"
    assert entry.tokens_after < 0.2 * entry.tokens_before
    assert session.original(entry.handle) == PAGE
