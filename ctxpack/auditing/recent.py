"""Bounds what is kept of conversations to those that went on last."""

from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

# Conversations that may go on at one time.
OPEN = 1024


def keep(conversations: dict[_K, _V], key: _K, value: _V) -> _V:
    """Makes a conversation the latest of them; where there are too many, the one silent for longest is forgotten."""
    conversations.pop(key, None)
    conversations[key] = value
    if len(conversations) > OPEN:
        del conversations[next(iter(conversations))]
    return value
