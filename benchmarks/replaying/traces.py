"""Rendered prompts of agents, one JSON object a line: {timestamp, input, output, session_id}, in no sure order.

mini-swe-agent's prompts hold the task and the commands' results only: each answer, which the trace keeps beside its
prompt, is put back as an assistant's turn, with its command as the call that the next result answers. Magentic-style
prompts are chats under role headers; several agents share a session, their prompts rarely continue one another, and
none has a tool result.
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.replaying.messages import Message, merged, result, text, use

_RESULT = "<returncode>"
_COMMAND = re.compile(r"```(?:bash)?\n(.*?)\n?```", re.DOTALL)
_HEADER = re.compile(r"(?:^|\n\n)(system|user|assistant): ")

Row = dict[str, str]


def fits(path: Path) -> bool:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else []
    return bool(files) and {"input", "output", "session_id"} <= json.loads(lines(files[0])[0]).keys()


def lines(file: Path) -> list[str]:
    return file.read_text("utf-8").rstrip("\n").split("\n")


def read(path: Path) -> Iterator[tuple[str, list[list[Message]]]]:
    """The prompts of each session, by its name."""
    for file in sorted(path.glob("*.jsonl")):
        rows = [json.loads(line) for line in lines(file)]
        yield file.name[:8], list(_chat(rows) if _HEADER.match(rows[0]["input"]) else _commands(rows))


def _commands(rows: list[Row]) -> Iterator[list[Message]]:
    rows = sorted(rows, key=lambda row: len(row["input"]))
    messages: list[Message] = [{"role": "user", "content": [text(rows[0]["input"])]}]
    yield messages
    for number, (row, following) in enumerate(pairwise(rows)):
        if not following["input"].startswith(row["input"]):
            return
        messages = [*messages, *_turn(f"call_{number}", row["output"], following["input"][len(row["input"]) :].strip())]
        yield messages


def _turn(call: str, said: str, shown: str) -> list[Message]:
    """What the assistant said, and the result of its command or, where there was none, the complaint about that."""
    command = _COMMAND.search(said)
    if command is None or not shown.startswith(_RESULT):
        return [{"role": "assistant", "content": [text(said)]}, {"role": "user", "content": [text(shown)]}]
    thought = said.replace(command[0], "").strip()
    spoken = [text(thought)] if thought else []
    return [
        {"role": "assistant", "content": [*spoken, use(call, "bash", {"command": command[1]})]},
        {"role": "user", "content": [result(call, shown)]},
    ]


def _chat(rows: list[Row]) -> Iterator[list[Message]]:
    for row in sorted(rows, key=lambda row: row["timestamp"]):
        _, *parts = _HEADER.split(row["input"])
        pairs = zip(parts[::2], parts[1::2], strict=True)
        said = (("assistant" if role == "assistant" else "user", words) for role, words in pairs if words)
        if found := merged({"role": role, "content": [text(words)]} for role, words in said):
            yield found
