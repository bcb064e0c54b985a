"""Sections: the messages of a body and its members with definitions, each in its own bytes."""

from bisect import bisect_right
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import msgspec

from ctxpack.prompts.blocks import Block
from ctxpack.prompts.source import Source, Span


@dataclass(frozen=True, eq=False)
class Fragment:
    """A message, or the member that holds tools, functions or system texts, before any dialect reads it.

    Attributes:
        source: its bytes.
        path: where it stands in the body, for people: `messages[3]`, `tools`.
        message: index of the message, -1 for definitions.

    Thread-safety: safe to share; what is read of it is read once and kept.
    """

    source: Source
    path: str
    message: int = -1

    @cached_property
    def fields(self) -> dict[str, Span]:
        """Members of a message.

        Raises:
            BodyError: it is no object.
        """
        return self.source.members(self.source.whole, self.path)

    @cached_property
    def items(self) -> tuple[dict[str, Span], ...]:
        """Members of each definition; none where there is null instead of an array.

        Raises:
            BodyError: it is no array of objects.
        """
        if self.source.kind(self.source.whole) == "null":
            return ()
        spans = self.source.items(self.source.whole, self.path)
        return tuple(self.source.members(span, f"{self.path}[{index}]") for index, span in enumerate(spans))

    @cached_property
    def part_types(self) -> frozenset[str]:
        """What the parts of a message's content say they are.

        Raises:
            BodyError: the message is no object, or a type is no string.
        """
        content = self.fields.get("content")
        if content is None or self.source.kind(content) != "array":
            return frozenset()
        return frozenset(self._part_types(content))

    def _part_types(self, content: Span) -> list[str]:
        path = f"{self.path}.content"
        parts = enumerate(self.source.items(content, path))
        fields = [
            (i, self.source.members(part, f"{path}[{i}]")) for i, part in parts if self.source.kind(part) == "object"
        ]
        types = ((i, members["type"]) for i, members in fields if "type" in members)
        return [self.source.string(span, f"{path}[{i}].type") for i, span in types if self.source.kind(span) != "null"]


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """All of a body that a dialect may be told by.

    Attributes:
        names: its members.
        model: its model, "" where it has none.
        definitions: members that hold tools, functions or system texts.
        messages: its messages in order.
    """

    names: Set[str]
    model: str
    definitions: Mapping[str, Fragment]
    messages: tuple[Fragment, ...]


class Section(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A fragment with its blocks, as a dialect reads it. Unchanged ones are the same objects in the next prompt."""

    fragment: Fragment
    blocks: tuple[Block, ...]

    @property
    def role(self) -> str:
        """Who speaks in a message, also in one that has no block."""
        return self.fragment.source.string(self.fragment.fields["role"], f"{self.fragment.path}.role")

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.fragment.source.data

    def with_text(self, text: str) -> bytes:
        """A message's bytes with one more text part at the end of its content. O(bytes)."""
        content = self.fragment.fields["content"]
        own, part = self.data[content.start : content.stop], _text_part(msgspec.json.encode(text))
        if own.startswith(b"["):
            listed = own[:-1].rstrip()
            new = listed + (part if listed == b"[" else b"," + part) + b"]"
        else:
            new = b"[" + _text_part(own) + b"," + part + b"]"
        return self.data[: content.start] + new + self.data[content.stop :]

    def replaced(self, parts: Mapping[Span, bytes]) -> "Section":
        """The section with new JSON for some strings or arguments, its blocks moved rather than read again. O(bytes).

        Args:
            parts: new JSON of the same kind, by where the old one stands in the section.
        """
        pieces, at, ends = [], 0, sorted(parts)
        for span in ends:
            pieces += [self.data[at : span.start], parts[span]]
            at = span.stop
        source = Source(b"".join([*pieces, self.data[at:]]))
        stops = [span.stop for span in ends]
        shifts = [0, *accumulate(len(parts[span]) - (span.stop - span.start) for span in ends)]

        def moved(span: Span) -> Span:
            ahead, within = shifts[bisect_right(stops, span.start)], shifts[bisect_right(stops, span.stop)]
            return Span(span.start + ahead, span.stop + within)

        fragment = Fragment(source, self.fragment.path, self.fragment.message)
        return Section(fragment, tuple(block.moved(source, moved) for block in self.blocks))


def _text_part(text: bytes) -> bytes:
    """A content part, of a text's JSON."""
    return b'{"type":"text","text":' + text + b"}"
