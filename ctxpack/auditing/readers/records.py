"""Records of calls: one JSON object a line with the whole request as sent and the provider's own usage.

The request is the member `request` or `body`, or the record itself (`model` and `messages` in it); where none is
logged, `model` is enough; where a request names no model, the record or its `response` may. The usage is the member
`usage`, or that of `response`. Further members, all optional: `id`, `session`, `time`, `timestamp`, `created_at` or
`startTime` (Unix time or ISO 8601), `uri` (the endpoint called), `simulated` (the usage was computed, not billed).
Where a record has no `id`, that of its `response` is taken.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec
from xxhash import xxh3_128_hexdigest

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers.conversations import Conversations
from ctxpack.auditing.readers.decoding import decode
from ctxpack.auditing.readers.files import Line
from ctxpack.auditing.readers.server_tools import ran_tools
from ctxpack.auditing.readers.times import seconds
from ctxpack.errors import UsageError
from ctxpack.providers import read_terms, read_usage

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
# Counters that settle it where no request is known either. Bare `input_tokens` count the same in both their dialects.
_COUNTERS: Final = (
    ("prompt_tokens", "openai.chat"),
    ("input_tokens_details", "openai.responses"),
    ("input_tokens", "anthropic.messages"),
    ("promptTokenCount", "gemini.generate_content"),
    ("inputTokens", "bedrock.converse"),
)
_READ: Final = frozenset({"anthropic.messages", "openai.chat"})


_Members = Mapping[str, msgspec.Raw]


class _Record(msgspec.Struct, rename={"start_time": "startTime"}):
    id: str | int | None = None
    uri: str | None = None
    time: float | str | None = None
    timestamp: float | str | None = None
    created_at: float | str | None = None
    start_time: float | str | None = None
    session: str | int | None = None
    simulated: bool = False

    @property
    def stamp(self) -> float | str | None:
        """Its time as logged."""
        stamps = (self.time, self.timestamp, self.created_at, self.start_time)
        return next((stamp for stamp in stamps if stamp is not None), None)


# Members of a record that are no part of a request, where the record itself is the request.
_BESIDE: Final = frozenset({"usage", "response", *_Record.__struct_encode_fields__})


class _Request(msgspec.Struct):
    model: str | None = None


class _Response(msgspec.Struct):
    id: object = None
    model: object = None
    usage: dict[str, object] | None = None
    service_tier: object = None

    @property
    def name(self) -> str | None:
        """The id that the provider gave it."""
        return self.id if self.id and isinstance(self.id, str) else None


_RECORD = msgspec.json.Decoder(_Record)
_REQUEST = msgspec.json.Decoder(_Request)
_RESPONSE = msgspec.json.Decoder(_Response)
_USAGE = msgspec.json.Decoder(dict[str, object] | None)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fits(line: bytes) -> bool:
    """Whether the line is a record of a call."""
    try:
        members = decode(_KEYS, line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return _is_record(members)


def read(path: str, lines: Iterable[Line], seen: dict[str, int]) -> Iterator[Call | Skip]:
    """The calls of one file of records; bodies are the requests' own bytes, but for halves of surrogate pairs.

    Records that name no session are told apart by what their requests share.

    Memory: one record, a counter per session, and the hashes of the conversations that may go on.

    Args:
        path: file; names, with the line, what has no name.
        lines: its lines.
        seen: output tokens of the calls counted before, by what they are known by; grows.
    """
    reader = _Reader(path, seen)
    for line in lines:
        try:
            yield reader.take(line)
        except msgspec.ValidationError:
            yield Skip(path, line.number, Reason.UNKNOWN_RECORD)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Skip(path, line.number, Reason.NOT_JSON if line.complete else Reason.TRUNCATED_LINE)


class _Reader:
    """Turns the records of one file into calls."""

    def __init__(self, path: str, seen: dict[str, int]) -> None:
        self._path = path
        self._seen = seen
        self._conversations = Conversations()
        self._places: dict[str, int] = {}

    def take(self, line: Line) -> Call | Skip:
        members, record = decode(_KEYS, line.data), decode(_RECORD, line.data)
        if not _is_record(members):
            return Skip(self._path, line.number, Reason.UNKNOWN_RECORD)
        request, is_logged, answer = _request(members), _has_request(members), _response(members)
        billed = _usage(members, answer)
        if not billed:
            return Skip(self._path, line.number, Reason.NO_USAGE)
        dialect = _dialect(record.uri or "", request, billed)
        if dialect not in _READ:
            return Skip(self._path, line.number, f"{Reason.DIALECT}: {dialect}")
        model = _REQUEST.decode(request).model
        if not model:
            request = _naming_model(request, members, answer)
            model = _REQUEST.decode(request).model
        if model is None:
            return Skip(self._path, line.number, Reason.NO_MODEL)
        try:
            usage = read_usage(billed, dialect)
        except UsageError as error:
            return Skip(self._path, line.number, Reason.BAD_USAGE, str(error))
        if record.stamp is not None and seconds(record.stamp) is None:
            return Skip(self._path, line.number, Reason.BAD_TIME)
        # An answer to a logged request has one bill, however often it is logged, and however far it had come by then.
        # An id alone does not tell: every log may count its records from 1.
        known = answer.name if answer.name and is_logged else (record, answer.name, billed)
        if (record.id, answer.name) != (None, None) and (reason := self._counted(known, request, usage.output)):
            return Skip(self._path, line.number, reason)
        place = f"{self._path}:{line.number}"
        session, prompt = place if record.session is None else str(record.session), None
        if record.session is None and is_logged:
            session, prompt = self._conversations.of(request, dialect, place)
        return Call(
            id=str(next((name for name in (record.id, answer.name) if name is not None), place)),
            session=session,
            segment=0,
            model=model,
            dialect=dialect,
            time=self._time(record, session),
            usage=usage,
            body=request if is_logged else None,
            rebuilt=False,
            simulated=record.simulated,
            terms=read_terms(billed, dialect),
            ran_tools=ran_tools(billed),
            prompt=prompt,
        )

    def _counted(self, known: object, request: bytes, output: int) -> Reason | None:
        """Why a call is left out that was counted before, by what it is known by; None for another."""
        key = xxh3_128_hexdigest(msgspec.json.encode(known) + request)
        if key not in self._seen:
            self._seen[key] = output
            return None
        return Reason.LATE_USAGE if output > self._seen[key] else Reason.REPEATED_CALL

    def _time(self, record: _Record, session: str) -> float:
        """Unix seconds, or the call's place in its session."""
        place = self._places[session] = self._places.get(session, -1) + 1
        known = seconds(record.stamp)
        return float(place) if known is None else known


