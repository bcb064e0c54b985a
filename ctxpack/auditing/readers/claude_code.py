"""Claude Code transcripts: one .jsonl per main conversation, and one per subagent in newer versions.

A message streams into several lines with the same message id and request id, each with one content block and a copy of
the usage as it stood then; tool results may stand between them. Lines of other kinds (progress, snapshots, titles) were
never billed. Bodies follow the order of the file: a turn that the user took back in the client stays in the history.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers.decoding import decode
from ctxpack.auditing.readers.files import Line
from ctxpack.auditing.readers.lanes import Lane, Message
from ctxpack.auditing.readers.times import seconds

# Lines about the client itself: neither billed nor part of a prompt.
_BOOKKEEPING = frozenset(
    {
        *("agent-name", "ai-title", "custom-title", "last-prompt", "summary", "mode", "permission-mode"),
        *("file-history-snapshot", "frame-link", "pr-link", "relocated", "worktree-state", "bridge-session"),
        *("progress", "queue-operation", "result", "started", "system"),
    }
)
_OWN_KEYS = frozenset({"sessionId", "uuid", "leafUuid", "messageId"})


class _Record(msgspec.Struct, rename="camel"):
    type: str
    subtype: str | None = None
    uuid: str | None = None
    parent_uuid: str | None = None
    session_id: str | None = None
    request_id: str | None = None
    agent_id: str | None = None
    timestamp: str | None = None
    is_sidechain: bool | None = None
    is_compact_summary: bool | None = None
    is_visible_in_transcript_only: bool | None = None
    is_api_error_message: bool | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")


_RECORD = msgspec.json.Decoder(_Record)
_MESSAGE = msgspec.json.Decoder(Message)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fits(line: bytes) -> bool:
    """Whether the line is one of a Claude Code transcript."""
    try:
        keys = decode(_KEYS, line).keys()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return "type" in keys and not keys.isdisjoint(_OWN_KEYS)


def read(path: str, lines: Iterable[Line], seen: dict[str, int]) -> Iterator[Call | Skip]:
    """The calls of one transcript, in the order in which their messages end.

    Memory: the history of the session; bodies are made one at a time.

    Args:
        path: file, to name it in a `Skip` and, where its name is not the session's, the session.
        lines: its lines.
        seen: output tokens of the calls counted before, by id; grows.
    """
    transcript = _Transcript(path, seen)
    for line in lines:
        try:
            yield from transcript.take(line.number, decode(_RECORD, line.data))
        except msgspec.ValidationError:
            yield Skip(path, line.number, Reason.UNKNOWN_RECORD)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Skip(path, line.number, Reason.NOT_JSON if line.complete else Reason.TRUNCATED_LINE)
    yield from transcript.close()


class _Transcript:
    """Sends the lines of one file to their lanes."""

    def __init__(self, path: str, seen: dict[str, int]) -> None:
        self._path = path
        self._seen = seen
        self._name = Path(path).name.split(".")[0]
        self._session: str | None = None
        self._lanes: dict[str, Lane] = {}
        self._lane_of: dict[str, str] = {}

    def take(self, number: int, record: _Record) -> Iterator[Call | Skip]:
        if self._session is None:
            self._session = record.session_id
        lane = self._route(record)
        if record.type == "user":
            yield from self._user(number, record, lane)
        elif record.type == "assistant":
            yield from self._assistant(number, record, lane)
        elif record.subtype == "compact_boundary":
            yield from self._lane(lane, record).compact()
        elif record.type == "attachment":
            yield Skip(self._path, number, Reason.ATTACHMENT)
        elif record.type not in _BOOKKEEPING:
            yield Skip(self._path, number, Reason.UNKNOWN_RECORD)
        if record.uuid is not None:
            self._lane_of[record.uuid] = lane

    def close(self) -> Iterator[Call | Skip]:
        for lane in self._lanes.values():
            yield from lane.close()

    def _user(self, number: int, record: _Record, name: str) -> Iterator[Call | Skip]:
        lane = self._lane(name, record)
        if record.is_compact_summary:
            yield from lane.compact()
        elif record.is_visible_in_transcript_only:
            return
        yield from lane.ask(number, seconds(record.timestamp), _MESSAGE.decode(record.message))

    def _assistant(self, number: int, record: _Record, name: str) -> Iterator[Call | Skip]:
        message = _MESSAGE.decode(record.message)
        if record.is_api_error_message:
            yield Skip(self._path, number, Reason.API_ERROR)
        elif message.model == "<synthetic>":
            yield Skip(self._path, number, Reason.SYNTHETIC)
        else:
            key = ":".join(filter(None, (message.id, record.request_id))) or record.uuid or f"{self._path}:{number}"
            yield from self._lane(name, record).say(number, seconds(record.timestamp), key, message)

    def _route(self, record: _Record) -> str:
        """Name of the record's lane: empty for the main one, else the subagent's id or the first line's."""
        if not record.is_sidechain:
            return ""
        if record.agent_id is not None:
            return record.agent_id
        if record.parent_uuid is None:
            return record.uuid or ""
        return self._lane_of.get(record.parent_uuid, record.parent_uuid)

    def _lane(self, name: str, record: _Record) -> Lane:
        if name not in self._lanes:
            whole = record.parent_uuid is None or record.parent_uuid in self._lane_of
            self._lanes[name] = Lane(self._path, self._lane_session(name), whole, self._seen)
        return self._lanes[name]

    def _lane_session(self, name: str) -> str:
        session = self._session or self._name
        if name:
            return f"{session}/{name}"
        return session if self._name == session else f"{session}/{self._name}"
