"""Tells conversations of a log apart by what their requests share, where it does not name them."""

from xxhash import xxh3_128_digest

from ctxpack.auditing.recent import keep
from ctxpack.errors import CtxpackError
from ctxpack.prompts import Prompt

_INSTRUCTIONS = frozenset({"tools", "system", "developer"})


class Conversations:
    """The conversations of one file, each named by the place where it begins.

    A request goes on with the conversation whose last request holds its first message, and most of the others; the
    latest such. System texts and tools do not count: tasks of one kind share them.

    Thread-safety: belongs to one reader. Memory: the hashes of the last prompt of each open conversation.
    """

    def __init__(self) -> None:
        self._last: dict[str, frozenset[bytes]] = {}

    def of(self, body: bytes, dialect: str, place: str) -> str:
        """Name of the conversation that a request belongs to, `place` where it begins one. O(bytes)."""
        said = _said(body, dialect)
        name = self._continued(said) or place
        keep(self._last, name, frozenset(said))
        return name

    def _continued(self, said: list[bytes]) -> str | None:
        found = [name for name, last in reversed(self._last.items()) if said and said[0] in last]
        return max(found, key=lambda name: len(self._last[name].intersection(said)), default=None)


def _said(body: bytes, dialect: str) -> list[bytes]:
    """Hashes of what was said, part by part; none where the body cannot be read."""
    try:
        blocks = Prompt.parse(body, dialect).blocks
    except CtxpackError:
        return []
    return [xxh3_128_digest(b"%b\0%b" % (b.role.encode(), b.wire)) for b in blocks if b.role not in _INSTRUCTIONS]
