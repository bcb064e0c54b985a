"""Outline: where the members and messages of a body stand, found again only where a body is new."""

from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import add

from ctxpack.errors import BodyError
from ctxpack.prompts.source import Source, Span, common_prefix

# What stands in for the messages that are known.
_LIST = b'{"messages":'
_KNOWN = _LIST + b"[{}"


@dataclass(frozen=True, slots=True)
class Outline:
    """A body taken apart at its top level.

    Attributes:
        data: the body.
        head: its members in front of the messages.
        members: all its members by name, the last of equal names.
        starts: first byte of each message.
        stops: end of each message, one byte after its last.
    """

    data: bytes = field(repr=False)
    head: dict[str, Span]
    members: dict[str, Span]
    starts: tuple[int, ...]
    stops: tuple[int, ...]

    def raw(self, name: str) -> bytes:
        """A member's own bytes."""
        span = self.members[name]
        return self.data[span.start : span.stop]

    def message(self, index: int) -> bytes:
        """A message's own bytes."""
        return self.data[self.starts[index] : self.stops[index]]

    def replaced(self, messages: Mapping[int, bytes]) -> "Outline":
        """The outline of the body with other bytes for some messages. O(bytes)."""
        pieces, at, changes = [], 0, [0] * len(self.stops)
        for index in sorted(messages):
            pieces += [self.data[at : self.starts[index]], messages[index]]
            at = self.stops[index]
            changes[index] = len(messages[index]) - (at - self.starts[index])
        shifts = [0, *accumulate(changes)]
        starts, stops = tuple(map(add, self.starts, shifts)), tuple(map(add, self.stops, shifts[1:]))
        return Outline(b"".join([*pieces, self.data[at:]]), self.head, self._moved(shifts[-1]), starts, stops)

    def rearranged(self, messages: Sequence[bytes]) -> "Outline":
        """The outline of the body with these messages in place of its own, parted as its first two are. O(bytes)."""
        comma = self.data[self.stops[0] : self.starts[1]] if len(self.stops) > 1 else b","
        first, last, sizes = self.starts[0], self.stops[-1], list(map(len, messages))
        starts = tuple(accumulate((size + len(comma) for size in sizes[:-1]), initial=first))
        stops = tuple(map(add, starts, sizes))
        data = b"".join([self.data[:first], comma.join(messages), self.data[last:]])
        return Outline(data, self.head, self._moved(stops[-1] - last), starts, stops)

    def _moved(self, shift: int) -> dict[str, Span]:
        """The members where the end of the messages moves: they hold messages or stand after or in front of all."""
        end = self.stops[-1]

        def moved(place: int) -> int:
            return place + shift if place >= end else place

        return {name: Span(moved(span.start), moved(span.stop)) for name, span in self.members.items()}


def outline(data: bytes) -> Outline:
    """Reads a body's top level. O(bytes).

    Raises:
        BodyError: it is no JSON object, or its messages are no array.
    """
    if data.startswith(BOM_UTF8):
        raise BodyError("the body starts with a byte order mark, which JSON must not: leave it out")
    if data.lstrip(b" \t\r\n")[:1] != b"{":
        raise BodyError("the body is not a JSON object")
    _check_utf8(data)
    source = Source(data)
    members = source.members(source.whole, "body")
    if "messages" not in members:
        return Outline(data, members, members, (), ())
    value = members["messages"]
    front = Source(data[: value.start] + b"0}")
    spans = source.items(value, "messages")
    head = front.members(front.whole, "body")
    return Outline(data, head, members, tuple(span.start for span in spans), tuple(span.stop for span in spans))


def continued(data: bytes, earlier: Outline) -> tuple[Outline, int] | None:
    """The outline of a body that begins like an earlier one, and how many messages they share; None for no other.

    O(bytes) to compare, at the speed of memory, and to read what is new.
    """
    shared = common_prefix(data, earlier.data)
    kept = bisect_right(earlier.stops, shared)
    if not kept:
        return None
    try:
        return _continued(data, earlier, kept), kept
    except BodyError:
        # The whole body says better what is wrong with it.
        return None


def _continued(data: bytes, earlier: Outline, kept: int) -> Outline:
    end = earlier.stops[kept - 1]
    _check_utf8(data[end:])
    tail, shift = Source(_KNOWN + data[end:]), end - len(_KNOWN)
    found = tail.members(tail.whole, "body")
    if found["messages"].start != len(_LIST):
        raise BodyError("the messages stand twice")
    _, *new = tail.items(found["messages"], "messages")
    members = {name: Span(span.start + shift, span.stop + shift) for name, span in found.items()}
    members["messages"] = Span(earlier.members["messages"].start, members["messages"].stop)
    return Outline(
        data,
        earlier.head,
        earlier.head | members,
        (*earlier.starts[:kept], *(span.start + shift for span in new)),
        (*earlier.stops[:kept], *(span.stop + shift for span in new)),
    )


def _check_utf8(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise BodyError("the body holds invalid UTF-8") from None
