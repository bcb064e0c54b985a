"""Messages as the replay sees them, and their other shape, chat completions.

Every message has a list of parts: text, tool_use, and tool_result with a text as its content. No two neighbours have
the same role. `from_chat(to_chat(messages))` gives the same messages back.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

Message = dict[str, Any]


def text(value: str) -> Message:
    return {"type": "text", "text": value}


def use(call: str, name: str, arguments: Any) -> Message:
    return {"type": "tool_use", "id": call, "name": name, "input": arguments}


def result(call: str, content: str) -> Message:
    return {"type": "tool_result", "tool_use_id": call, "content": content}


def plain(messages: Iterable[Message]) -> list[Message]:
    """Messages as a client sent them, without thinking."""
    return merged({"role": given["role"], "content": list(_parts(given["content"]))} for given in messages)


def _parts(content: str | list[Message]) -> Iterator[Message]:
    for part in [text(content)] if isinstance(content, str) else content:
        if part["type"] == "tool_result":
            yield result(part["tool_use_id"], "\n".join(strings(part.get("content", ""))))
        elif part["type"] == "tool_use":
            yield use(part["id"], part["name"], part["input"])
        elif part["type"] == "text":
            yield text(part["text"])


def merged(messages: Iterable[Message]) -> list[Message]:
    """Neighbours of one role as one message; none without content."""
    found: list[Message] = []
    for message in messages:
        if not message["content"]:
            continue
        if found and found[-1]["role"] == message["role"]:
            found[-1] = {"role": message["role"], "content": [*found[-1]["content"], *message["content"]]}
        else:
            found.append(message)
    return found


def from_chat(messages: Iterable[Message]) -> list[Message]:
    """Messages of chat completions; a system message is the first thing that the user says."""
    return merged(map(_from_chat, messages))


def _from_chat(given: Message) -> Message:
    if given["role"] == "tool":
        call = given.get("tool_call_id") or given["tool_call_ids"][0]
        return {"role": "user", "content": [result(call, "\n".join(strings(given["content"])))]}
    said = given.get("content") or []
    content = [text(value) for value in ([said] if isinstance(said, str) else [part["text"] for part in said]) if value]
    for call in given.get("tool_calls") or ():
        function = call["function"]
        content.append(use(call["id"], function["name"], json.loads(function["arguments"])))
    return {"role": "assistant" if given["role"] == "assistant" else "user", "content": content}


def to_chat(messages: Iterable[Message]) -> list[Message]:
    return [given for message in messages for given in _to_chat(message)]


def _to_chat(message: Message) -> Iterator[Message]:
    if message["role"] == "user":
        for part in message["content"]:
            if part["type"] == "text":
                yield {"role": "user", "content": part["text"]}
            else:
                yield {"role": "tool", "tool_call_id": part["tool_use_id"], "content": part["content"]}
        return
    said: Message | None = None
    for part in message["content"]:
        if part["type"] == "text" and said:
            yield said
        if part["type"] == "text" or not said:
            said = {"role": "assistant", "content": part.get("text", "")}
        if part["type"] == "tool_use":
            said.setdefault("tool_calls", []).append(_call(part))
    if said:
        yield said


def _call(part: Message) -> Message:
    function = {"name": part["name"], "arguments": json.dumps(part["input"])}
    return {"id": part["id"], "type": "function", "function": function}


def results(messages: Iterable[Message]) -> Iterator[Message]:
    """Every tool result, in order."""
    for message in messages:
        yield from (part for part in message["content"] if part["type"] == "tool_result")


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
