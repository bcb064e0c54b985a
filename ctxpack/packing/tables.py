"""JSON with the same value in fewer characters: without white space, and arrays of like objects as columns."""

from collections.abc import Iterable

import msgspec

_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

# Names of the object that stands for a table.
_FORM = {"columns", "rows"}
# Fewer rows than this never repay the row of names.
_MINIMUM_ROWS = 3


def minified(text: str) -> str:
    """The same JSON without white space between its parts; numbers and strings keep their spelling. O(characters).

    Raises:
        msgspec.DecodeError: the text is not JSON.
    """
    return msgspec.json.format(text.encode(), indent=-1).decode()


def columnar(text: str) -> str:
    """The same JSON, minified, with each array of objects of equal names as `{"columns": [...], "rows": [[...]]}`.

    `expanded` gives an equal value back. O(characters x depth).

    Raises:
        msgspec.DecodeError: the text is not JSON.
        ValueError: it holds an object that would not come back: one of that form, or one with a name that stands twice
            or is spelled with escapes.
    """
    return _pack(minified(text).encode()).decode()


def expanded(text: str) -> object:
    """The value that `columnar` was given."""
    return _unpack(msgspec.json.decode(text))


def _pack(data: bytes) -> bytes:
    if data[:1] == b"{":
        return _join_object((name, _pack(value)) for name, value in _fields(data).items())
    if data[:1] != b"[":
        return data
    rows = [bytes(row) for row in _ROWS.decode(data)]
    table = _table(rows)
    if table is None:
        return b"[" + b",".join(map(_pack, rows)) + b"]"
    return table


def _table(rows: list[bytes]) -> bytes | None:
    """The rows as columns, where there are enough of them and all are objects with the same names in the same order."""
    if len(rows) < _MINIMUM_ROWS or any(row[:1] != b"{" for row in rows):
        return None
    objects = [_fields(row) for row in rows]
    names = list(objects[0])
    if not names or any(list(fields) != names for fields in objects):
        return None
    cells = (b"[" + b",".join(map(_pack, fields.values())) + b"]" for fields in objects)
    return _join_object([("columns", msgspec.json.encode(names)), ("rows", b"[" + b",".join(cells) + b"]")])


def _fields(data: bytes) -> dict[str, bytes]:
    fields = {name: bytes(value) for name, value in _FIELDS.decode(data).items()}
    if fields.keys() == _FORM or len(_join_object(fields.items())) != len(data):
        raise ValueError("an object looks like columns, has a name twice, or spells one with escapes")
    return fields


def _join_object(fields: Iterable[tuple[str, bytes]]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + value for name, value in fields) + b"}"


def _unpack(value: object) -> object:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _FORM:
        return [dict(zip(value["columns"], map(_unpack, row), strict=True)) for row in value["rows"]]
    return {name: _unpack(item) for name, item in value.items()}
