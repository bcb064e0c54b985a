"""Tells conversations of a log apart by what their requests share, where it does not name them."""

from operator import itemgetter
from typing import NamedTuple

from xxhash import xxh3_128_digest

from ctxpack.auditing.recent import Recent
from ctxpack.errors import CtxpackError
from ctxpack.prompts import Prompt

_INSTRUCTIONS = frozenset({"tools", "system", "developer"})


class _Request(NamedTuple):
    """What a request holds: its model, hashes of what was said, part by part, and how many parts are answers."""

    model: str
    first: bytes
    said: frozenset[bytes]
    answers: int


class Conversations:
    """The conversations of one file, each named by the place where it begins.

    A request goes on with the conversation whose last request holds its first message, and most of the others; the
    latest such, one of its own model before others. To go on with another model's, it must hold all of that request and
    an answer to it: else it is the same task given to both. System texts and tools do not count: tasks of one kind
    share them.

    Thread-safety: belongs to one reader. Memory: the hashes of the last prompt of each open conversation.
    """

    def __init__(self) -> None:
        self._last: Recent[str, _Request] = Recent()

    def of(self, body: bytes, dialect: str, place: str) -> str:
        """Name of the conversation that a request belongs to, `place` where it begins one. O(bytes)."""
        request = _request(body, dialect)
        name = self._continued(request) or place
        self._last.keep(name, request)
        return name

    def _continued(self, request: _Request) -> str | None:
        found = [(_nearness(request, last), name) for name, last in self._last.latest() if _goes_on(request, last)]
        return max(found, key=itemgetter(0), default=(None, None))[1]


def _goes_on(request: _Request, last: _Request) -> bool:
    if request.first not in last.said:
        return False
    return request.model == last.model or (last.said <= request.said and last.answers < request.answers)


def _nearness(request: _Request, last: _Request) -> tuple[int, bool]:
    return len(last.said & request.said), last.model == request.model


def _request(body: bytes, dialect: str) -> _Request:
    """What a body holds; nothing where it cannot be read."""
    try:
        prompt = Prompt.parse(body, dialect)
    except CtxpackError:
        return _Request("", b"", frozenset(), 0)
    said = [block for block in prompt.blocks if block.role not in _INSTRUCTIONS]
    parts = [xxh3_128_digest(b"%b\0%b" % (block.role.encode(), block.wire)) for block in said]
    answers = sum(block.role == "assistant" for block in said)
    return _Request(prompt.model, parts[0] if parts else b"", frozenset(parts), answers)
