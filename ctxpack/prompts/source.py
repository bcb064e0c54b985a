"""JSON bytes, read part by part without losing where each part stands."""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import starmap

import msgspec

from ctxpack._native.spans import locate
from ctxpack.errors import BodyError
from ctxpack.prompts.halves import without_halves


class Span(msgspec.Struct, frozen=True, order=True, gc=False):
    """Half-open range [start, stop) of bytes."""

    start: int
    stop: int

    def within(self, inner: "Span") -> "Span":
        """Where a part of this range is, by where it is in the range alone."""
        return Span(self.start + inner.start, self.start + inner.stop)


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_VALUE = msgspec.json.Decoder()
# For values with a number that no float can hold, such as 1e400.
_WIDE = msgspec.json.Decoder(float_hook=lambda text: value if math.isfinite(value := float(text)) else Decimal(text))

_KINDS = {
    ord("{"): "object",
    ord("["): "array",
    ord('"'): "string",
    ord("n"): "null",
    ord("t"): "true",
    ord("f"): "false",
}
# What the decoder raises on bad input; the last one for values nested too deep.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_WHITE = b" \t\r\n"
# Bytes compared at once: few enough to stay in a core's own cache.
_STEP = 1 << 16


class Source(msgspec.Struct, frozen=True, gc=False):
    """The bytes of one JSON value. All spans are relative to `data`.

    Half of a surrogate pair, which JSON may hold and UTF-8 may not, is read as U+FFFD.

    Thread-safety: immutable, safe to share. Complexity: each read is linear in the bytes of the part read.
    """

    data: bytes

    def __repr__(self) -> str:
        return f"<Source of {len(self.data)} bytes>"

    @property
    def whole(self) -> Span:
        """All of it."""
        return Span(0, len(self.data))

    def raw(self, span: Span) -> bytes:
        """The part's own bytes, as sent."""
        return self.data[span.start : span.stop]

    def kind(self, span: Span) -> str:
        """JSON kind of a part: object, array, string, null, true, false or number."""
        return _KINDS.get(self.data[span.start], "number")

    def members(self, span: Span, path: str) -> dict[str, Span]:
        """Member values of an object by name (the last of equal names, as JSON readers do)."""
        try:
            members = _MEMBERS.decode(self._view(span))
        except _UNREADABLE as error:
            if (whole := self._without_halves(span)) is not None:
                return {name: span.within(value) for name, value in whole.members(whole.whole, path).items()}
            raise BodyError(f"{path} is not a JSON object: {_reason(error)}") from None
        return dict(zip(members, self._locate(members.values()), strict=True))

    def items(self, span: Span, path: str) -> list[Span]:
        """Items of an array, in order."""
        try:
            items = _ITEMS.decode(self._view(span))
        except _UNREADABLE as error:
            if (whole := self._without_halves(span)) is not None:
                return [span.within(item) for item in whole.items(whole.whole, path)]
            raise BodyError(f"{path} is not a JSON array: {_reason(error)}") from None
        return list(self._locate(items))

    def string(self, span: Span, path: str) -> str:
        """Value of a string."""
        try:
            return _STRING.decode(self._view(span))
        except _UNREADABLE as error:
            if (whole := self._without_halves(span)) is not None:
                return whole.string(whole.whole, path)
            raise BodyError(f"{path} is not a JSON string: {_reason(error)}") from None

    def value(self, span: Span) -> object:
        """Any value as Python objects; a number that no float can hold is a Decimal."""
        try:
            return _value(self._view(span))
        except _UNREADABLE as error:
            if (whole := self._without_halves(span)) is not None:
                return whole.value(whole.whole)
            raise BodyError(f"a part of the body is not JSON: {_reason(error)}") from None

    def member_extent(self, span: Span, value: Span) -> Span:
        """Bytes to cut so that an object loses one member: name, colon, value and one comma, with the white space that
        goes with it.

        Args:
            span: the object.
            value: the member's; its name, however it is spelled, is one without quotes.
        """
        start = self.data.rindex(b'"', span.start, self.data.rindex(b'"', span.start, value.start))
        before = len(self.data[span.start : start].rstrip(_WHITE)) + span.start
        if self.data[before - 1] == ord(","):
            return Span(before - 1, value.stop)
        after = self._past_white(value.stop, span.stop)
        return Span(start, self._past_white(after + 1, span.stop) if self.data[after] == ord(",") else value.stop)

    def without(self, span: Span, cuts: list[Span]) -> bytes:
        """The part's bytes with some ranges left out."""
        pieces, at = [], span.start
        for cut in sorted(cuts):
            pieces.append(self.data[at : cut.start])
            at = cut.stop
        pieces.append(self.data[at : span.stop])
        return b"".join(pieces)

    def _past_white(self, at: int, stop: int) -> int:
        tail = self.data[at:stop]
        return at + len(tail) - len(tail.lstrip(_WHITE))

    def _without_halves(self, span: Span) -> "Source | None":
        """A part in which no escape is half a surrogate pair, everything in its place; None where none was."""
        raw = self.raw(span)
        whole = without_halves(raw)
        return None if whole == raw else Source(whole)

    def _view(self, span: Span) -> memoryview:
        return memoryview(self.data)[span.start : span.stop]

    def _locate(self, parts: Iterable[msgspec.Raw]) -> Iterator[Span]:
        return starmap(Span, locate(self.data, parts))


def common_prefix(a: bytes, b: bytes) -> int:
    """How many leading bytes two texts share. O(shared bytes)."""
    view, at, step = memoryview(a), 0, _STEP
    while step and at < len(a):
        if b.startswith(view[at : at + step], at):
            at = min(at + step, len(a))
        else:
            step //= 2
    return at


def _value(data: memoryview) -> object:
    try:
        return _VALUE.decode(data)
    except msgspec.ValidationError:
        return _WIDE.decode(data)


def _reason(error: Exception) -> str:
    # Messages of the decoder name positions and types, never the text itself.
    if isinstance(error, msgspec.DecodeError):
        return str(error)
    return "it is nested too deep" if isinstance(error, RecursionError) else "it holds invalid UTF-8"
