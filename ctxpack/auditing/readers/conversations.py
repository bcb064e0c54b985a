"""Tells conversations of a log apart by what their requests share, where it does not name them."""

from itertools import islice, takewhile
from typing import NamedTuple

from xxhash import xxh3_128_digest

from ctxpack.auditing.recent import Recent
from ctxpack.errors import CtxpackError
from ctxpack.prompts import Block, Prompt
from ctxpack.prompts.outline import outline
from ctxpack.prompts.source import common_prefix

# Of those that begin alike, how many are compared with a body to find the nearest.
_COMPARED = 16
_INSTRUCTIONS = frozenset({"tools", "system", "developer"})


class _Request(NamedTuple):
    """What a request holds.

    Attributes:
        prompt: the body as read.
        opening: hash of its first message, byte for byte.
        parts: hashes of its blocks.
        first: hash of the first part that was said.
        said: those of all that was said.
        latest: those of its last answer and of the results of its calls; of all that was said where there is none.
        answers: how many parts are answers.
    """

    prompt: Prompt
    opening: bytes
    parts: tuple[bytes, ...]
    first: bytes
    said: frozenset[bytes]
    latest: frozenset[bytes]
    answers: int


class Conversations:
    """The conversations of one file, each named by the place where it begins.

    A request goes on with the conversation whose last request holds its first message, and most of the others; the
    latest such, one of its own model before others. It must hold a part of the last answer in that request, or the
    result of a call in it, for clients shorten answers: else it is another try at the same task. To go on with another
    model's, it must hold all of it and an answer to it: else it is the same task given to both. System texts and tools
    do not count: tasks of one kind share them.

    Thread-safety: belongs to one reader. Memory: the last prompt of each open conversation.
    """

    def __init__(self) -> None:
        self._last: Recent[str, _Request] = Recent()

    def of(self, body: bytes, dialect: str, place: str) -> tuple[str, Prompt | None]:
        """Name of the conversation that a request belongs to, `place` where it begins one; and the body as read.

        O(bytes), most of them only compared where the conversation goes on, and O(open conversations).
        """
        try:
            request = self._read(body, dialect)
        except CtxpackError:
            return place, None
        name = self._continued(request) or place
        self._last.keep(name, request, len(body))
        return name, request.prompt

    def _read(self, body: bytes, dialect: str) -> _Request:
        top = outline(body)
        opening = xxh3_128_digest(top.message(0)) if top.starts else b""
        alike = (last for _, last in self._last.latest() if last.opening == opening)
        nearest = max(islice(alike, _COMPARED), key=lambda last: common_prefix(body, last.prompt.dump()), default=None)
        return _request(Prompt.parse(body, dialect, nearest.prompt if nearest else None), opening, nearest)

    def _continued(self, request: _Request) -> str | None:
        holding = ((name, last) for name, last in self._last.latest() if request.first in last.said)
        found = ((_nearness(request, last), name) for name, last in holding if _goes_on(request, last))
        return max(found, key=lambda one: one[0], default=(None, None))[1]


def _goes_on(request: _Request, last: _Request) -> bool:
    if request.prompt.model == last.prompt.model:
        return not last.latest.isdisjoint(request.said)
    return last.said <= request.said and last.answers < request.answers


def _nearness(request: _Request, last: _Request) -> tuple[int, bool]:
    return len(last.said & request.said), last.prompt.model == request.prompt.model


def _request(prompt: Prompt, opening: bytes, nearest: _Request | None) -> _Request:
    """What a body holds; where it begins like another, the same blocks are not hashed again."""
    kept = prompt.shared(nearest.prompt) if nearest else 0
    parts = (*(nearest.parts[:kept] if nearest else ()), *map(_hash, prompt.blocks[kept:]))
    said = [at for at, block in enumerate(prompt.blocks) if block.role not in _INSTRUCTIONS]
    answers = [at for at in said if prompt.blocks[at].role == "assistant"]
    return _Request(
        prompt,
        opening,
        parts,
        parts[said[0]] if said else b"",
        frozenset(map(parts.__getitem__, said)),
        frozenset(map(parts.__getitem__, _last_of(answers, prompt.blocks) or said)),
        len(answers),
    )


def _last_of(answers: list[int], blocks: tuple[Block, ...]) -> list[int]:
    """Those of the blocks that stand in the last message of them, and the results of its calls."""
    if not answers:
        return []
    last = blocks[answers[-1]].message
    found = takewhile(lambda at: blocks[at].message >= last, range(len(blocks) - 1, -1, -1))
    return [at for at in found if blocks[at].message == last or blocks[at].kind == "tool_result"]


def _hash(block: Block) -> bytes:
    # Of a plain result the wire bytes do not tell which call it answers.
    return xxh3_128_digest(b"%b\0%b\0%b" % (block.role.encode(), block.call_id.encode(), block.wire))
