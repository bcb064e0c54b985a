"""Definitions of functions as OpenAI shows them to its models: as types of TypeScript.

OpenAI publishes no rule. What tools like openai-chat-tokens found is nearly what recorded requests were billed (see
`framing.json`); those also tell that parameters without descriptions stand on one line, and that the lines of a
description lose the indentation that they share.
"""

from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any

import msgspec

_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
# Levels of a schema that are looked at: more than any has that a model could follow.
_DEEPEST = 32


def definition(tool: object) -> str:
    """A function's definition, with the end of what stands ahead of it, so that the tokens of several add up.

    How other tools are shown is not known: of them, the JSON.

    Args:
        tool: of a Chat Completion, or the function in it.

    Complexity: O(bytes): a definition that others refer to is written out once.
    """
    if _object(tool).get("type", "function") != "function":
        return msgspec.json.encode(tool).decode()
    function = _object(_object(tool).get("function", tool))
    parameters = _object(function.get("parameters"))
    described, name = function.get("description"), function.get("name", "")
    text = _dedented(described) if isinstance(described, str) else ""
    head = f"// {text}\n" if text else ""
    taken = f"_: {_Schema(parameters).written()}" if _object(parameters.get("properties")) else ""
    return f";\n\n{head}type {name} = ({taken}) => any"


def _dedented(text: str) -> str:
    blank = len(text) - len(text.lstrip())
    # cleandoc takes blank lines in front away one by one, in O(n^2); the last newline says that a line's start follows.
    return cleandoc(text[max(text.rfind("\n", 0, blank), 0) :])


class _Schema:
    """A JSON schema of parameters, written as a type."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self._written: set[str] = set()  # definitions, by reference

    def written(self) -> str:
        return self._fields(self._whole, 0)

    def _fields(self, schema: Mapping[str, Any], depth: int) -> str:
        properties = _object(schema.get("properties"))
        if not properties:
            return "object"
        names = _texts(schema.get("required"))
        fields = [
            f"{name}{'' if name in names else '?'}: {self._type(field, depth + 1)}"
            for name, field in properties.items()
        ]
        described = [_description(field) if depth == 0 else "" for field in properties.values()]
        if not any(described):
            return f"{{ {', '.join(fields)} }}"
        lines = (f"{above}{field},\n" for above, field in zip(described, fields, strict=True))
        return f"{{\n{''.join(lines)}}}"

    def _type(self, value: object, depth: int) -> str:
        schema = self._resolved(_object(value))
        if depth >= _DEEPEST:
            return "any"
        if "enum" in schema or "const" in schema:
            choices = schema.get("enum", [schema.get("const")])
            return " | ".join(_literals(choices))
        several = schema.get("anyOf", schema.get("oneOf"))
        if isinstance(several, list):
            return " | ".join(self._type(one, depth + 1) for one in several)
        kind = schema.get("type")
        if isinstance(kind, list):
            return " | ".join(self._of_kind(one, schema, depth) for one in _texts(kind))
        return self._of_kind(kind, schema, depth)

    def _of_kind(self, kind: object, schema: Mapping[str, Any], depth: int) -> str:
        if kind == "object":
            return self._fields(schema, depth)
        if kind == "array":
            return f"{self._type(schema.get('items'), depth + 1)}[]"
        return _TYPES.get(kind, "any") if isinstance(kind, str) else "any"

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a reference within the schema stands for, the first time; nothing from then on."""
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        if reference in self._written:
            return {}
        self._written.add(reference)
        found: object = self._whole
        for key in reference.split("/")[1:]:
            found = _object(found).get(key)
        return _object(found)


def _texts(values: object) -> dict[str, None]:
    """The texts in a list, each once, in their order."""
    return dict.fromkeys(value for value in values if isinstance(value, str)) if isinstance(values, list) else {}


def _literals(choices: object) -> Iterator[str]:
    for choice in choices if isinstance(choices, list) else []:
        yield msgspec.json.encode(choice).decode()


def _description(field: object) -> str:
    text = _object(field).get("description")
    return f"// {text}\n" if isinstance(text, str) and text else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
