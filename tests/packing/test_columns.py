"""JSON forms: the same value, in the caller's own spelling of numbers and strings."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing.columns import by_tokens, columnar, restored
from ctxpack.packing.minifying import minified
from ctxpack.tokens import encoding

from .conversations import examples

count = encoding("o200k_base").count

names = st.one_of(
    st.sampled_from(["id", "name", "all", "columns", "rows", "", "id?", "é", 'quo"te', "tab\t"]), st.text(max_size=4)
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**80), 2**80), st.floats(allow_nan=False, allow_infinity=False), st.text()
)


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy) -> list[dict]:
    """Objects with much the same names, some values alike: what columns are for."""
    columns = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    alike = draw(st.dictionaries(st.sampled_from(columns), cells, max_size=2))
    rows = [{name: draw(cells) for name in columns} | alike for _ in range(draw(st.integers(2, 5)))]
    for row in rows[1:]:
        row.pop(draw(st.sampled_from([None, None, None, *columns])), None)
    return rows


@st.composite
def nested(draw: st.DrawFn, cells: st.SearchStrategy) -> list[object]:
    """Tables in the cells of tables, and tables side by side."""
    inner = [[{"x": draw(cells), "y": draw(cells)} for _ in range(draw(st.integers(0, 2)))] for _ in range(3)]
    return draw(st.sampled_from([inner, [{"id": at, "in": rows, "at": {"x": 1}} for at, rows in enumerate(inner)]]))


values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4), tables(inner), nested(inner)
    ),
    max_leaves=25,
)


def spelled(value: object, indent: int | None, ascii_only: bool) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=ascii_only)


@examples(100)
@given(values, st.sampled_from([None, 1, 4]), st.booleans())
def test_expanded_gives_the_value_back(value: object, indent: int | None, ascii_only: bool) -> None:
    text = spelled(value, indent, ascii_only)
    try:
        packed = columnar(text)
    except ValueError:
        return
    assert restored(packed) == msgspec.json.decode(text)


@examples(100)
@given(st.lists(st.dictionaries(names, scalars, max_size=3), min_size=2, max_size=5), st.sampled_from(["\n", "\n\n"]))
def test_lines_of_json_come_back(rows: list[dict[str, Any]], between: str) -> None:
    text = between.join(map(json.dumps, rows)) + "\n"
    assert [json.loads(line) for line in minified(text).split("\n")] == rows
    try:
        packed = columnar(text)
    except ValueError:
        return
    assert restored(packed) == [msgspec.json.decode(json.dumps(row)) for row in rows]


def test_lines_of_json_become_a_row_a_line() -> None:
    lines = [json.dumps({"at": f"10:0{n}", "level": "info", "seconds": n}) for n in range(3)]
    assert columnar("\n".join(lines)) == (
        '{"all":{"level":"info"},"columns":["at","seconds"],"rows":[["10:00",0],\n["10:01",1],\n["10:02",2]]}'
    )


@pytest.mark.parametrize("number", ["1.50", "1e5", "1E-7", "-0.0", "-0", "12345678901234567890123", "0.1e+1", "1e400"])
def test_numbers_keep_their_spelling(number: str) -> None:
    rows = ", ".join(f'{{"a": {number}, "b": [ {number} ]}}' for _ in range(4))
    assert columnar(f"[ {rows} ]").count(number) == 8


def test_tables_inside_tables() -> None:
    rows = [{"id": n, "lines": [{"sku": f"s{n}{k}", "count": k} for k in range(3)]} for n in range(3)]
    packed = columnar(json.dumps(rows))
    assert packed.startswith('{"columns":["id",{"lines":[["sku","count"]]}],"rows":[[0,[["s00",0],["s01",1],')
    assert restored(packed) == rows


@pytest.mark.parametrize(
    ("value", "packed"),
    [
        (
            [{"number": 1, "unit": "millimetres"}, {"number": 2, "unit": "millimetres"}],
            '{"all":{"unit":"millimetres"},"columns":["number"],"rows":[[1],[2]]}',
        ),
        (
            [{"first name": 1, "second name": {"b": 2, "c": 3}}, {"first name": 4, "second name": {"b": 5, "c": 6}}],
            '{"columns":["first name",{"second name":["b","c"]}],"rows":[[1,[2,3]],[4,[5,6]]]}',
        ),
        (
            [
                {"id": 1, "at": {"x": 0, "y": 5}, "unit": "mm", "state": "new"},
                {"id": 2, "at": {"x": 7, "y": 5}, "unit": "mm", "state": "new", "note": "edge"},
            ],
            '{"all":{"unit":"mm","state":"new"},"columns":["id",{"at":["x","y"]},"note?"],"rows":[[1,[0,5],null],[2,[7,5],"edge"]]}',
        ),
        (
            [{"first name": 1, "note": "x"}, {"first name": 2}, {"first name": 3, "note": "y"}],
            '{"columns":["first name","note?"],"rows":[[1,"x"],[2,null],[3,"y"]]}',
        ),
        (
            [[{"name": 1, "count": 2}, {"name": 3, "count": 4}], [], [{"name": 5, "count": 6}]],
            '{"columns":[["name","count"]],"rows":[[[1,2],[3,4]],[],[[5,6]]]}',
        ),
        ([{"a": 1}, {"b": 2}, {"c": 3}], '[{"a":1},{"b":2},{"c":3}]'),
        ([{"a": 1, "b": None}, {"a": 2}], '[{"a":1,"b":null},{"a":2}]'),
        ([{"name?": 1, "b": 5}, {"name?": 2, "b": 6}], '[{"name?":1,"b":5},{"name?":2,"b":6}]'),
        ([{"a": 1}, 2, {"a": 3}], '[{"a":1},2,{"a":3}]'),
    ],
)
def test_forms(value: object, packed: str) -> None:
    assert columnar(json.dumps(value)) == packed
    assert restored(packed) == value


@examples(200)
@given(tables(st.sampled_from([1, 25, "a", True, None])))
def test_an_array_is_written_with_the_fewest_tokens(rows: list[dict]) -> None:
    text = json.dumps(rows)
    try:
        by_bytes = columnar(text)
    except ValueError:
        return
    packed, exceptions = by_tokens(text, count)
    assert columnar(text, exceptions) == packed
    assert count(packed) <= min(count(by_bytes), count(minified(text)))


def test_tokens_decide_array_by_array() -> None:
    rows = [{"x": 1, "ok": True, "k": None, "b": None}, {"x": 25, "ok": None, "k": None, "b": True}]
    plain = minified(json.dumps(rows))
    table = '{"columns":["x","ok","k","b"],"rows":[[1,true,null,null],[25,null,null,true]]}'
    assert (len(table), count(table)) == (len(plain) + 4, count(plain) - 8)
    text = json.dumps({"here": rows, "there": rows})
    assert columnar(text) == f'{{"here":{plain},"there":{plain}}}'
    assert by_tokens(text, count) == (f'{{"here":{table},"there":{table}}}', (0, 1))
    assert columnar(text, (1,)) == f'{{"here":{plain},"there":{table}}}'
    assert restored(columnar(text, (1,))) == {"here": rows, "there": rows}


@pytest.mark.parametrize(
    "text",
    [
        '{"columns": ["a"], "rows": [[1]]}',
        '{"all": {"b": 2}, "columns": ["a"], "rows": [[1]]}',
        '{"deep": [{"columns": 1, "rows": 2}]}',
        '{"columns": "x", "rows": []}',
        '[{"a": 1, "a": 2}, {"a": 3}, {"a": 4}]',
        '[{"\\u0061": 1}, {"a": 2}, {"a": 3}]',
        '{"\\u0063olumns": ["a"], "rows": [[1]]}',
    ],
)
def test_what_would_not_come_back_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="columns"):
        columnar(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nothing",
        "[1,2",
        '{"a":1}\n{"b":2',
        '{"a":1}\nand more',
        "[01]",
        "[1,]",
        "['a']",
        "[NaN]",
        "[1] and more",
        '["a\nb"]',
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    for form in (minified, columnar):
        with pytest.raises(msgspec.DecodeError):
            form(text)


def test_objects_nested_too_deeply_are_refused() -> None:
    deep = '{"a":' * 40 + "1" + "}" * 40
    assert minified(deep) == deep
    with pytest.raises(ValueError, match="deep"):
        columnar(deep)


@pytest.mark.parametrize("depth", [200, 2000, 100_000])
def test_deep_nesting_is_packed_or_refused(depth: int) -> None:
    text = "[" * depth + "]" * depth
    try:
        assert columnar(text) == text
    except RecursionError:
        assert depth > 200
