"""Slow twin of the fingerprint chain: the prefix itself, as a list of plain values, instead of hashes of it."""

import json
from collections.abc import Iterator
from typing import Any

PARAMETERS = {
    "anthropic.messages": {"model": 0, "output_config": 0, "speed": 1, "thinking": 0, "tool_choice": 2},
    "openai.chat": {"model": 0, "response_format": 0, "reasoning_effort": 0},
}
MARKERS = ("cache_control", "prompt_cache_breakpoint")


def prefixes(body: dict[str, Any], dialect: str) -> list[list[Any]]:
    """One list per block: everything that stands up to and including it, in render order."""
    so_far, found, tier = [], [], -1
    for level, frame, part in parts(body, dialect):
        while tier < level:
            tier += 1
            so_far = [*so_far, *seeds(body, dialect, tier)]
        so_far = [*so_far, (frame, spelled(part))]
        found.append(so_far)
    return found


def seeds(body: dict[str, Any], dialect: str, tier: int) -> list[tuple[str, str]]:
    names = sorted(name for name, level in PARAMETERS[dialect].items() if level == tier and name in body)
    return [(name, json.dumps(body[name])) for name in names]


def parts(body: dict[str, Any], dialect: str) -> Iterator[tuple[int, Any, dict[str, Any]]]:
    for tool in body.get("tools", []):
        if tool.get("defer_loading") is not True:
            yield 0, "tool", tool
    if "system" in body:
        for part in as_parts(body["system"]):
            yield 1, "system", part
    for number, message in enumerate(body["messages"]):
        call = message.get("tool_call_id", "")
        for part in as_parts(message["content"]):
            yield 2, (number, message["role"], call or part.get("tool_use_id", "")), part


def as_parts(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def spelled(part: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in part.items() if name not in MARKERS})
