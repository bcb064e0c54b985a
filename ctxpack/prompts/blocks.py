"""Block: the smallest unit a provider hashes or marks."""

from collections.abc import Callable
from typing import Literal

import msgspec

from ctxpack.prompts.source import Source, Span
from ctxpack.providers.catalog import Tier
from ctxpack.tokens.framing import Adds

Kind = Literal["tool", "system", "text", "media", "thinking", "tool_use", "tool_result", "other"]

TIERS: tuple[Tier, ...] = ("tools", "system", "messages")

_PLAIN_MEMBERS = frozenset({"type", "text", "cache_control", "prompt_cache_breakpoint"})


class Block(msgspec.Struct, frozen=True, gc=False):
    """One tool definition, one system text or one content part, and where it stands.

    Attributes:
        kind: what it is; "media" is an image, document, file, audio or video.
        role: who speaks: "tools", "system", "developer", "user", "assistant" or "tool".
        path: where it stands, for people: `messages[3].content[0]`.
        message: index of its message, -1 for tools and system texts outside messages.
        span: bytes of the block in its section, as all spans here; `Prompt.span` says where that is in the body.
        strings: bytes of the JSON strings in it that hold text the model reads and a packer may replace.
        arguments: bytes of the arguments of a tool_use: an object, or a string that holds one.
        name: name of the tool it defines or calls, else "".
        call_id: pairs a tool_use with its tool_result, else "".
        caller: call id of the program that made a tool_use and reads its result, "" where the model does.
        breakpoint: TTL of the cache marker on it, as spelled ("1h"), "" for the provider's default; None where there
            is none. The marker may stand beside it, in its message.
        markers: bytes of the cache-marker members in it: no part of what a cache can tell apart.
        fixed: True where it must never be rewritten (a definition, a signature, citations, half a surrogate pair).
        media: parts of a tool result that are no text.
        adds: what it is that costs tokens beside its own, see `Framing.adds`.
        source: the bytes of its section: of its message, or of the member that defines it.
    """

    kind: Kind
    role: str
    path: str
    message: int
    span: Span
    source: Source
    strings: tuple[Span, ...] = ()
    arguments: Span | None = None
    name: str = ""
    call_id: str = ""
    breakpoint: str | None = None
    markers: tuple[Span, ...] = ()
    fixed: bool = False
    media: int = 0
    caller: str = ""
    adds: Adds = ""

    @property
    def tier(self) -> Tier:
        """Which part of the provider's render order it belongs to."""
        if self.kind == "tool":
            return "tools"
        return "system" if self.message < 0 else "messages"

    @property
    def raw(self) -> bytes:
        """Its own bytes, as sent."""
        return self.source.raw(self.span)

    @property
    def text(self) -> str:
        """The text the model reads in it: its strings, joined by newlines. O(bytes of the block)."""
        return "\n".join(self.source.string(span, self.path) for span in self.strings)

    @property
    def wire(self) -> bytes:
        """The bytes that a provider's cache can tell apart: cache markers left out.

        A plain text gives the same bytes whether it was sent as a string or as `{"type": "text"}`, alone or as a tool
        result, because providers render both alike.
        """
        fields = self._fields()
        if self._is_plain(fields):
            return b"text:" + self.source.raw(self.strings[0])
        return self._without_markers(fields)

    @property
    def value(self) -> object:
        """Its value with cache markers left out; equal for blocks that differ only in white space or key order."""
        fields = self._fields()
        if self._is_plain(fields):
            return {"type": "text", "text": self.text}
        data = self._without_markers(fields)
        return Source(data).value(Span(0, len(data)))

    def moved(self, source: Source, place: Callable[[Span], Span]) -> "Block":
        """The same block in a section where its parts stand elsewhere."""
        return Block(
            self.kind,
            self.role,
            self.path,
            self.message,
            place(self.span),
            source,
            tuple(map(place, self.strings)),
            None if self.arguments is None else place(self.arguments),
            self.name,
            self.call_id,
            self.breakpoint,
            tuple(map(place, self.markers)),
            self.fixed,
            self.media,
            self.caller,
            self.adds,
        )

    def _is_one_text(self) -> bool:
        return self.kind in ("text", "system", "tool_result") and len(self.strings) == 1

    def _fields(self) -> dict[str, Span]:
        """Members of one text; none where it is a bare string."""
        return self._members(self.span) if self._is_one_text() and self.span != self.strings[0] else {}

    def _is_plain(self, fields: dict[str, Span]) -> bool:
        """Whether it is one text and nothing else; for a tool result, what sets it apart is the call it answers."""
        return self._is_one_text() and fields.keys() <= _PLAIN_MEMBERS

    def _without_markers(self, fields: dict[str, Span]) -> bytes:
        """Its bytes without cache markers, and without what stands around the one plain text of a tool result."""
        content = self._single_content(fields)
        if content is None:
            return self.source.without(self.span, list(self.markers))
        around = [Span(content.start, self.strings[0].start), Span(self.strings[0].stop, content.stop)]
        outside = [cut for cut in self.markers if not content.start <= cut.start < content.stop]
        return self.source.without(self.span, [*outside, *around])

    def _single_content(self, fields: dict[str, Span]) -> Span | None:
        """Where the content of a tool result stands that is an array of one plain text."""
        content = fields.get("content")
        if self.kind != "tool_result" or self.media or content is None or self.source.kind(content) != "array":
            return None
        part = self.source.items(content, self.path)[0]
        return content if self._members(part).keys() <= _PLAIN_MEMBERS else None

    def _members(self, span: Span) -> dict[str, Span]:
        return self.source.members(span, self.path)
