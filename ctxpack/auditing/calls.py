"""What a log holds, whatever its format: billed calls, and the lines that had to be left out."""

from dataclasses import dataclass, field
from enum import StrEnum

from ctxpack.prompts import Prompt
from ctxpack.providers import Usage


@dataclass(frozen=True, slots=True)
class Call:
    """One billed request; its repr holds no text of the prompt.

    Thread-safety: immutable.

    Attributes:
        id: names the call: the provider's message id and request id, or the record's own id, or its place in the log.
        session: the conversation. In an agent's transcript, one lane: the main conversation or one subagent's. Where a
            log names none, the place where it begins.
        segment: compactions of the session before this call; history starts afresh with every segment.
        model: model name as logged.
        dialect: dialect name of `body` and of the usage record, "anthropic.messages" or "openai.chat".
        time: start of the request in Unix seconds, as well as the log tells. Where the log has no clock, the call's
            place in its recorded run, counted as seconds.
        usage: tokens billed.
        body: the request body; None where the log does not hold the history that was sent.
        prompt: the body as read, where telling conversations apart took reading it.
        rebuilt: whether `body` was put together from a transcript. It then has the messages only: no system prompt, no
            tools, no cache markers, nothing that the client added without logging it.
        simulated: whether the record says that its usage was computed and not billed.
        terms: what its usage names that is not billed at the list price: a service tier, a speed, a place.
        ran_tools: whether the usage names tools that the provider ran. It then sums several passes over a prompt that
            grew between them.
    """

    id: str
    session: str
    segment: int
    model: str
    dialect: str
    time: float
    usage: Usage
    body: bytes | None = field(repr=False)
    rebuilt: bool
    simulated: bool
    terms: tuple[str, ...] = ()
    ran_tools: bool = False
    prompt: Prompt | None = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Bytes of the body; 0 where there is none."""
        return len(self.body or b"")


class Reason(StrEnum):
    """Why a line, or a part of one, was left out."""

    NOT_JSON = "not JSON"
    TRUNCATED_LINE = "truncated line"
    UNKNOWN_RECORD = "unknown record"
    NO_USAGE = "no usage"
    BAD_USAGE = "usage not understood"
    NO_MODEL = "no model"
    BAD_TIME = "time not understood"
    DIALECT = "dialect not supported"
    SYNTHETIC = "message made by the client"
    API_ERROR = "API error"
    STREAMED_PART = "further part of a streamed message"
    REPEATED_CALL = "call already counted"
    LATE_USAGE = "larger usage of a call already counted"
    RESULT_WITHOUT_CALL = "tool result without its call"
    CALL_WITHOUT_RESULT = "tool call without its result"
    ATTACHMENT = "attachment whose wording is not logged"
    NOT_A_LOG = "file of no known format"
    UNREADABLE = "unreadable file"
    UNREADABLE_REST = "unreadable rest of a file"
    PACKED = "file packed with other than gzip"
    COPY = "packed copy of a file that is read"


@dataclass(frozen=True, slots=True)
class Skip:
    """Something left out of the audit. Never holds text of a prompt.

    Thread-safety: immutable.

    Attributes:
        path: file, as it was named or found.
        line: line number from 1, in a JSON array the element's place; 0 for the whole file.
        reason: one of `Reason`; `Reason.DIALECT` is followed by ": " and the dialect's name.
        detail: what is wrong with it, where the reason does not say it.
    """

    path: str
    line: int
    reason: str
    detail: str = ""

    @property
    def place(self) -> str:
        """The file, and the line where there is one."""
        return f"{self.path}:{self.line}" if self.line else self.path
