"""What an assistant turn refers to, and whether a packed prompt still shows it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# A reference that stands in more results than this is no sign of any of them.
MOST_RESULTS = 5
HANDLE = re.compile(r"\[ctxpack:([0-9a-f]{8,40}) ")
AGES = {"<=2": 2, "3-10": 10, "11-50": 50, ">50": 10**9}
NAME = re.compile(
    r"[\w@~.-]*/[\w@~./-]*\w|\w+(?:[._-]\w+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|\w*\d\w*", re.ASCII
)


class Reference(NamedTuple):
    """One reference of one turn.

    Attributes:
        kind: "id" or "line" of a tool result, "own" of what user or assistant said.
        age: turns since the latest text that holds it, as a key of AGES.
        visible: whether the packed prompt shows it.
        recoverable: whether it does, or a handle in it gives back a text that holds it.
    """

    kind: str
    age: str
    visible: bool
    recoverable: bool


@dataclass
class Texts:
    """Texts of a conversation, each with the assistant turns before it."""

    results: list[tuple[int, str]] = field(default_factory=list)
    own: list[tuple[int, str]] = field(default_factory=list)


def found(body: bytes, following: bytes, packed: bytes, original: Callable[[str], str]) -> Iterator[Reference]:
    """The references of the turn that answers a body, where the next body shows it.

    Args:
        body: what was to be sent.
        following: the next one.
        packed: what was sent.
        original: gives the text behind a handle.
    """
    messages, after = json.loads(body)["messages"], json.loads(following)["messages"]
    turn = "\n".join(text for _, text in texts_of(after[len(messages) : len(messages) + 1]).own)
    shown = "\n".join(strings(json.loads(packed)))
    texts, behind = texts_of(messages), None
    now = sum(message["role"] == "assistant" for message in messages)
    for kind, reference in references(turn):
        own = [at for at, text in texts.own if reference in text]
        holders = [place for place, (_, text) in enumerate(texts.results) if reference in text]
        visible = reference in shown
        if own and not holders:
            yield Reference("own", age(now - own[-1]), visible, visible)
        elif holders and not own and len(holders) <= MOST_RESULTS:
            behind = recovered(shown, original) if behind is None and not visible else behind
            recoverable = visible or reference in (behind or "")
            yield Reference(kind, age(now - texts.results[holders[-1]][0]), visible, recoverable)


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
            with suppress(ValueError):
                found += strings(json.loads(line))
    return "\n".join(found)


def age(turns: int) -> str:
    return next(name for name, most in AGES.items() if turns <= most)


def references(text: str) -> set[tuple[str, str]]:
    """Names of 5 characters or more, and lines of 30 or more."""
    names = {("id", match[0]) for match in NAME.finditer(text) if len(match[0]) >= 5}
    lines = {("line", line.strip()) for line in text.splitlines() if len(line.strip()) >= 30}
    return names | lines


def texts_of(messages: list[dict[str, Any]]) -> Texts:
    """Tool results, and everything that users and assistants said or passed to tools."""
    texts, turns = Texts(), 0
    for message in messages:
        content = message["content"]
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if part["type"] == "tool_result":
                texts.results.append((turns, "\n".join(strings(part.get("content", "")))))
            elif part["type"] == "tool_use":
                texts.own.append((turns, "\n".join(strings(part["input"]))))
            elif part["type"] == "text":
                texts.own.append((turns, part["text"]))
        turns += message["role"] == "assistant"
    return texts


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
