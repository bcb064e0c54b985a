"""A body of each dialect with a block of nearly every kind."""

from typing import Any

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
