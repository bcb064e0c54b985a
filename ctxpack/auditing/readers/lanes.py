"""One lane of a Claude Code transcript: the main conversation, or one subagent's."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import msgspec

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers.history import History
from ctxpack.auditing.readers.server_tools import ran_tools
from ctxpack.errors import UsageError
from ctxpack.providers import Usage, read_terms, read_usage

DIALECT = "anthropic.messages"


class Message(msgspec.Struct):
    """What the API answered, or was sent, as a transcript line holds it."""

    content: msgspec.Raw
    id: str | None = None
    model: str | None = None
    usage: dict[str, object] | None = None


@dataclass(slots=True)
class _Open:
    """The assistant message whose lines are coming in."""

    id: str
    model: str | None
    line: int
    time: float
    usage: Usage | None = None
    terms: tuple[str, ...] = ()
    fault: Reason = Reason.NO_USAGE
    detail: str = ""
    ran_tools: bool = False

    def count(self, raw: dict[str, object] | None) -> None:
        """Takes one more copy of the usage; the largest output counts, as earlier copies precede the message's end."""
        if raw is None:
            return
        try:
            usage = read_usage(raw, DIALECT)
        except UsageError as error:
            self.fault, self.detail = Reason.BAD_USAGE, str(error)
            return
        if self.usage is None or usage.output > self.usage.output:
            self.usage, self.terms = usage, read_terms(raw, DIALECT)
        self.ran_tools = self.ran_tools or ran_tools(raw)


class Lane:
    """Turns the lines of one conversation into calls. Holds its history, and no more than one message's usage.

    Thread-safety: belongs to one reader.

    Args:
        path: file, to name it in a `Skip`.
        session: session of the calls.
        whole: whether the file holds the conversation from its start; if not, calls have no body.
        seen: output tokens of the calls counted before, by id; grows.
    """

    def __init__(self, path: str, session: str, whole: bool, seen: dict[str, int]) -> None:
        self._path = path
        self._session = session
        self._whole = whole
        self._seen = seen
        self._segment = 0
        self._history = History()
        self._fresh = True
        self._asked: float | None = None
        self._open: _Open | None = None

    def ask(self, number: int, time: float | None, message: Message) -> Iterator[Skip]:
        """Takes a line of the user's side: a prompt, or tool results."""
        dropped = self._history.ask(message.content)
        self._fresh = False
        if time is not None:
            self._asked = max(time, self._asked or time)
        for _ in range(dropped):
            yield Skip(self._path, number, Reason.RESULT_WITHOUT_CALL)

    def say(self, number: int, time: float | None, key: str, message: Message) -> Iterator[Call | Skip]:
        """Takes a line of an assistant message; `key` is its message id and request id.

        A new key closes the message before it.
        """
        current = self._open
        if current is None or current.id != key:
            yield from self._close()
            current = yield from self._begin(number, time, key, message.model)
        else:
            yield Skip(self._path, number, Reason.STREAMED_PART)
        current.count(message.usage)
        self._history.say(message.content)

    def compact(self) -> Iterator[Call | Skip]:
        """Starts a new segment, unless nothing was said since the last one began."""
        yield from self._close()
        if not self._fresh:
            self._segment += 1
        self._history = History()
        self._fresh = self._whole = True
        self._asked = None

    def close(self) -> Iterator[Call | Skip]:
        """Ends the lane with its file."""
        yield from self._close()

    def _begin(self, number: int, time: float | None, key: str, model: str | None) -> Generator[Skip, None, _Open]:
        for _ in range(self._history.begin()):
            yield Skip(self._path, number, Reason.CALL_WITHOUT_RESULT)
        known = [moment for moment in (self._asked, time) if moment is not None]
        self._open = _Open(key, model, number, min(known, default=0.0))
        self._asked = None
        self._fresh = False
        return self._open

    def _close(self) -> Iterator[Call | Skip]:
        message, self._open = self._open, None
        if message is None:
            return
        yield self._call(message)
        self._history.end()

    def _call(self, message: _Open) -> Call | Skip:
        if message.usage is None:
            return Skip(self._path, message.line, message.fault, message.detail)
        if message.model is None:
            return Skip(self._path, message.line, Reason.NO_MODEL)
        if (counted := self._seen.get(message.id)) is not None:
            is_larger = message.usage.output > counted
            return Skip(self._path, message.line, Reason.LATE_USAGE if is_larger else Reason.REPEATED_CALL)
        self._seen[message.id] = message.usage.output
        body = self._history.body(message.model) if self._whole else None
        return Call(
            id=message.id,
            session=self._session,
            segment=self._segment,
            model=message.model,
            dialect=DIALECT,
            time=message.time,
            usage=message.usage,
            body=body,
            rebuilt=body is not None,
            simulated=False,
            terms=message.terms,
            ran_tools=message.ran_tools,
        )
