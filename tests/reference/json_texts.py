"""JSON in texts, read slowly: where it stands, without white space, and the values of columns and rows."""

import json
from collections.abc import Iterator
from contextlib import suppress


def places(text: str) -> Iterator[tuple[int, int]]:
    """Ranges that are JSON, or lines of it: all of the text, or from a line's start on."""
    starts = [at for at, letter in enumerate(text) if letter in "{[" and (not at or text[at - 1] == "\n")]
    for start, stop in [(0, len(text)), *((start, len(text.rstrip())) for start in starts)]:
        with suppress(ValueError, RecursionError):
            _documents(text[start:stop])
            yield start, stop
    for start in starts:
        with suppress(ValueError, RecursionError):
            yield start, json.JSONDecoder().raw_decode(text, start)[1]


def compact(text: str) -> str:
    """JSON, or lines of it, without white space between its parts."""
    return "\n".join(map(_compact, _documents(text)))


def _compact(text: str) -> str:
    kept, is_string, is_escaped = [], False, False
    for letter in text:
        if letter == '"' and not is_escaped:
            is_string = not is_string
        is_escaped = letter == "\\" and not is_escaped
        if is_string or letter not in " \t\r\n":
            kept.append(letter)
    return "".join(kept)


def value(text: str) -> object:
    """The value of JSON, that of lines as a list; numbers are told apart by their spelling.

    Raises:
        ValueError: the text is no JSON, or an object has a name twice.
    """
    values = [json.loads(one, **_EXACTLY) for one in _documents(text)]
    return values[0] if len(values) == 1 else values


def table_value(text: str) -> object:
    """The same, with columns and rows as the objects that they stand for."""
    return _read(value(text))


def _documents(text: str) -> list[str]:
    """The one document of a text, or its lines. Raises ValueError where they are no JSON."""
    try:
        json.loads(text)
        return [text]
    except ValueError:
        lines = [line for line in text.split("\n") if line.strip()]
        for line in lines:
            json.loads(line)
        return lines


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("an object has a name twice")
    return dict(pairs)


def _number(spelling: str) -> tuple[str, str]:
    return "number", spelling


_EXACTLY = {"object_pairs_hook": _unique, "parse_int": _number, "parse_float": _number}


def _read(value: object) -> object:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not {"columns", "rows"} <= set(value):
        return {name: _read(item) for name, item in value.items()}
    rows = [_named(value["columns"], row) for row in value["rows"]]
    return [_read(value["all"]) | row for row in rows] if "all" in value else rows


def _named(columns: list, row: list) -> object:
    if isinstance(columns[0], list):
        return [_named(columns[0], item) for item in row]
    found = {}
    for column, cell in zip(columns, row, strict=True):
        if isinstance(column, dict):
            found |= {name: _named(inner, cell) for name, inner in column.items()}
        elif not column.endswith("?") or cell is not None:
            found[column.removesuffix("?")] = _read(cell)
    return found
