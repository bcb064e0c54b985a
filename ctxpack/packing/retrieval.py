"""Retrieval: the original behind a handle, or the lines of it that are asked for; as a tool too, for agents."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from ctxpack.errors import HandleError
from ctxpack.packing.lines import split
from ctxpack.packing.markers import handle_in
from ctxpack.prompts.dialects import named
from ctxpack.tokens import Encoding

TOOL_NAME = "ctxpack_original"
_DESCRIPTION = (
    "Returns text that was left out of this conversation behind a handle, which stands for HANDLE in "
    "[ctxpack:HANDLE 214 lines removed]. Ask for lines, columns or a pattern where the text is long: an answer that is "
    "too long is cut, and its last line says how to ask for the rest."
)
_PARAMETERS: dict[str, object] = {
    "type": "object",
    "properties": {
        "handle": {"type": "string", "description": "The hexadecimal digits after 'ctxpack:'."},
        "first": {"type": "integer", "minimum": 1, "description": "First line wanted, by its number; 1 by default."},
        "last": {"type": "integer", "minimum": 1, "description": "Last line wanted; the text's last by default."},
        "pattern": {
            "type": "string",
            "description": "Only lines that contain this, in any case; * stands for any characters. Of a line of "
            "thousands of characters only what is near it, each piece behind line:column.",
        },
        "first_column": {"type": "integer", "minimum": 1, "description": "First character wanted of each line."},
        "last_column": {"type": "integer", "minimum": 1, "description": "Last character wanted of each line."},
    },
    "required": ["handle"],
}

# Characters from which on a line is not shown whole for what it contains; what is shown around that; how often.
_LONG_LINE = 2000
_AROUND = 200
_MOST_PLACES = 20
# What `part_of` puts in front of what it shows of a line.
_PLACE = re.compile(r"(\d+)(?::(\d+))?\t")


class Wanted(NamedTuple):
    """Which part of a text is asked for: lines by number, columns counted from 1, and what the lines contain."""

    first: int = 1
    last: int | None = None
    pattern: str = ""
    first_column: int = 1
    last_column: int | None = None


def retrieval_tool(dialect: str) -> dict[str, Any]:
    """The tool definition that lets a model ask for originals; `Session.answer` answers its calls.

    Put it into the first request of a conversation or not at all: a tool that is added later makes the provider's cache
    miss the whole prompt.

    Args:
        dialect: "anthropic.messages" or "openai.chat".

    Raises:
        DialectError: the dialect is not known.

    Thread-safety: safe; every call makes a new definition.
    """
    return named(dialect).tool(TOOL_NAME, _DESCRIPTION, _PARAMETERS)


def part_of(text: str, wanted: Wanted) -> str:
    """The lines of a text that are wanted, each after its number and a tab.

    A line goes by the number that is printed in front of it where most lines carry rising ones, as pointers name it;
    else by its place from 1.

    Of a line of more than 2,000 characters, only what stands within 200 characters of the first 20 places of a pattern
    is shown, each piece after line:column and a tab, and from where on there may be more.

    Complexity: O(characters), whatever the pattern.
    """
    pieces = [piece for piece in _folded(wanted.pattern).split("*") if piece]
    found = (_rows(number, line, wanted, pieces) for number, line in _numbered(text) if _is_wanted(number, wanted))
    return "\n".join(row for rows in found for row in rows)


def answered(text: str, wanted: Wanted, tokens: int, encoding: Encoding) -> str:
    """What a call of the tool returns: the text, or the part of it that is wanted, cut where that is too long.

    O(characters).

    Args:
        text: the original.
        wanted: the part; of all of it no line is numbered.
        tokens: most tokens that it may have. A line that says how to ask for the rest comes on top.
        encoding: counts them.
    """
    whole = wanted == Wanted()
    answer = text if whole else part_of(text, wanted) or "no such lines"
    if encoding.count(answer) <= tokens:
        return answer
    if whole:
        rows = [_Row(number, 1, 0, len(line)) for number, line in _numbered(text)]
    else:
        rows = list(_placed(answer, wanted.first_column))
    return _cut(answer, len(encoding.truncate(answer, tokens)), rows)


class _Row(NamedTuple):
    """A row of an answer.

    Attributes:
        number: of the line that it shows.
        column: where in that it begins.
        ahead: characters in front of what it shows.
        size: characters in all.
    """

    number: int
    column: int
    ahead: int
    size: int


def _placed(answer: str, first_column: int) -> Iterator[_Row]:
    """The rows that `part_of` wrote."""
    for row in answer.split("\n"):
        if place := _PLACE.match(row):
            yield _Row(int(place[1]), int(place[2] or first_column), place.end(), len(row))


def _cut(answer: str, stop: int, rows: Sequence[_Row]) -> str:
    """The first `stop` characters of an answer, up to a line's end or into a long line, and how to ask for the rest."""
    at, start = answer.count("\n", 0, stop), answer.rfind("\n", 0, stop) + 1
    row = rows[at]
    shown = max(stop - start - row.ahead, 0) if at == 0 or row.size > _LONG_LINE else 0
    kept = answer[:stop] if shown else answer[: start - 1]
    rest = []
    if shown or (at > 0 and row.number == rows[at - 1].number):
        rest.append(f"first={row.number}, last={row.number}, first_column={row.column + shown}")
        at += 1
    # Lines without a number among printed ones go by their place, which may lead back.
    known = max((row.number for row in rows[:at]), default=0)
    rest += [f"first={row.number}" for row in rows[at:] if row.number > known][:1]
    how = f"Ask for the rest with {', then '.join(rest)}, all else as before; or for" if rest else "Ask for"
    return f"{kept}\n… cut here, for length. {how} less, by lines, columns or a pattern."


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """Each line with the number it goes by."""
    found, number = split(text), 0
    for at, line in enumerate(text.split("\n")):
        number = found[at][2] if at < len(found) else number + 1
        yield number, line


