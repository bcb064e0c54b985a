"""JSON with the same value in fewer characters: without white space, and arrays of like objects as columns."""

from collections.abc import Iterable

import msgspec

_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

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

    Text that already holds such an object, or an object with a name twice, comes back minified only, so that
    `expanded` always gives an equal value back. O(characters x depth).

    Raises:
        msgspec.DecodeError: the text is not JSON.
    """
    data = minified(text).encode()
    if b'"columns":[' in data and b'"rows":[' in data:
        return data.decode()
    try:
        return _pack(data).decode()
    except _RepeatedNameError:
        return data.decode()


def expanded(text: str) -> object:
    """The value that `columnar` was given."""
    return _unpack(msgspec.json.decode(text))


class _RepeatedNameError(Exception):
    pass


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
    if len(_join_object(fields.items())) != len(data):
        # Shorter: a name stands twice. Otherwise a name is spelled with escapes; both are left alone.
        raise _RepeatedNameError
    return fields


def _join_object(fields: Iterable[tuple[str, bytes]]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + value for name, value in fields) + b"}"


def _unpack(value: object) -> object:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"columns", "rows"}:
        return [dict(zip(value["columns"], map(_unpack, row), strict=True)) for row in value["rows"]]
    return {name: _unpack(item) for name, item in value.items()}
