"""Open items: what the latest list of things to do leaves undone."""

import re

from ctxpack.packing.summaries.transcript import Transcript, Use
from ctxpack.packing.summaries.wording import short
from ctxpack.packing.tool_names import tool_names

_NAMES = tool_names()
_UNCHECKED = re.compile(r"^[ \t]*[-*] \[ \] (.+)$", re.MULTILINE)
_LIST = re.compile(r"^[ \t]*[-*] \[[ xX]\] ", re.MULTILINE)
_ITEM = 200


def open_items(script: Transcript) -> list[str]:
    """The items that are not done of the last list: of a call's arguments, or of check boxes that the assistant wrote.

    O(bytes).
    """
    for use in reversed(script.uses):
        if (items := _listed(use)) is not None:
            return items
    written = [text for text in (*script.said, *script.concluded) if _LIST.search(text)]
    return [short(item, _ITEM) for item in _UNCHECKED.findall(written[-1])] if written else []


def _listed(use: Use) -> list[str] | None:
    """The items of a list that a call passes on with a state for each; None where it passes none."""
    for value in use.arguments.values():
        items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        if items and all(_first(item, _NAMES.states) and _first(item, _NAMES.items) for item in items):
            return [_worded(item) for item in items if _first(item, _NAMES.states).lower() not in _NAMES.done]
    return None


def _worded(item: dict[str, object]) -> str:
    return f"{short(_first(item, _NAMES.items), _ITEM)} [{_first(item, _NAMES.states)}]"


def _first(item: dict[str, object], names: tuple[str, ...]) -> str:
    """The first of some members, as text."""
    found = (item[name] for name in names if isinstance(item.get(name), str | bool))
    return str(next(found, ""))
