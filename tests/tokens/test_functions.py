"""Definitions of functions as the types that OpenAI shows to its models."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import encode

from ctxpack.tokens import encoding
from ctxpack.tokens.functions import definition


def written(properties: dict[str, Any], **more: Any) -> str:
    """The parameters of a function, as they are written."""
    parameters = {"type": "object", "properties": properties} | more
    head, _, rest = definition({"name": "f", "parameters": parameters}).partition("(_: ")
    assert head == ";\n\ntype f = "
    return rest.removesuffix(") => any")


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": "integer"}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({"type": ["number", "null"]}, "number | null"),
        ({"type": "string", "enum": ["c", "f"]}, '"c" | "f"'),
        ({"enum": [1, None]}, "1 | null"),
        ({"const": "x"}, '"x"'),
        ({"type": "array", "items": {"type": "string"}}, "string[]"),
        ({"type": "array"}, "any[]"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "object", "properties": {"b": {"type": "null"}}, "required": ["b"]}, "{ b: null }"),
        ({"type": "object"}, "object"),
        ({"type": "secret"}, "any"),
        ({}, "any"),
        ("string", "any"),
    ],
)
def test_types(schema: object, kind: str) -> None:
    assert written({"a": schema}, required=["a"]) == f"{{ a: {kind} }}"
    assert written({"a": schema}) == f"{{ a?: {kind} }}"


def test_descriptions_of_parameters_stand_above_them() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "null", "description": "not shown"}}}
    fields = {"a": {"type": "string", "description": "Who."}, "o": inner}
    assert written(fields, required=["a", "o"]) == "{\n// Who.\na: string,\no: { b?: null },\n}"


def test_a_description_loses_the_indentation_that_its_lines_share() -> None:
    function = {"name": "f", "description": "Does it.\n\n    Args:\n        a: what\n    ", "parameters": {}}
    expected = ";\n\n// Does it.\n\nArgs:\n    a: what\ntype f = () => any"
    assert definition({"type": "function", "function": function}) == definition(function) == expected


@pytest.mark.parametrize("blank", ["\n", "\n \n"])
def test_the_first_line_of_a_description_may_alone_be_indented_least(blank: str) -> None:
    function = {"name": "f", "description": f"{blank}    Does it:\n        a"}
    assert definition(function) == ";\n\n// Does it:\n    a\ntype f = () => any"


def test_what_is_no_function_is_shown_as_its_json() -> None:
    tool = {"type": "custom", "custom": {"name": "f", "description": "Does it.", "format": {"type": "text"}}}
    assert definition(tool) == encode(tool).decode()


@pytest.mark.parametrize("blank", ["\n", " \n", "\t\n"])
def test_blank_lines_in_front_of_a_description(blank: str) -> None:
    assert definition({"name": "f", "description": blank * 400_000 + " x"}) == ";\n\n// x\ntype f = () => any"
    assert definition({"name": "f", "description": blank}) == definition({"name": "f"})


def test_what_is_referred_to_is_written_once() -> None:
    """References may go round in circles, or double at every step."""
    steps = {
        f"s{n}": {"type": "object", "properties": {k: {"$ref": f"#/$defs/s{n + 1}"} for k in "ab"}} for n in range(40)
    }
    assert written({"a": {"$ref": "#/$defs/s0"}}, **{"$defs": steps}).count("{") == 1 + 31
    assert written({"a": {"$ref": "#"}}) == "{ a?: { a?: any } }"
    assert written({"a": {"$ref": "#/$defs/none/x"}}) == "{ a?: any }"


def test_a_type_that_is_named_twice_is_written_once() -> None:
    """Two of each at every level would be as many as two to the power of the levels."""
    schema: dict[str, Any] = {"type": "null"}
    for _ in range(30):
        schema = {"type": ["array", "array"], "items": schema}
    assert written({"a": schema}) == "{ a?: null" + "[]" * 30 + " }"


def test_many_required_parameters() -> None:
    names = [f"a{number}" for number in range(50_000)]
    assert written({name: {} for name in names}, required=names).count("?") == 0


def test_no_depth_is_too_deep() -> None:
    schema: dict[str, Any] = {"type": "null"}
    for _ in range(5000):
        schema = {"type": "array", "items": schema}
    assert written({"a": schema}).endswith("[] }")


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "enum", "anyOf", "description", "required", "$ref", "name"]
            ),
            inner,
        )
    ),
)


@given(VALUES)
def test_any_value_is_written(value: object) -> None:
    assert definition(value)
    assert definition({"function": value}).startswith(";")
    assert definition({"name": value, "description": value, "parameters": value}).endswith(" => any")


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
@given(st.lists(st.sampled_from([{}, {"description": "Looks."}, {"description": "a\n\nb\n"}]), min_size=1, max_size=5))
def test_tokens_of_several_add_up(name: str, functions: list[dict[str, Any]]) -> None:
    count = encoding(name).count
    texts = [definition({"name": "f", "parameters": {}} | function) for function in functions]
    whole = "namespace functions {" + "".join(texts).removeprefix(";") + ";\n\n} // namespace functions"
    assert count(whole) == sum(map(count, texts)) + 7
