"""Records of calls: one JSON object a line with the whole `request` as sent and the provider's own `usage`.

Further members, all optional: `id`, `session`, `time` (Unix seconds or ISO 8601), `uri` (the endpoint called),
`simulated` (the usage was computed, not billed).
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers.decoding import decode
from ctxpack.auditing.readers.files import Line, seconds
from ctxpack.errors import UsageError
from ctxpack.providers import read_usage

# Ends of endpoint paths, and the dialects spoken there.
_ENDPOINTS: Final = (
    ("/chat/completions", "openai.chat"),
    ("/messages", "anthropic.messages"),
    ("/responses", "openai.responses"),
    (":generateContent", "gemini.generate_content"),
    (":streamGenerateContent", "gemini.generate_content"),
    ("/converse", "bedrock.converse"),
    ("/converse-stream", "bedrock.converse"),
    ("/invoke", "bedrock.invoke"),
    ("/invoke-with-response-stream", "bedrock.invoke"),
    ("/embeddings", "openai.embeddings"),
    ("/count_tokens", "anthropic.count_tokens"),
)
# Members of a request and of its usage that settle the dialect where no endpoint is known.
_SHAPES: Final = (
    ("messages", "prompt_tokens", "openai.chat"),
    ("messages", "input_tokens", "anthropic.messages"),
    ("input", "input_tokens", "openai.responses"),
    ("contents", "promptTokenCount", "gemini.generate_content"),
    ("messages", "inputTokens", "bedrock.converse"),
)
_READ: Final = frozenset({"anthropic.messages", "openai.chat"})


class _Record(msgspec.Struct):
    request: msgspec.Raw
    usage: dict[str, object] | None
    id: str | int | None = None
    uri: str | None = None
    time: float | str | None = None
    session: str | int | None = None
    simulated: bool = False


class _Request(msgspec.Struct):
    model: str | None = None


_RECORD = msgspec.json.Decoder(_Record)
_REQUEST = msgspec.json.Decoder(_Request)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fits(line: bytes) -> bool:
    """Whether the line is a record of a call."""
    try:
        members = decode(_KEYS, line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return "usage" in members and bytes(members.get("request", b"")).startswith(b"{")


def read(path: str, lines: Iterable[Line], seen: set[str]) -> Iterator[Call | Skip]:
    """The calls of one file of records; bodies are the requests' own bytes, but for halves of surrogate pairs.

    Memory: one record, and a counter per session.

    Args:
        path: file; also the session of records that name none.
        lines: its lines.
        seen: ids of the calls counted before; grows.
    """
    places: dict[str, int] = {}
    for line in lines:
        try:
            yield _call(path, line.number, decode(_RECORD, line.data), places, seen)
        except msgspec.ValidationError:
            yield Skip(path, line.number, Reason.UNKNOWN_RECORD)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Skip(path, line.number, Reason.NOT_JSON if line.complete else Reason.TRUNCATED_LINE)


def _call(path: str, number: int, record: _Record, places: dict[str, int], seen: set[str]) -> Call | Skip:
    if not record.usage:
        return Skip(path, number, Reason.NO_USAGE)
    dialect = _dialect(record, record.usage)
    if dialect not in _READ:
        return Skip(path, number, f"{Reason.DIALECT}: {dialect}")
    model = _REQUEST.decode(record.request).model
    if model is None:
        return Skip(path, number, Reason.NO_MODEL)
    try:
        usage = read_usage(record.usage, dialect)
    except UsageError:
        return Skip(path, number, Reason.BAD_USAGE)
    if isinstance(record.time, str) and seconds(record.time) is None:
        return Skip(path, number, Reason.BAD_TIME)
    name = f"{path}:{number}" if record.id is None else str(record.id)
    if name in seen:
        return Skip(path, number, Reason.REPEATED_CALL)
    seen.add(name)
    session = path if record.session is None else str(record.session)
    return Call(
        id=name,
        session=session,
        segment=0,
        model=model,
        dialect=dialect,
        time=_time(record, session, places),
        usage=usage,
        body=bytes(record.request),
        rebuilt=False,
        simulated=record.simulated,
    )


def _dialect(record: _Record, usage: dict[str, object]) -> str:
    """The dialect of a record: what its endpoint says, else what its members show."""
    path = (record.uri or "").partition("?")[0]
    for end, dialect in _ENDPOINTS:
        if path.endswith(end):
            return dialect
    members = _KEYS.decode(record.request)
    for member, counter, dialect in _SHAPES:
        if member in members and counter in usage:
            return dialect
    return "unknown"


def _time(record: _Record, session: str, places: dict[str, int]) -> float:
    """Unix seconds, or the call's place in its session."""
    places[session] = places.get(session, -1) + 1
    known = seconds(record.time) if isinstance(record.time, str) else record.time
    return float(places[session]) if known is None else known
