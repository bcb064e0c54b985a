"""JSON forms: the same value, in the caller's own spelling of numbers and strings."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing.tables import columnar, expanded, minified

from .conversations import examples

names = st.one_of(st.sampled_from(["id", "name", "columns", "rows", "", "é", 'quo"te', "tab\t"]), st.text(max_size=4))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**80), 2**80), st.floats(allow_nan=False, allow_infinity=False), st.text()
)


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy) -> list[dict]:
    """Objects with the same names: what columns are for."""
    columns = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    return [{name: draw(cells) for name in columns} for _ in range(draw(st.integers(2, 5)))]


values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4), tables(inner)),
    max_leaves=25,
)


def spelled(value: object, indent: int | None, ascii_only: bool) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=ascii_only)


@examples(100)
@given(values, st.sampled_from([None, 1, 4]), st.booleans())
def test_expanded_gives_the_value_back(value, indent, ascii_only):
    text = spelled(value, indent, ascii_only)
    try:
        packed = columnar(text)
    except ValueError:
        return
    assert expanded(packed) == msgspec.json.decode(text)


@examples(100)
@given(values, st.sampled_from([None, 1, 4]), st.booleans())
def test_minified_drops_white_space_only(value, indent, ascii_only):
    text = spelled(value, indent, ascii_only)
    assert minified(text) == json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)


@pytest.mark.parametrize("number", ["1.50", "1e5", "1E-7", "-0.0", "-0", "12345678901234567890123", "0.1e+1", "1e400"])
def test_numbers_keep_their_spelling(number):
    rows = ", ".join(f'{{"a": {number}, "b": [ {number} ]}}' for _ in range(4))
    assert minified(f"[ {rows} ]").count(number) == 8
    assert columnar(f"[ {rows} ]").count(number) == 8


def test_tables_inside_tables():
    rows = [{"id": n, "lines": [{"sku": f"s{n}{k}", "count": k} for k in range(3)]} for n in range(3)]
    packed = columnar(json.dumps(rows))
    assert packed.startswith('{"columns":["id","lines"],"rows":[[0,{"columns":["sku","count"],"rows":[["s00",0]')
    assert expanded(packed) == rows


@pytest.mark.parametrize(
    "text",
    [
        '{"columns": ["a"], "rows": [[1]]}',
        '{"deep": [{"columns": 1, "rows": 2}]}',
        '{"columns": "x", "rows": []}',
        '[{"a": 1, "a": 2}, {"a": 3}, {"a": 4}]',
        '[{"\\u0061": 1}, {"a": 2}, {"a": 3}]',
        '{"\\u0063olumns": ["a"], "rows": [[1]]}',
    ],
)
def test_what_would_not_come_back_is_refused(text):
    with pytest.raises(ValueError, match="columns"):
        columnar(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "nothing", "[1,2", '{"a":1}\n{"b":2}', "[01]", "[1,]", "['a']", "[NaN]", "[1] and more", '["a\nb"]'],
)
def test_what_is_no_json_is_refused(text):
    for form in (minified, columnar):
        with pytest.raises(msgspec.DecodeError):
            form(text)


@pytest.mark.parametrize("depth", [200, 2000, 100_000])
def test_deep_nesting_is_packed_or_refused(depth):
    text = "[" * depth + "]" * depth
    try:
        assert columnar(text) == text
    except RecursionError:
        assert depth > 200
