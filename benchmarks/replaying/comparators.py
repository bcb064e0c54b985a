"""What others do, as plain functions of a body: no memory between requests, no way back.

None of them is tuned; each follows its library's or provider's description with its usual settings.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from ctxpack.tokens import encoding

Body = dict[str, Any]

# Messages that a sliding window keeps, beside the first.
WINDOW = 16
# A provider's context editing: above this many tokens all but the latest results are cleared.
CLEAR_ABOVE, CLEAR_KEEP = 20_000, 3
CLEARED = "[cleared]"
# Characters of a result that stay at each end: 500 tokens in all.
SIDE = 1000


def results(body: Body) -> Iterator[Body]:
    """Every tool result, in order."""
    for message in body["messages"]:
        if isinstance(message["content"], list):
            yield from (part for part in message["content"] if part["type"] == "tool_result")


def window(body: Body) -> None:
    """The first message and the latest ones, never a result without its call."""
    messages = body["messages"]
    start = max(len(messages) - WINDOW, 1)
    while start < len(messages) and any(True for _ in results({"messages": [messages[start]]})):
        start += 1
    body["messages"] = [messages[0], *messages[start:]]


def clear(body: Body) -> None:
    """Old results cleared, as context editing does at 20,000 tokens with 3 kept."""
    if encoding("o200k_base").count(json.dumps(body["messages"])) > CLEAR_ABOVE:
        for part in list(results(body))[:-CLEAR_KEEP]:
            part["content"] = CLEARED


def ends(body: Body) -> None:
    """Head and tail of every result."""
    for part in results(body):
        content = part.get("content")
        if isinstance(content, str) and len(content) > 2 * SIDE:
            part["content"] = content[:SIDE] + "\n...\n" + content[-SIDE:]


def drop(body: Body) -> None:
    """No result at all: the least that can be sent without touching what was said."""
    for part in results(body):
        part["content"] = ""


COMPARATORS: dict[str, Callable[[Body], None]] = {"window": window, "clear": clear, "ends": ends, "drop": drop}
