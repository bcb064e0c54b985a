"""Retrieval: the original behind a handle, or the lines of it that are asked for; as a tool too, for agents."""

from collections.abc import Mapping

from ctxpack.errors import BodyError, HandleError

TOOL_NAME = "ctxpack_original"
_DESCRIPTION = (
    "Returns text that was left out of this conversation behind a handle, such as 3708f499 in "
    "[ctxpack:3708f499 214 lines removed]. Ask for lines or a pattern where the text is long."
)
_PARAMETERS: dict[str, object] = {
    "type": "object",
    "properties": {
        "handle": {"type": "string", "description": "The hexadecimal digits after 'ctxpack:'."},
        "first": {"type": "integer", "minimum": 1, "description": "First line wanted; 1 by default."},
        "last": {"type": "integer", "minimum": 1, "description": "Last line wanted; the text's last by default."},
        "pattern": {
            "type": "string",
            "description": "Only lines that contain this, in any case; * stands for any characters.",
        },
    },
    "required": ["handle"],
}


def retrieval_tool(dialect: str) -> dict[str, object]:
    """The tool definition that lets a model ask for originals; `Session.answer` answers its calls.

    Put it into the first request of a conversation or not at all: a tool that is added later makes the provider's cache
    miss the whole prompt.

    Args:
        dialect: "anthropic.messages" or "openai.chat".

    Raises:
        BodyError: the dialect is not known.

    Thread-safety: safe; every call makes a new definition.
    """
    if dialect == "anthropic.messages":
        return {"name": TOOL_NAME, "description": _DESCRIPTION, "input_schema": _PARAMETERS}
    if dialect == "openai.chat":
        function = {"name": TOOL_NAME, "description": _DESCRIPTION, "parameters": _PARAMETERS}
        return {"type": "function", "function": function}
    raise BodyError(f"no tool definition is known for {dialect!r}")


def lines_of(text: str, first: int, last: int | None, pattern: str) -> str:
    """The lines of a text from `first` to `last`, counted from 1, that a pattern matches, each behind its number.

    Complexity: O(characters), whatever the pattern.
    """
    wanted = enumerate(text.split("\n")[:last], start=1)
    pieces = pattern.casefold().split("*")
    return "\n".join(f"{number}\t{line}" for number, line in wanted if number >= first and _matches(line, pieces))


def asked(arguments: Mapping[str, object]) -> tuple[str, int, int | None, str]:
    """Handle, first line, last line and pattern of a call's arguments.

    Raises:
        HandleError: they do not fit the definition.
    """
    handle, pattern = arguments.get("handle"), arguments.get("pattern") or ""
    first, last = arguments.get("first") or 1, arguments.get("last")
    if not isinstance(handle, str) or not isinstance(pattern, str):
        raise HandleError("handle and pattern are strings, and a handle is needed")
    if not isinstance(first, int) or not isinstance(last, int | None):
        raise HandleError("first and last are numbers of lines")
    return handle.strip(), first, last, pattern


def _matches(line: str, pieces: list[str]) -> bool:
    """Whether a line holds the pieces one behind the other."""
    text, at = line.casefold(), 0
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True
