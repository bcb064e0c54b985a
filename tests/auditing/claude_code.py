"""Made-up transcripts of Claude Code, and what is true of the calls that are read from any."""

import json
from pathlib import Path
from typing import Any, Self

from ctxpack.auditing.calls import Call, Skip
from ctxpack.auditing.readers import read


def assert_pairs(messages: list[dict[str, Any]]) -> None:
    """Every call is answered once in the very next message, and nothing else is."""
    open_calls: set[str] = set()
    assert messages[0]["role"] == "user"
    for message in messages:
        parts = message["content"] if isinstance(message["content"], list) else []
        results = [part["tool_use_id"] for part in parts if part["type"] == "tool_result"]
        assert sorted(results) == sorted(open_calls)
        open_calls = {part["id"] for part in parts if part["type"] == "tool_use"}
    assert not open_calls


class Log:
    """Writes a made-up transcript, one line a second."""

    def __init__(self, session: str = "s") -> None:
        self.session = session
        self.lines: list[dict[str, Any]] = []

    def add(self, kind: str, **members: Any) -> Self:
        stamp = f"2026-01-01T00:00:{len(self.lines):02d}.000Z"
        line = {"type": kind, "sessionId": self.session, "uuid": f"u{len(self.lines)}", "timestamp": stamp}
        self.lines.append(line | members)
        return self

    def user(self, content: object, **members: Any) -> Self:
        return self.add("user", message={"role": "user", "content": content}, **members)

    def result(self, call: str, **members: Any) -> Self:
        return self.user([{"type": "tool_result", "tool_use_id": call, "content": "ok"}], **members)

    def say(
        self, name: str, *parts: Any, output: int = 1, model: str | None = "claude-opus-4-6", **members: Any
    ) -> Self:
        usage = {"input_tokens": 10, "output_tokens": output}
        message = {"id": name, "model": model, "role": "assistant", "content": list(parts), "usage": usage}
        return self.add("assistant", requestId="r", message=message, **members)

    def event(self, kind: str, *names: int) -> None:
        if kind == "say":
            self.say(f"m{names[0]}", use(str(names[1])))
        elif kind == "result":
            self.result(str(names[0]))
        elif kind == "ask":
            self.user("more")
        else:
            self.add("system", subtype="compact_boundary").user("so far", isCompactSummary=True)

    def write(self, folder: Path, name: str = "s.jsonl") -> Path:
        path = folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        return path


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def use(call: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": call, "name": "Read", "input": {}}


def run(*paths: Path) -> tuple[list[Call], list[tuple[int, str]]]:
    items = list(read(paths))
    return [i for i in items if isinstance(i, Call)], [(i.line, i.reason) for i in items if isinstance(i, Skip)]


def messages(call: Call) -> list[dict[str, Any]]:
    return json.loads(call.body)["messages"]
