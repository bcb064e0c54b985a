"""Block: the smallest unit a provider hashes or marks."""

from collections.abc import Callable
from typing import Literal

import msgspec

from ctxpack.prompts.source import Source, Span
from ctxpack.providers.catalog import Tier

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
        breakpoint: TTL of the cache marker it carries, as spelled ("1h"), "" for the provider's default; None where it
            carries none.
        markers: bytes of the cache-marker members in it: no part of what a cache can tell apart.
        fixed: True where it must never be rewritten (a definition, a signature, citations, half a surrogate pair).
        media: parts of a tool result that are no text.
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

        A plain text part gives the same bytes whether it was sent as a string or as `{"type": "text"}`, because
        providers render both alike.
        """
        if self.kind in ("text", "system") and len(self.strings) == 1 and self._is_plain():
            return b"text:" + self.source.raw(self.strings[0])
        return self.source.without(self.span, list(self.markers))

    @property
    def value(self) -> object:
        """Its value with cache markers left out; equal for blocks that differ only in white space or key order."""
        if self.kind in ("text", "system") and len(self.strings) == 1 and self._is_plain():
            return {"type": "text", "text": self.text}
        data = self.source.without(self.span, list(self.markers))
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
        )

    def _is_plain(self) -> bool:
        if self.span == self.strings[0]:
            return True
        return self.source.members(self.span, self.path).keys() <= _PLAIN_MEMBERS
