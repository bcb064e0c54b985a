"""What a packed prompt's handles give back."""

import re
from collections.abc import Callable
from contextlib import suppress

import msgspec

from benchmarks.replaying.messages import strings

HANDLE = re.compile(r"\[ctxpack:([0-9a-f]{8,40}) ")
# What peers leave in the place of a text that they can give back. It is taken on trust.
PEER_HANDLE = re.compile(r"handle=[0-9a-f]{8}|hash=[0-9a-f]{16,}|litellm_content_retrieve")


def recovered(shown: str, original: Callable[[str], str]) -> str:
    """All that the handles in a prompt give back, and the handles in that."""
    known: dict[str, str] = {}
    new = set(HANDLE.findall(shown))
    while new:
        known |= {handle: readable(original(handle)) for handle in new}
        new = {handle for text in known.values() for handle in HANDLE.findall(text.split("\n", 1)[0])} - known.keys()
    return "\n".join(known.values())


def readable(text: str) -> str:
    """A text, and where its lines are JSON the strings in them."""
    found = [text]
    for line in text.split("\n"):
        if line.startswith("{"):
            with suppress(msgspec.DecodeError):
                found += strings(msgspec.json.decode(line))
    return "\n".join(found)
