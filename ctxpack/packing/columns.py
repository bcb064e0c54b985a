"""JSON with the same value in fewer tokens: arrays of like objects as columns and rows.

    [{"id": 1, "at": {"x": 0, "y": 5}, "unit": "mm", "state": "new"},
     {"id": 2, "at": {"x": 7, "y": 5}, "unit": "mm", "state": "new", "note": "edge"}]
    {"all":{"unit":"mm","state":"new"},"columns":["id",{"at":["x","y"]},"note?"],"rows":[[1,[0,5],null],[2,[7,5],"edge"]]}

What all rows have alike stands once. A column of objects names its own columns, one of arrays of objects names them in
double brackets, and one that some rows do not have ends in a question mark: null there means that the name is missing.
"""

from collections.abc import Callable, Collection, Iterable
from itertools import chain, count, islice
from typing import Any

import msgspec

from ctxpack.packing.minifying import minified_lines

_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

# Names of the object that stands for a table; the first is there where it is needed.
_ALL, _COLUMNS, _ROWS = "all", "columns", "rows"
_MISSING = "?"
# Fewer rows than this never repay the row of names.
_FEWEST_ROWS = 2
# Bytes that it takes to state what all rows have alike apart from them.
_ALIKE = 10
# Cells that a table may have for each that is filled.
_MOST_CELLS = 2
# Levels of objects and arrays that are looked into. What is nested deeper is no data of this kind.
_DEEPEST = 32


class _Array(msgspec.Struct, gc=False):
    """An array that may hold objects, and how it is written."""

    text: bytes
    items: list["_Node"]


class _Object(msgspec.Struct, gc=False):
    """An object, and how it is written."""

    text: bytes
    fields: dict[str, "_Node"]


# Anything else is the JSON itself.
_Node = bytes | _Array | _Object
# What names a column, and its cells from the top.
_Column = tuple[bytes, list[bytes]]
# Whether an array, written as itself and as columns and rows, is to be written as these.
_Choice = Callable[[bytes, bytes], bool]


def columnar(text: str, exceptions: Collection[int] = ()) -> str:
    """The same JSON, minified, with arrays of objects as columns and rows, each where that has fewer bytes.

    Lines of JSON objects become one table with a row a line. `restored` gives an equal value back.
    O(characters x depth).

    Args:
        text: the JSON.
        exceptions: numbers of the arrays that are written the other way, as `by_tokens` finds them.

    Raises:
        msgspec.DecodeError: the text is not JSON.
        ValueError: it is nested too deeply, or holds an object that would not come back: one of that form, or one with
            a name that stands twice or is spelled with escapes.
    """
    numbers, others = count(), frozenset(exceptions)
    return _columnar(text, lambda plain, table: (len(table) < len(plain)) != (next(numbers) in others))


def by_tokens(text: str, tokens: Callable[[str], int]) -> tuple[str, tuple[int, ...]]:
    """What `columnar` gives where each array is judged by its own tokens, and the `exceptions` that make it again.

    O(characters x depth). Raises as `columnar` does.

    Args:
        text: the JSON.
        tokens: tokens of a text.
    """
    numbers, found = count(), list[int]()

    def is_shorter(plain: bytes, table: bytes) -> bool:
        number, shorter = next(numbers), tokens(table.decode()) < tokens(plain.decode())
        if shorter != (len(table) < len(plain)):
            found.append(number)
        return shorter

    return _columnar(text, is_shorter), tuple(found)


def restored(text: str) -> object:
    """The value that `columnar` was given; that of lines as a list."""
    lines = [msgspec.json.decode(line) for line in minified_lines(text)]
    return _unpack(lines[0] if len(lines) == 1 else lines)


def _columnar(text: str, choice: _Choice) -> str:
    lines = [_node(line.encode(), _DEEPEST, choice) for line in minified_lines(text)]
    return _chosen(b"\n".join(map(_text, lines)), _table(lines, b",\n"), choice).decode()


def _chosen(plain: bytes, table: bytes | None, choice: _Choice) -> bytes:
    return plain if table is None or not choice(plain, table) else table


def _node(data: bytes, depth: int, choice: _Choice) -> _Node:
    if b"{" not in data or data[:1] not in (b"{", b"["):
        return data
    if not depth:
        raise ValueError("the JSON is nested too deeply")
    if data[:1] == b"{":
        fields = {name: _node(value, depth - 1, choice) for name, value in _fields(data).items()}
        return _Object(_object((name, _text(node)) for name, node in fields.items()), fields)
    items = [_node(bytes(item), depth - 1, choice) for item in _ITEMS.decode(data)]
    return _Array(_chosen(_array(map(_text, items)), _table(items, b","), choice), items)


def _text(node: _Node) -> bytes:
    return node if isinstance(node, bytes) else node.text


