"""Tools that the provider runs itself, within one call."""

from collections.abc import Mapping


def ran_tools(usage: Mapping[str, object] | None) -> bool:
    """Whether a provider's usage record counts uses of such tools."""
    uses = (usage or {}).get("server_tool_use")
    return isinstance(uses, dict) and any(isinstance(count, int) and count > 0 for count in uses.values())
