"""What the dialects share: checks of the members that every chat body has."""

from ctxpack.errors import BodyError
from ctxpack.prompts.source import Source, Span


def optional_string(source: Source, members: dict[str, Span], name: str, path: str) -> str:
    """A member that is a string, or "" where it is missing or null."""
    span = members.get(name)
    if span is None or source.kind(span) == "null":
        return ""
    return source.string(span, f"{path}.{name}")


def required_string(source: Source, members: dict[str, Span], name: str, path: str) -> str:
    """A member that must be a string.

    Raises:
        BodyError: it is missing or no string.
    """
    if name not in members:
        raise BodyError(f"{path} has no {name}")
    return source.string(members[name], f"{path}.{name}")


def part_type(source: Source, members: dict[str, Span], path: str, dialect: str) -> str:
    """What a content part says it is.

    Raises:
        BodyError: it does not, as in dialects that are not known; or that is no string.
    """
    if "type" not in members:
        raise BodyError(f"{path} has no type, which every part has in {dialect}; no other known dialect fits the body")
    return source.string(members["type"], f"{path}.type")


def optional_arguments(source: Source, members: dict[str, Span], name: str) -> Span | None:
    """A call's arguments where they can be read: an object, or a string that may hold one."""
    span = members.get(name)
    return span if span is not None and source.kind(span) in ("object", "string") else None


def optional_items(source: Source, span: Span | None, path: str) -> list[Span]:
    """Items of a member that is an array, or none where it is missing or null."""
    if span is None or source.kind(span) == "null":
        return []
    return source.items(span, path)


def marker_ttl(source: Source, members: dict[str, Span], marker: str, path: str) -> str | None:
    """TTL of a cache marker, "" where it names none; None where there is no marker."""
    span = members.get(marker)
    if span is None or source.kind(span) != "object":
        return None
    return optional_string(source, source.members(span, f"{path}.{marker}"), "ttl", f"{path}.{marker}")


def marker_extents(source: Source, span: Span, members: dict[str, Span], marker: str) -> tuple[Span, ...]:
    """Bytes to cut so that an object loses its cache marker."""
    return (source.member_extent(span, members[marker]),) if marker in members else ()


def is_deferred(source: Source, members: dict[str, Span]) -> bool:
    """Whether a tool loads only where a search finds it.

    Providers leave it out of the prefix, and show it at the end of what was said by then (Anthropic's prompt-caching
    page, 2026-09; OpenAI's, 2026-10).
    """
    return "defer_loading" in members and source.kind(members["defer_loading"]) == "true"
