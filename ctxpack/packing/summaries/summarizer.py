"""Summarizer: a model of the caller's own that writes summaries, and what it is asked."""

import threading
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Literal, NamedTuple, Protocol, cast

import msgspec

from ctxpack.errors import PolicyError
from ctxpack.packing.settings import is_number
from ctxpack.prompts import Prompt, Source

_INSTRUCTION = (
    "Summarise this conversation up to here in at most {tokens} tokens. Your summary will stand in place of all but "
    "its opening and its latest turns, and you will go on from it. Keep what the user asked for, in the user's words; "
    "what was decided, and why; the last state of each file; errors, and whether they were resolved; what is left to "
    "do. Spell names, paths and numbers exactly as they stand above, and give none that does not stand there. Answer "
    "with the summary alone, and call no tool."
)

_is_asked: ContextVar[bool] = ContextVar("ctxpack_summarizer_is_asked", default=False)


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """What a summarizer is asked.

    Attributes:
        body: the request to send, as a dict: the packed prompt that the provider has in its cache, and after it one
            instruction of a user's. Send it to the same model with the same tools and settings, or the cache is of no
            use; how the answer comes (`stream`, `max_tokens`) is the caller's choice.
        tokens: most tokens that the summary may have, by the session's encoding.
        dialect: wire format of the body.
    """

    body: dict[str, Any] = field(repr=False)
    tokens: int
    dialect: str
    data: bytes = field(repr=False)

    def dump(self) -> bytes:
        """The body's JSON bytes, which begin with those of the packed prompt but for the end of its messages."""
        return self.data


class Summarizer(Protocol):
    """Writes summaries, such as a function that calls the conversation's own model.

    >>> def summarizer(request: SummaryRequest) -> str:
    ...     answer = client.messages.create(**request.body)
    ...     return answer.content[0].text
    """

    def __call__(self, request: SummaryRequest) -> str:
        """The summary. Whatever it raises, the mechanical summary is taken instead."""


class Answer(NamedTuple):
    """What a summarizer gave: a text, or the reason why there is none."""

    text: str
    reason: str = ""


# What a summarizer said to a request: "ask" where one is there and was not asked yet, None where none may be asked.
Reply = Answer | Literal["ask"] | None


class SummaryWanted(Exception):  # noqa: N818 - a question, no error
    """A request can be packed only when a summarizer has answered, which is not waited for in a lock."""

    def __init__(self, request: SummaryRequest) -> None:
        super().__init__("a summary is wanted")
        self.request = request


def request_for(packed: Prompt, tokens: int) -> SummaryRequest:
    """The request for a summary of a prompt. O(bytes).

    The instruction is a part of the last message where that is a user's, so that roles go on alternating.
    """
    text, last = _INSTRUCTION.format(tokens=tokens), packed.messages[-1]
    if last.role == "user":
        messages = [*packed.messages[:-1], packed.section(last.with_text(text), len(packed.messages) - 1)]
    else:
        added = msgspec.json.encode({"role": "user", "content": text})
        messages = [*packed.messages, packed.section(added, len(packed.messages))]
    data = packed.rearranged(messages).dump()
    source = Source(data)
    return SummaryRequest(cast("dict[str, Any]", source.value(source.whole)), tokens, packed.dialect, data)


def checked_timeout(seconds: float) -> float:
    """The time-out.

    Raises:
        PolicyError: it is not positive, or longer than a thread can wait.
    """
    if not is_number(seconds) or not 0 < seconds <= threading.TIMEOUT_MAX:
        raise PolicyError(f"a time-out is a positive number of seconds, not {seconds!r}")
    return seconds


def checked_summarizer(summarizer: Summarizer | None) -> Summarizer | None:
    """The summarizer, or None for none.

    Raises:
        PolicyError: it cannot be called.
    """
    if summarizer is not None and not callable(summarizer):
        raise PolicyError(f"a summarizer is a function of a SummaryRequest, not {type(summarizer).__name__}")
    return summarizer


def is_asked() -> bool:
    """Whether a summarizer is running here: what it sends is a question about a prompt, and must hit its cache."""
    return _is_asked.get()


def ask(summarizer: Summarizer, request: SummaryRequest, timeout: float) -> Answer:
    """A summarizer's answer within a number of seconds.

    It runs in a thread that is left to itself when it takes longer, in a copy of the caller's context.
    """
    answers: SimpleQueue[Answer] = SimpleQueue()
    context = copy_context()
    threading.Thread(target=lambda: answers.put(context.run(_asked, summarizer, request)), daemon=True).start()
    try:
        return answers.get(timeout=timeout)
    except Empty:
        return Answer("", f"the summarizer took more than {timeout:g} s")


def _asked(summarizer: Summarizer, request: SummaryRequest) -> Answer:
    _is_asked.set(True)
    try:
        text = summarizer(request)
    except BaseException as error:
        # Not its message: that may hold the prompt.
        return Answer("", f"the summarizer failed: {type(error).__name__}")
    if not isinstance(text, str):
        return Answer("", f"the summarizer returned no text but {type(text).__name__}")
    return Answer(text.strip())
