"""What a prompt may show of a text, written plainly and apart from the code that shapes it."""

import json
import re
from contextlib import suppress

import msgspec

from ctxpack.packing.embedded import json_ranges
from ctxpack.packing.minifying import minified
from ctxpack.packing.noise import cleaned
from ctxpack.packing.tables import by_tokens
from ctxpack.packing.templates import templating
from ctxpack.tokens import encoding
from tests.reference import templates

NUMBER = re.compile(r"[ \t]*\d{1,7}(?:→|\t|[:|] ?)")
LOG = re.compile(r"\[ctxpack:[0-9a-f]{8,40} \d+ lines as \d+ templates and their values\]\n")
COUNT = encoding("o200k_base").count


def bare(line: str) -> str:
    return NUMBER.sub("", line, count=1)


def written_out(text: str) -> list[str]:
    """The lines of a log that is sent as templates and values."""
    return [templates.written_out(text)] if LOG.match(text) else []


def stands(line: str, shown: str) -> bool:
    return line in shown or bare(line) in shown


def forms(text: str) -> list[str]:
    """A text, and the forms of it that a prompt may show: as a terminal shows it, and if it is JSON."""
    found = [text, cleaned(text)]
    for start, stop in json_ranges(text):
        for form in (minified, lambda part: by_tokens(part, COUNT)[0]):
            with suppress(ValueError, RecursionError, msgspec.DecodeError):
                found.append(text[:start] + form(text[start:stop]) + text[stop:])
    logs = [templating(form, str) for form in (text, cleaned(text))]
    found += [log[1].split("\n", 1)[1] for log in logs if log]
    return found


def table_value(text: str) -> object:
    """A slow reader of columns and rows."""

    def named(columns: list, row: list) -> object:
        if isinstance(columns[0], list):
            return [named(columns[0], item) for item in row]
        found = {}
        for column, cell in zip(columns, row, strict=True):
            if isinstance(column, dict):
                found |= {name: named(inner, cell) for name, inner in column.items()}
            elif not column.endswith("?") or cell is not None:
                found[column.removesuffix("?")] = read(cell)
        return found

    def read(value: object) -> object:
        if isinstance(value, list):
            return [read(item) for item in value]
        if isinstance(value, dict) and {"columns", "rows"} <= set(value):
            rows = [named(value["columns"], row) for row in value["rows"]]
            return [read(value["all"]) | row for row in rows] if "all" in value else rows
        return {name: read(item) for name, item in value.items()} if isinstance(value, dict) else value

    return read(json.loads(text))


def spellings(lines: list[str]) -> list[str]:
    """Lines as one text, with and without printed numbers."""
    return ["".join(f"\n{line}" for line in lines) + "\n", "".join(f"\n{bare(line)}" for line in lines) + "\n"]
