"""Exchanges: the stretches of messages that a conversation can be cut into without parting a call from its result."""

from itertools import pairwise
from typing import NamedTuple

from ctxpack.prompts import Prompt


class Exchange(NamedTuple):
    """Messages [first, stop): what the assistant said and called, and what it was told then."""

    first: int
    stop: int


def exchanges(prompt: Prompt) -> list[Exchange]:
    """The exchanges of a prompt, from the first assistant message to the end. O(blocks).

    Each begins with an assistant message after one of another role, so that roles alternate as before where some are
    left out, and no result stands in another exchange than its call.
    """
    roles = [section.role for section in prompt.messages]
    needed = _answered_up_to(prompt)
    starts, open_until = [], 0
    for message, role in enumerate(roles):
        if role == "assistant" and open_until < message and roles[message - 1] != "assistant":
            starts.append(message)
        open_until = max(open_until, needed[message])
    return [Exchange(*pair) for pair in pairwise([*starts, len(roles)])]


def _answered_up_to(prompt: Prompt) -> list[int]:
    """For each message the last one that answers a call of it, or -1. Repeated ids belong to the latest call."""
    last, calls = [-1] * len(prompt.messages), {}
    for block in prompt.blocks:
        if block.kind == "tool_use":
            calls[block.call_id] = block.message
        elif block.kind == "tool_result" and block.call_id in calls:
            last[calls[block.call_id]] = block.message
    return last
