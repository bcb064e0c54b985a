"""Settings that the provider renders into the prompt: members of a body that are no blocks."""

from collections.abc import Mapping
from typing import NamedTuple

from ctxpack.prompts.source import Source

# Settings that are rendered in a way the provider does not publish.
_NAMES = frozenset(
    {
        "response_format",
        "output_config",
        "output_format",
        "thinking",
        "mcp_servers",
        "web_search_options",
        "prediction",
        "audio",
    }
)
# Choices, or types of them, by which the model has to call a tool, in one dialect or another.
_FORCED = ("any", "tool", "required", "function")


class Rendered(NamedTuple):
    """What settings bring into the prompt.

    Attributes:
        schema: the JSON schema that the answer has to follow, None where there is none.
        is_forced: whether the model has to call a tool.
        thinks: whether thinking with a budget is enabled.
    """

    schema: dict[str, object] | None
    is_forced: bool
    thinks: bool


def rendered(settings: Mapping[str, bytes]) -> Rendered:
    """What settings bring into the prompt, as far as it is known. O(bytes of those settings).

    Args:
        settings: by name, in their own bytes.
    """
    choice = value_of(settings, "tool_choice")
    thinking = _object(value_of(settings, "thinking"))
    forced = (choice if isinstance(choice, str) else _object(choice).get("type")) in _FORCED
    return Rendered(_schema(settings), forced, thinking.get("type") == "enabled")


def are_rendered(settings: Mapping[str, bytes]) -> bool:
    """Whether any of them is rendered in a way that is not published."""
    return not settings.keys().isdisjoint(_NAMES)


def value_of(settings: Mapping[str, bytes], name: str) -> object:
    """The value of a setting; None where there is none. O(its bytes)."""
    source = Source(settings.get(name, b"null"))
    return source.value(source.whole)


def _schema(settings: Mapping[str, bytes]) -> dict[str, object] | None:
    config = _object(value_of(settings, "output_config")).get("format")
    for form in map(_object, (config, value_of(settings, "output_format"), value_of(settings, "response_format"))):
        found = _object(form.get("schema")) or _object(_object(form.get("json_schema")).get("schema"))
        if found:
            return found
    return None


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
