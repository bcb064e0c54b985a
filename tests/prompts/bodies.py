"""A body of each dialect with a block of nearly every kind."""

from collections.abc import Callable
from typing import Any

from ctxpack import Prompt
from ctxpack.prompts import Block, Section, Span

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
CHAT: dict[str, Any] = {
    "model": "gpt-4o",
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "x"}}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL, CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
    ],
}
MARK = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
MESSAGES: dict[str, Any] = {
    "model": "claude-opus-4-6",
    "max_tokens": 5,
    "messages": [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "content": [{"type": "text", "text": "one"}, {"type": "image"}],
                },
                {"type": "text", "text": "go on", **MARK},
            ],
        },
    ],
    "system": [{"type": "text", "text": "be brief", **MARK}],
    "tools": [{"name": "f", "input_schema": {}, **MARK}],
}


def respelled(
    prompt: Prompt, text: Callable[[Block, Span], bytes], arguments: Callable[[Block], bytes] | None = None
) -> dict[int, Section]:
    """The messages with new JSON for every string, and for arguments that are objects."""
    parts: dict[int, dict[Span, bytes]] = {index: {} for index in range(len(prompt.messages))}
    for block in prompt.blocks:
        if block.message >= 0:
            parts[block.message] |= {span: text(block, span) for span in block.strings}
            if arguments and block.arguments and block.source.kind(block.arguments) == "object":
                parts[block.message][block.arguments] = arguments(block)
    return {index: prompt.messages[index].replaced(changed) for index, changed in parts.items() if changed}


def check_equal(one: Prompt, other: Prompt) -> None:
    """Two prompts are the same in all that can be seen of them."""
    assert one.outline == other.outline
    assert one.blocks == other.blocks
    assert [section.blocks for section in one.definitions] == [section.blocks for section in other.definitions]
    assert [section.data for section in one.messages] == [section.data for section in other.messages]
    assert (one.dialect, one.provider, one.model) == (other.dialect, other.provider, other.model)
    assert one.settings == other.settings
