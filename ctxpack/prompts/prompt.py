"""Prompt: a request body as the blocks its provider renders, written back byte for byte."""

from bisect import bisect_right
from collections.abc import Mapping
from copy import copy
from functools import cached_property
from itertools import accumulate

import msgspec

from ctxpack.errors import BodyError, UnknownModelError
from ctxpack.prompts.blocks import Block
from ctxpack.prompts.counting import BlockCounter, Exactness
from ctxpack.prompts.dialects import Dialect, detect, named
from ctxpack.prompts.source import Source, Span

Body = Mapping[str, object] | str | bytes | bytearray | memoryview

# Members that hold the blocks; every other member of a body is a setting.
_CONTENT = frozenset({"messages", "tools", "functions", "system"})
# Settings that the provider renders into the prompt in a way it does not publish.
_RENDERED = frozenset({"response_format", "output_config", "output_format", "thinking", "mcp_servers"})


class Prompt:
    """The blocks of a request body in the order the provider renders them.

    Attributes:
        dialect: name of the wire format.
        provider: provider whose rules the dialect follows where the model names none.
        model: the body's model, "" where it has none.
        blocks: tools, then system texts, then messages, as the provider orders them.
        settings: every other top-level member by name, in its own bytes.

    Thread-safety: immutable after parsing, safe to share.
    """

    def __init__(self, source: Source, members: dict[str, Span], form: Dialect) -> None:
        self.source = source
        self.dialect = form.NAME
        self.provider = form.PROVIDER
        self.blocks: tuple[Block, ...] = tuple(form.parse(source, members))
        self.settings = {name: source.raw(span) for name, span in members.items() if name not in _CONTENT}
        self.model = self._model(members)
        self._messages = len(source.items(members["messages"], "messages"))

    @classmethod
    def parse(cls, body: Body, dialect: str | None = None) -> "Prompt":
        """Reads a body; O(bytes).

        Args:
            body: the request as a mapping, or its JSON as str or bytes. A mapping is written as compact JSON first;
                objects with `model_dump` (as SDKs return) may stand in it. It is never changed.
            dialect: `openai.chat` or `anthropic.messages`; by default what the body's shape shows.

        Raises:
            BodyError: not JSON, no messages, or a member of the wrong shape.
            DialectError: the dialect is unknown, or the shape fits none.
        """
        source = Source(to_bytes(body))
        if source.data.lstrip(b" \t\r\n")[:1] != b"{":
            raise BodyError("the body is not a JSON object")
        if not _is_utf8(source.data):
            raise BodyError("the body holds invalid UTF-8")
        members = source.members(source.whole, "body")
        form = named(dialect) if dialect else detect(source, members)
        return cls(source, members, form)

    @cached_property
    def block_tokens(self) -> tuple[int, ...]:
        """Tokens of each block, its share of the message framing included.

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        return self.count(self.counter())

    @cached_property
    def tokens(self) -> int:
        """Tokens of the whole prompt; `exactness` says whether that is exact or an estimate.

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        return sum(self.block_tokens) + self.counter().primer

    @property
    def exactness(self) -> Exactness:
        """ "exact" where the count equals the provider's own for this body, else "estimate"."""
        # A message without blocks costs its framing, which no block carries.
        if not self.settings.keys().isdisjoint(_RENDERED) or len(self.blocks) != self._messages:
            return "estimate"
        return self.counter().exactness(self.blocks)

    def counter(self) -> BlockCounter:
        """A counter for the body's own model.

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        if not self.model:
            raise UnknownModelError("the body names no model, so its tokens cannot be counted")
        return BlockCounter(self.model, self.dialect)

    def count(self, counter: BlockCounter) -> tuple[int, ...]:
        """Tokens of each block by a counter of the caller's."""
        return tuple(map(counter.tokens, self.blocks, (None, *self.blocks)))

    def dump(self) -> bytes:
        """The body's bytes, as they were sent."""
        return self.source.data

    def substituted(self, parts: Mapping[Span, bytes]) -> "Prompt":
        """The prompt of `replaced(parts)`, its blocks moved rather than read again; O(bytes to copy + blocks).

        Args:
            parts: new JSON of the same kind for strings or arguments of blocks.
        """
        source, ends = Source(self.replaced(parts)), sorted(parts)
        stops = [span.stop for span in ends]
        shifts = [0, *accumulate(len(parts[span]) - (span.stop - span.start) for span in ends)]

        def moved(span: Span) -> Span:
            start, stop = span
            return Span(start + shifts[bisect_right(stops, start)], stop + shifts[bisect_right(stops, stop)])

        changed = copy(self)
        changed.__dict__.pop("block_tokens", None)
        changed.__dict__.pop("tokens", None)
        changed.source = source
        changed.blocks = tuple(block.moved(source, moved) for block in self.blocks)
        return changed

    def replaced(self, parts: Mapping[Span, bytes]) -> bytes:
        """The body with some parts' JSON replaced, every other byte as it was. O(bytes)."""
        data, pieces, at = self.source.data, [], 0
        for span in sorted(parts):
            pieces += [data[at : span.start], parts[span]]
            at = span.stop
        return b"".join([*pieces, data[at:]])

    def _model(self, members: dict[str, Span]) -> str:
        span = members.get("model")
        if span is None or self.source.kind(span) == "null":
            return ""
        return self.source.string(span, "model")


def to_bytes(body: Body) -> bytes:
    """A body as JSON bytes.

    Raises:
        BodyError: it cannot be written as JSON.
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    try:
        if isinstance(body, str):
            return body.encode()
        if isinstance(body, Mapping):
            return msgspec.json.encode(dict(body), enc_hook=_plain)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise BodyError(f"the body cannot be written as JSON: {type(error).__name__}") from None
    raise BodyError(f"a body is a mapping, str or bytes, not {type(body).__name__}")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain(value: object) -> object:
    """What an SDK object stands for; agents put the SDK's own response blocks back into their messages."""
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise TypeError(type(value).__name__)
    return dump(mode="json", by_alias=True, exclude_unset=True)