def _is_wanted(number: int, wanted: Wanted) -> bool:
    return wanted.first <= number and (wanted.last is None or number <= wanted.last)


def asked(arguments: Mapping[str, object] | str) -> tuple[str, Wanted]:
    """Handle, and the part of its text, of a call's arguments. A model may write the handle as its marker does.

    Raises:
        HandleError: they do not fit the definition.
    """
    arguments = _decoded(arguments)
    handle, pattern = arguments.get("handle"), arguments.get("pattern") or ""
    if not isinstance(handle, str) or not isinstance(pattern, str):
        raise HandleError("handle and pattern are strings, and a handle is needed")
    places = ("first", "last", "first_column", "last_column")
    first, last, first_column, last_column = (_place(arguments.get(name), name) for name in places)
    return handle_in(handle.strip()), Wanted(first or 1, last, pattern, first_column or 1, last_column)


def _decoded(arguments: Mapping[str, object] | str) -> Mapping[str, object]:
    if isinstance(arguments, Mapping):
        return arguments
    try:
        return msgspec.json.decode(arguments, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeError, TypeError, RecursionError):
        raise HandleError("the arguments are no JSON object") from None


def _place(value: object, name: str) -> int | None:
    if value is None or (isinstance(value, int) and value >= 1):
        return value
    raise HandleError(f"{name} is a number from 1 on")


def _rows(number: int, line: str, wanted: Wanted, pieces: list[str]) -> Iterator[str]:
    """What is shown of one line."""
    shown = line[max(wanted.first_column, 1) - 1 : wanted.last_column]
    places = _places(shown, pieces)
    if len(shown) <= _LONG_LINE or not pieces:
        if not pieces or next(places, None):
            yield f"{number}\t{shown}"
        return
    for start, stop in _around(islice(places, _MOST_PLACES), len(shown)):
        yield f"{number}:{wanted.first_column + start}\t{shown[start:stop]}"
    if more := next(places, None):
        yield f"{number}:{wanted.first_column + more[0]}\t… more from here on"


def _places(line: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """Where a line holds the pieces one after the other, all of them, once and again."""
    at, folded = 0, _folded(line) if pieces else ""
    while pieces:
        found = []
        for piece in pieces:
            start = folded.find(piece, at)
            if start < 0:
                return
            at = start + len(piece)
            found.append((start, at))
        yield from found


def _around(places: Iterator[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Ranges of characters around places, those that meet as one."""
    start = stop = 0
    for first, last in places:
        if first - _AROUND > stop:
            if stop:
                yield start, stop
            start = first - _AROUND
        stop = min(last + _AROUND, size)
    if stop:
        yield start, stop


def _folded(text: str) -> str:
    """A text in one case, character by character, so that places stay the same."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(fold if len(fold := character.casefold()) == 1 else character for character in text)
