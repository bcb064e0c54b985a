"""anthropic.messages: tools, then system, then messages (the provider's documented match order)."""

from collections.abc import Iterator
from itertools import chain

from ctxpack.errors import BodyError
from ctxpack.prompts.blocks import Block, Kind
from ctxpack.prompts.dialects.parts import (
    is_deferred,
    marker_extents,
    marker_ttl,
    optional_arguments,
    optional_items,
    optional_string,
    part_type,
    required_string,
)
from ctxpack.prompts.sections import Fragment, Fragments
from ctxpack.prompts.source import Source, Span

NAME = "anthropic.messages"
PROVIDER = "anthropic"
DEFINITIONS: tuple[str, ...] = ("tools", "system")

_KINDS: dict[str, Kind] = {
    "text": "text",
    "image": "media",
    "document": "media",
    "search_result": "media",
    "container_upload": "media",
    "thinking": "thinking",
    "redacted_thinking": "thinking",
    "tool_use": "tool_use",
    "tool_result": "tool_result",
}
# Block types that only this dialect has, so that one of them settles what a body is.
_OWN_TYPES = frozenset(_KINDS) - {"text", "image", "document", "thinking"}
_MARKER = "cache_control"
# A part with one of these members is signed or cited word for word: any edit would break it.
_FIXING = frozenset({"signature", "citations"})
# Where a part of a tool result stands, and its members.
_Nested = tuple[Span, dict[str, Span]]


def fits(body: Fragments) -> bool:
    """Whether the body is shaped like a Messages request."""
    if "max_completion_tokens" in body.names:
        return False
    if "system" in body.names or _has_own_tools(body):
        return True
    for message in body.messages:
        if "tool_calls" in message.fields or "tool_call_id" in message.fields:
            return False
        if message.part_types & _OWN_TYPES:
            return True
    # Gateways that speak openai.chat write `anthropic/claude-...`; the provider's own API takes the bare name.
    return body.model.startswith("claude") and "max_tokens" in body.names


def tool(name: str, description: str, parameters: dict[str, object]) -> dict[str, object]:
    """A tool definition."""
    return {"name": name, "description": description, "input_schema": parameters}


def definitions(fragment: Fragment) -> Iterator[Block]:
    """Blocks of the tools or of the system text.

    A tool whose loading is deferred has none.

    Raises:
        BodyError: they have the wrong shape.
    """
    source = fragment.source
    if fragment.path == "system" and source.kind(source.whole) == "null":
        return
    if fragment.path == "system":
        yield from _content(source, source.whole, "system", "system", -1)
        return
    for index, span in enumerate(optional_items(source, source.whole, "tools")):
        fields = source.members(span, f"tools[{index}]")
        if not is_deferred(source, fields):
            yield _tool(source, span, fields, f"tools[{index}]")


def message(fragment: Fragment) -> Iterator[Block]:
    """Blocks of a message.

    Raises:
        BodyError: it has the wrong shape.
    """
    source, fields, path = fragment.source, fragment.fields, fragment.path
    role = required_string(source, fields, "role", path)
    if "content" not in fields:
        raise BodyError(f"{path} has no content")
    yield from _content(source, fields["content"], f"{path}.content", role, fragment.message)


def _content(source: Source, span: Span, path: str, role: str, message: int) -> Iterator[Block]:
    """Blocks of a content that is a string or an array of parts."""
    if source.kind(span) == "string":
        kind: Kind = "system" if message < 0 else "text"
        yield Block(kind, role, path, message, span, source, strings=(span,))
        return
    for index, part in enumerate(source.items(span, path)):
        yield _part(source, part, f"{path}[{index}]", role, message)


def _part(source: Source, span: Span, path: str, role: str, message: int) -> Block:
    fields = source.members(span, path)
    kind = _KINDS.get(part_type(source, fields, path, NAME), "other")
    call_id = optional_string(source, fields, "tool_use_id" if kind == "tool_result" else "id", path)
    nested = _nested(source, fields, f"{path}.content") if kind == "tool_result" else []
    parts = [(span, fields), *nested]
    strings = tuple(_strings(source, fields, nested, kind, path))
    return Block(
        kind="system" if message < 0 and kind == "text" else kind,
        role=role,
        path=path,
        message=message,
        span=span,
        source=source,
        strings=strings,
        arguments=optional_arguments(source, fields, "input") if kind == "tool_use" else None,
        name=optional_string(source, fields, "name", path),
        call_id=call_id,
        breakpoint=marker_ttl(source, fields, _MARKER, path),
        # Markers inside a tool result are as little part of the prompt as its own.
        markers=tuple(chain.from_iterable(marker_extents(source, *part, _MARKER) for part in parts)),
        fixed=not all(_FIXING.isdisjoint(members) for _, members in parts),
        media=max(len(nested) - len(strings), 0),
        caller=_caller(source, fields, path) if kind == "tool_use" else "",
    )


def _caller(source: Source, fields: dict[str, Span], path: str) -> str:
    """Call id of the program that made a call, "" where the model itself did."""
    if "caller" not in fields or source.kind(fields["caller"]) != "object":
        return ""
    return optional_string(source, source.members(fields["caller"], path), "tool_id", path)


def _tool(source: Source, span: Span, fields: dict[str, Span], path: str) -> Block:
    return Block(
        kind="tool",
        role="tools",
        path=path,
        message=-1,
        span=span,
        source=source,
        name=optional_string(source, fields, "name", path),
        breakpoint=marker_ttl(source, fields, _MARKER, path),
        markers=marker_extents(source, span, fields, _MARKER),
        fixed=True,
    )


def _strings(source: Source, fields: dict[str, Span], nested: list[_Nested], kind: Kind, path: str) -> Iterator[Span]:
    """The JSON strings of a part that hold text for the model."""
    if kind == "text":
        if "text" not in fields or source.kind(fields["text"]) != "string":
            raise BodyError(f"{path} has no text")
        yield fields["text"]
    if kind == "tool_result" and "content" in fields and source.kind(fields["content"]) == "string":
        yield fields["content"]
    for _, members in nested:
        if "text" in members and source.kind(members["text"]) == "string":
            yield members["text"]


def _nested(source: Source, fields: dict[str, Span], path: str) -> list[_Nested]:
    """Where each part of a tool result stands, and its members; no members where it is no object."""
    if "content" not in fields or source.kind(fields["content"]) != "array":
        return []
    parts = enumerate(source.items(fields["content"], path))
    return [(p, source.members(p, f"{path}[{i}]") if source.kind(p) == "object" else {}) for i, p in parts]


def _has_own_tools(body: Fragments) -> bool:
    tools = body.definitions.get("tools")
    return tools is not None and any("input_schema" in fields for fields in tools.items)
