"""Sessions of several agents as the requests that were sent: all as Messages bodies, so that one ruler measures all."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ctxpack.auditing import Call
from ctxpack.auditing.readers import read

# Sessions of fewer requests are left out.
SHORTEST = 10
# Priced and counted as this one where the session's own model has another dialect.
MODEL, DIALECT = "claude-sonnet-4-5", "anthropic.messages"

Message = dict[str, Any]
Session = tuple[str, list[bytes]]


def sessions(path: str) -> Iterator[Session]:
    """Each session that is long enough, by name, with the body of every request.

    A path is a .traj of SWE-agent, a .json of tau-bench, a .jsonl of pi, or anything that `ctxpack audit` reads.
    """
    yield from ((name, bodies) for name, bodies in _sessions(Path(path)) if len(bodies) >= SHORTEST)


def _sessions(path: Path) -> Iterable[Session]:
    if path.suffix == ".traj":
        return [(path.stem, list(requests(from_chat(json.loads(path.read_text())["history"]))))]
    if path.suffix == ".json":
        dialogues = json.loads(path.read_text())
        return ((f"task {row['task_id']}", list(requests(from_chat(row["traj"])))) for row in dialogues)
    if path.suffix == ".jsonl" and '"provider"' in path.open().readline():
        return [(path.stem, list(requests(from_pi(path))))]
    return logged(path)


def logged(path: Path) -> Iterator[Session]:
    found: dict[str, list[bytes]] = defaultdict(list)
    for item in read([str(path)]):
        if isinstance(item, Call) and item.body is not None:
            name = "/".join(part[:8] for part in item.session.split("/"))
            found[f"{name}/{item.segment + 1}"].append(item.body)
    yield from found.items()


def requests(messages: list[Message]) -> Iterator[bytes]:
    """The body in front of every assistant message."""
    for at, message in enumerate(messages):
        if message["role"] == "assistant" and at:
            yield json.dumps({"model": MODEL, "max_tokens": 1, "messages": messages[:at]}).encode()


def from_chat(messages: list[Message]) -> list[Message]:
    """Messages of chat completions; a system message is the first thing that the user says."""
    return [message for given in messages if (message := _from_chat(given))["content"]]


def _from_chat(given: Message) -> Message:
    if given["role"] == "tool":
        call = given.get("tool_call_id") or given["tool_call_ids"][0]
        return {"role": "user", "content": [result(call, given["content"])]}
    content = [text(given["content"])] if given.get("content") else []
    for call in given.get("tool_calls") or ():
        function = call["function"]
        content.append(use(call["id"], function["name"], json.loads(function["arguments"])))
    return {"role": "assistant" if given["role"] == "assistant" else "user", "content": content}


def from_pi(path: Path) -> list[Message]:
    rows = (json.loads(line) for line in path.open())
    messages = [_from_pi(row["message"]) for row in rows if row["type"] == "message"]
    return [message for message in messages if message["content"]]


def _from_pi(given: Message) -> Message:
    texts = [text(part["text"]) for part in given["content"] if part["type"] == "text" and part["text"]]
    if given["role"] == "toolResult":
        shown = "\n".join(part["text"] for part in texts)
        return {"role": "user", "content": [result(given["toolCallId"], shown)]}
    calls = [
        use(part["id"], part["name"], part["arguments"]) for part in given["content"] if part["type"] == "toolCall"
    ]
    return {"role": given["role"], "content": [*texts, *calls]}


def text(value: str) -> Message:
    return {"type": "text", "text": value}


def use(call: str, name: str, arguments: Any) -> Message:
    return {"type": "tool_use", "id": call, "name": name, "input": arguments}


def result(call: str, content: str) -> Message:
    return {"type": "tool_result", "tool_use_id": call, "content": content}