def _table(items: list[_Node], between: bytes) -> bytes | None:
    """The items as columns and rows; None where they are not objects, or arrays of objects, of much the same names."""
    if len(items) < _FEWEST_ROWS:
        return None
    alike = _alike(items)
    found = _cells([_without(item, alike) for item in items] if alike else items)
    if found is None:
        return None
    names, cells = found
    parts = [(_COLUMNS, names), (_ROWS, b"[" + between.join(cells) + b"]")]
    return _object([(_ALL, _object(alike.items())), *parts] if alike else parts)


def _alike(items: list[_Node]) -> dict[str, bytes]:
    """What all items that are objects have alike, where it is shorter to state that once and something else is left."""
    rows = [item.fields for item in items if isinstance(item, _Object)]
    if len(rows) < len(items):
        return {}
    first = {name: _text(node) for name, node in rows[0].items()}
    alike = {
        name: text for name, text in first.items() if all(name in row and _text(row[name]) == text for row in rows)
    }
    saved = (len(rows) - 1) * sum(len(text) + 1 for text in alike.values())
    return alike if saved > _ALIKE and len(alike) < len(first) else {}


def _without(item: _Node, names: Iterable[str]) -> _Node:
    if not isinstance(item, _Object):
        return item
    return _Object(b"", {name: node for name, node in item.fields.items() if name not in names})


def _cells(items: list[_Node]) -> _Column | None:
    """Objects, or arrays of objects, without the names in them; None where they are something else."""
    rows = [item.fields for item in items if isinstance(item, _Object)]
    if len(rows) == len(items):
        columns = _columns(rows)
        if not columns:
            return None
        rows_of_cells = zip(*(column for _, column in columns), strict=True)
        return _array(name for name, _ in columns), list(map(_array, rows_of_cells))
    arrays = [item.items if isinstance(item, _Array) else [] for item in items if not isinstance(item, _Object)]
    is_all = len(arrays) == len(items) and all(isinstance(item, _Array) or item == b"[]" for item in items)
    inner = _cells(list(chain.from_iterable(arrays))) if is_all else None
    if inner is None:
        return None
    names, cells = inner
    left = iter(cells)
    return b"[" + names + b"]", [_array(islice(left, len(array))) for array in arrays]


def _columns(rows: list[dict[str, _Node]]) -> list[_Column] | None:
    """Objects as columns; None where few have the names that others have, or they could not be told back."""
    names = dict.fromkeys(chain.from_iterable(rows))
    if len(names) * len(rows) > _MOST_CELLS * sum(map(len, rows)):
        return None
    found = [_column(name, [row.get(name) for row in rows]) for name in names]
    columns = [column for column in found if column is not None]
    return columns if len(columns) == len(found) else None


def _column(name: str, nodes: list[_Node | None]) -> _Column | None:
    """One column; None where a reader could not tell what is missing from what is null."""
    there = [node for node in nodes if node is not None]
    is_whole = len(there) == len(nodes)
    if name.endswith(_MISSING) or (not is_whole and b"null" in there):
        return None
    if not is_whole:
        cells = [b"null" if node is None else _text(node) for node in nodes]
        return msgspec.json.encode(name + _MISSING), cells
    inner = _cells(there)
    if inner is None:
        return msgspec.json.encode(name), list(map(_text, there))
    names, cells = inner
    return b"{" + msgspec.json.encode(name) + b":" + names + b"}", cells


def _fields(data: bytes) -> dict[str, bytes]:
    fields = {name: bytes(value) for name, value in _FIELDS.decode(data).items()}
    if {_COLUMNS, _ROWS} <= fields.keys() or len(_object(fields.items())) != len(data):
        raise ValueError("an object looks like columns, has a name twice, or spells one with escapes")
    return fields


def _object(fields: Iterable[tuple[str, bytes]]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + value for name, value in fields) + b"}"


def _array(items: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _unpack(value: object) -> object:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not {_COLUMNS, _ROWS} <= value.keys():
        return {name: _unpack(item) for name, item in value.items()}
    rows = [_named(value[_COLUMNS], row) for row in value[_ROWS]]
    alike = _unpack(value.get(_ALL, {}))
    return [alike | row for row in rows] if alike else rows


def _named(columns: Any, cell: Any) -> Any:
    """Cells with their names: an object, or the objects of an array where the names stand in double brackets."""
    if isinstance(columns[0], list):
        return [_named(columns[0], item) for item in cell]
    fields: dict[str, object] = {}
    for column, value in zip(columns, cell, strict=True):
        if isinstance(column, dict):
            [(name, inner)] = column.items()
            fields[name] = _named(inner, value)
        elif not column.endswith(_MISSING):
            fields[column] = _unpack(value)
        elif value is not None:
            fields[column[: -len(_MISSING)]] = _unpack(value)
    return fields
