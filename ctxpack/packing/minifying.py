"""JSON, or lines of JSON objects, without white space between its parts."""

import msgspec


def minified(text: str) -> str:
    """The same JSON without white space between its parts; numbers and strings keep their spelling. O(characters).

    Lines of JSON objects keep their lines, but for empty ones.

    Raises:
        msgspec.DecodeError: the text is not JSON.
    """
    return "\n".join(minified_lines(text))


def minified_lines(text: str) -> list[str]:
    """The JSON, or each line of JSON objects, without white space. Raises as `minified` does."""
    try:
        return [_formatted(text)]
    except msgspec.DecodeError:
        if not text.startswith("{"):
            raise
        return [_formatted(line) for line in text.split("\n") if not line.isspace() and line]


def _formatted(text: str) -> str:
    return msgspec.json.format(text.encode(), indent=-1).decode()
