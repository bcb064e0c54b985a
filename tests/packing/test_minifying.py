"""Minified JSON: the same text without white space between its parts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing.minifying import minified

from .conversations import examples

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**80), 2**80), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=25
)


@examples(100)
@given(values, st.sampled_from([None, 1, 4]), st.booleans())
def test_white_space_goes_and_nothing_else(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert minified(text) == json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)


@pytest.mark.parametrize("number", ["1.50", "1e5", "1E-7", "-0.0", "-0", "12345678901234567890123", "0.1e+1", "1e400"])
def test_numbers_keep_their_spelling(number: str) -> None:
    assert minified(f"[ {number} , [ {number} ] ]") == f"[{number},[{number}]]"


def test_lines_of_objects_keep_their_lines_but_for_empty_ones() -> None:
    assert minified('{"a": 1}\n\n {"b": 2}\n  \n') == '{"a":1}\n{"b":2}'