def _is_record(members: _Members) -> bool:
    is_billed = "usage" in members or _is_object(members, "response")
    return is_billed and ("model" in members or _has_request(members))


def _has_request(members: _Members) -> bool:
    return any(_is_object(members, name) for name in ("request", "body")) or {"model", "messages"} <= members.keys()


def _is_object(members: _Members, name: str) -> bool:
    return bytes(members.get(name, b"")).startswith(b"{")


def _request(members: _Members) -> bytes:
    """The request body of a record, in its own bytes; where none is logged, what else the record says."""
    for name in ("request", "body"):
        if _is_object(members, name):
            return bytes(members[name])
    return msgspec.json.encode({name: raw for name, raw in members.items() if name not in _BESIDE})


def _response(members: _Members) -> _Response:
    return _RESPONSE.decode(members["response"]) if _is_object(members, "response") else _Response()


def _usage(members: _Members, answer: _Response) -> dict[str, object] | None:
    """The provider's counters, and the tier, which OpenAI names beside them."""
    usage = (_USAGE.decode(members["usage"]) if "usage" in members else None) or answer.usage
    return usage and {"service_tier": answer.service_tier} | usage


def _naming_model(request: bytes, members: _Members, answer: _Response) -> bytes:
    """The request with the model that the record or the response names: at Azure it is part of the address."""
    named = (msgspec.json.decode(members.get("model", b"null")), answer.model)
    model = next((name for name in named if name and isinstance(name, str)), None)
    return msgspec.json.encode({**_KEYS.decode(request), "model": model})


def _dialect(uri: str, request: bytes, usage: dict[str, object]) -> str:
    """The dialect of a record: what its endpoint says, else what its members show."""
    path = uri.partition("?")[0]
    for end, dialect in _ENDPOINTS:
        if path.endswith(end):
            return dialect
    members = _KEYS.decode(request)
    for member, counter, dialect in _SHAPES:
        if member in members and counter in usage:
            return dialect
    if any(member in members for member, _, _ in _SHAPES):
        return "unknown"
    return next((dialect for counter, dialect in _COUNTERS if counter in usage), "unknown")
