"""Answers of a provider, whole or streamed: the usage that they name. Needs no SDK."""

import msgspec

_USAGE = b'"usage"'
_DATA = b"data:"


class _Message(msgspec.Struct):
    usage: dict[str, object] | None = None


class _Event(msgspec.Struct):
    """A whole answer or one event: in either dialect the usage stands in it, or in the message that it opens."""

    usage: dict[str, object] | None = None
    message: _Message | None = None


_EVENTS = msgspec.json.Decoder(_Event)


def usage_of(data: bytes) -> dict[str, object]:
    """The usage in an answer, {} where it names none. O(bytes).

    Args:
        data: a JSON object, or server-sent events, of which later ones take the place of what earlier ones said.
    """
    if data.lstrip().startswith(b"{"):
        return _usage(data)
    usage: dict[str, object] = {}
    for line in data.splitlines():
        if line.startswith(_DATA) and _USAGE in line:
            usage |= {name: value for name, value in _usage(line[len(_DATA) :]).items() if value is not None}
    return usage


def _usage(text: bytes) -> dict[str, object]:
    try:
        event = _EVENTS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # An answer may talk about usage, too, in any shape, and be damaged.
        return {}
    return event.usage or (event.message.usage if event.message else None) or {}
