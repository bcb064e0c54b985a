"""openai.chat: tools, then messages (the provider renders tool definitions ahead of the developer text)."""

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
from ctxpack.tokens.framing import Adds

NAME = "openai.chat"
PROVIDER = "openai"
DEFINITIONS: tuple[str, ...] = ("tools", "functions")

_PART_KINDS: dict[str, Kind] = {
    "text": "text",
    "image_url": "media",
    "input_audio": "media",
    "file": "media",
    "thinking": "thinking",
}
# Who answers a call; "function" did so before there were ids.
_ANSWERING = ("tool", "function")
_THINKING = frozenset({"reasoning", "reasoning_content", "reasoning_details"})
# Anthropic's marker, which gateways take on parts, on messages whose content is a string, on calls, and on tools or in
# them.
_FOREIGN_MARKER = "cache_control"
_STRUCTURE = frozenset({"role", "content", "tool_calls", "function_call", "tool_call_id", _FOREIGN_MARKER})


def fits(body: Fragments) -> bool:
    """Whether the body is shaped like a Chat Completions request: messages are enough."""
    return "messages" in body.names


def tool(name: str, description: str, parameters: dict[str, object]) -> dict[str, object]:
    """A tool definition."""
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def definitions(fragment: Fragment) -> Iterator[Block]:
    """Blocks of the tools, or of the functions that they were before.

    A tool whose loading is deferred, as gateways take it, has none.

    Raises:
        BodyError: they have the wrong shape.
    """
    source = fragment.source
    for index, span in enumerate(optional_items(source, source.whole, fragment.path)):
        path = f"{fragment.path}[{index}]"
        fields = source.members(span, path)
        if not is_deferred(source, fields):
            yield _tool(source, span, fields, path)


def message(fragment: Fragment) -> Iterator[Block]:
    """Blocks of a message.

    Raises:
        BodyError: it has the wrong shape.
    """
    source, fields, path, index = fragment.source, fragment.fields, fragment.path, fragment.message
    role = required_string(source, fields, "role", path)
    said = (name for name, span in fields.items() if source.kind(span) != "null")
    for name in sorted(set(said) - _STRUCTURE):
        kind: Kind = "thinking" if name in _THINKING else "other"
        adds: Adds = "name" if name == "name" else ""
        yield Block(kind, role, f"{path}.{name}", index, fields[name], source, fixed=True, adds=adds)
    yield from _content(source, fields, role, path, index)
    for position, call in enumerate(optional_items(source, fields.get("tool_calls"), f"{path}.tool_calls")):
        yield _call(source, call, f"{path}.tool_calls[{position}]", role, index, "parallel" if position == 1 else "")
    if "function_call" in fields and source.kind(fields["function_call"]) == "object":
        call = fields["function_call"]
        called = source.members(call, path)
        yield _tool_use(source, call, called, called, f"{path}.function_call", role, index, "")


def _content(source: Source, fields: dict[str, Span], role: str, path: str, index: int) -> Iterator[Block]:
    content = fields.get("content")
    if content is None or source.kind(content) == "null":
        if role in ("assistant", *_ANSWERING):
            return
        raise BodyError(f"{path} has no content")
    kind: Kind = "tool_result" if role in _ANSWERING else "text"
    call_id = optional_string(source, fields, "tool_call_id", path)
    if source.kind(content) == "string":
        yield Block(
            kind=kind,
            role=role,
            path=f"{path}.content",
            message=index,
            span=content,
            source=source,
            strings=(content,),
            call_id=call_id,
            breakpoint=marker_ttl(source, fields, _FOREIGN_MARKER, path),
        )
        return
    for position, part in enumerate(source.items(content, f"{path}.content")):
        yield _part(source, part, f"{path}.content[{position}]", role, index, call_id)


def _part(source: Source, span: Span, path: str, role: str, index: int, call_id: str) -> Block:
    fields = source.members(span, path)
    kind = _PART_KINDS.get(part_type(source, fields, path, NAME), "other")
    marker = _FOREIGN_MARKER if _FOREIGN_MARKER in fields else "prompt_cache_breakpoint"
    return Block(
        kind="tool_result" if role in _ANSWERING and kind == "text" else kind,
        role=role,
        path=path,
        message=index,
        span=span,
        source=source,
        strings=_strings(source, fields, path) if kind == "text" else (),
        call_id=call_id,
        breakpoint=marker_ttl(source, fields, marker, path),
        markers=marker_extents(source, span, fields, marker),
    )


def _strings(source: Source, fields: dict[str, Span], path: str) -> tuple[Span, ...]:
    text = fields.get("text")
    if text is None or source.kind(text) != "string":
        raise BodyError(f"{path} has no text")
    return (text,)


def _call(source: Source, span: Span, path: str, role: str, index: int, adds: Adds) -> Block:
    fields = source.members(span, path)
    function = fields.get("function", fields.get("custom"))
    called = {} if function is None else source.members(function, path)
    return _tool_use(source, span, fields, called, path, role, index, adds)


def _tool_use(
    source: Source,
    span: Span,
    fields: dict[str, Span],
    called: dict[str, Span],
    path: str,
    role: str,
    index: int,
    adds: Adds,
) -> Block:
    return Block(
        kind="tool_use",
        role=role,
        path=path,
        message=index,
        span=span,
        source=source,
        arguments=optional_arguments(source, called, "arguments"),
        name=optional_string(source, called, "name", path),
        call_id=optional_string(source, fields, "id", path),
        breakpoint=marker_ttl(source, fields, _FOREIGN_MARKER, path),
        markers=marker_extents(source, span, fields, _FOREIGN_MARKER),
        fixed=not called,
        adds=adds,
    )


def _tool(source: Source, span: Span, fields: dict[str, Span], path: str) -> Block:
    body = fields.get("function", fields.get("custom"))
    levels = [(span, fields)] if body is None else [(span, fields), (body, source.members(body, path))]
    ttls = (marker_ttl(source, members, _FOREIGN_MARKER, path) for _, members in levels)
    return Block(
        kind="tool",
        role="tools",
        path=path,
        message=-1,
        span=span,
        source=source,
        name=optional_string(source, levels[-1][1], "name", path),
        breakpoint=next((ttl for ttl in ttls if ttl is not None), None),
        markers=tuple(chain.from_iterable(marker_extents(source, *level, _FOREIGN_MARKER) for level in levels)),
        fixed=True,
    )
