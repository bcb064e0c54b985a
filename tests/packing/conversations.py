"""Made-up conversations of both dialects, step by step, and the requests that they make."""

import json
import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings

CLAUDE, GPT = "claude-sonnet-4-5", "gpt-5.1"
MODELS = {"anthropic.messages": CLAUDE, "openai.chat": GPT}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
MARK = {"type": "ephemeral"}
# Longer than any cache minimum, so that shaping is never put off; SHORT is not.
SYSTEM = "".join(f"Rule {rule}: be terse about case {rule * 37 % 1009}.\n" for rule in range(150))
SHORT = "You are terse."
LOOKALIKE = "[ctxpack:deadbeef lines 1-3: same as above, Read a.py]"

# What else stands in bodies: parts of the assistant's message, parts behind the results, and what a result may carry.
_SAID = {
    "anthropic.messages": [
        {"type": "redacted_thinking", "data": "ZW5jcnlwdGVk"},
        {"type": "mcp_tool_use", "id": "mcp_1", "name": "find", "server_name": "s", "input": {"q": "x"}},
        {
            "type": "mcp_tool_result",
            "tool_use_id": "mcp_1",
            "is_error": False,
            "content": [{"type": "text", "text": "y"}],
        },
        {"type": "server_tool_use", "id": "srv_2", "name": "code_execution", "input": {}},
        {
            "type": "code_execution_tool_result",
            "tool_use_id": "srv_2",
            "content": {"type": "x", "stdout": "out\n" * 40},
        },
        {"type": "not_yet_invented", "payload": [None, {"text": "t"}]},
    ],
    "openai.chat": [
        {"type": "refusal", "refusal": "I will not."},
        {"type": "text", "text": ""},
        {"type": "not_yet_invented", "payload": [None, {"text": "t"}]},
    ],
}
_TOLD = {
    "anthropic.messages": [
        IMAGE,
        {"type": "document", "source": {"type": "text", "data": "d" * 400}, "citations": {"enabled": True}},
        {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "r"}]},
        {"type": "text", "text": "", "cache_control": MARK},
        {"type": "not_yet_invented"},
    ],
    "openai.chat": [
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "file", "file": {"file_id": "f"}},
        {"type": "not_yet_invented"},
    ],
}


def examples(count: int = 20) -> settings:
    """Settings of a property; CTXPACK_EXAMPLES=20 looks at twenty times as many."""
    many = count * int(os.environ.get("CTXPACK_EXAMPLES", "1"))
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=many, suppress_health_check=unhurried)


# The id of a call and its result.
Answer = tuple[str, object]


@dataclass
class Step:
    """An assistant turn with its calls, the results, and what the user says then. Late ones come in the next turn."""

    said: str = ""
    thinking: bool = False
    calls: list[tuple[str, str, dict]] = field(default_factory=list)
    results: list[object] = field(default_factory=list)
    asked: str = ""
    marked: bool = False
    odd: int = 0
    late: bool = False


def numbered(lines: list[str], first: int = 1, style: str = "→") -> str:
    """A file as readers print it."""
    return "\n".join(f"{number:>6}{style}{line}" for number, line in enumerate(lines, first))


def log(count: int, seed: int = 0) -> str:
    return "\n".join(
        f"2026-11-23T10:{n % 60:02d}:00Z {'ERROR' if n % 17 == 0 else 'INFO'} worker-{n * 7 % 5} job {seed}{n:04d}"
        for n in range(count)
    )


def working(turns: int, seed: int = 0, size: int = 60) -> list[Step]:
    """A long session of a coding agent: reads, re-reads after edits, logs and JSON, each `size` lines or rows."""
    made = []
    for turn in range(turns):
        at = seed + turn
        file = [f"value_{at % 4}_{line} = compute_{line * 3 % 7}(input_{line})" for line in range(size)]
        rows = [{"id": at * 100 + row, "state": "open"} for row in range(size)]
        kinds = [
            ("Read", {"file_path": f"/srv/app/module_{at % 4}.py"}, numbered(file)),
            ("Bash", {"command": f"pytest -k case_{at}"}, log(size, at)),
            (
                "query",
                {"sql": f"select {at}"},
                json.dumps(rows, indent=2),
            ),
            ("Write", {"file_path": f"/srv/app/new_{at}.py", "content": "\n".join(file)}, "written"),
            ("Read", {"file_path": f"/srv/app/module_{(at + 3) % 4}.py"}, numbered(file[: size // 2], 1)),
        ]
        name, arguments, result = kinds[(at * 7) % 5]
        made.append(Step(f"Step {turn}.", False, [(f"id_{turn % 9}", name, arguments)], [result]))
    return made


def bodies(made: list[Step], dialect: str, system: str = SYSTEM) -> list[dict]:
    """The request of each step, and of the opening: each continues the one before."""
    write = _anthropic if dialect == "anthropic.messages" else _openai
    head, messages = _opening(dialect, system)
    found = [{**head, "messages": list(messages)}]
    due: list[Answer] = []
    for step in made:
        own = [(call, result) for (call, _, _), result in zip(step.calls, step.results, strict=True)]
        now, due = (due, own) if step.late else ([*due, *own], [])
        messages += write(step, now)
        found.append({**head, "messages": list(messages)})
    return found


def noted(requests: list[dict], as_part: bool = True) -> list[dict]:
    """Requests of which each newest message alone ends in a note: a part of its own, or the end of its last result."""
    found = []
    for number, body in enumerate(requests):
        *history, newest = body["messages"]
        content, note = newest["content"], f"<env>step {number}</env>"
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        if as_part or parts[-1]["type"] != "tool_result":
            parts = [*parts, {"type": "text", "text": note}]
        else:
            parts = [*parts[:-1], {**parts[-1], "content": f"{parts[-1]['content']}\n{note}"}]
        found.append({**body, "messages": [*history, {**newest, "content": parts}]})
    return found


def _opening(dialect: str, text: str) -> tuple[dict, list[dict]]:
    messages = [{"role": "user", "content": "Please fix the tests."}]
    if dialect == "openai.chat":
        tool = {"type": "function", "function": {"name": "Read", "parameters": {"type": "object", "properties": {}}}}
        return {"model": GPT, "tools": [tool]}, [{"role": "system", "content": text}, *messages]
    tool = {"name": "Read", "input_schema": {"type": "object", "properties": {}}}
    system = [{"type": "text", "text": text, "cache_control": MARK}]
    return {"model": CLAUDE, "max_tokens": 64, "tools": [tool], "system": system}, messages


def _anthropic(step: Step, answers: list[Answer]) -> list[dict]:
    said: list[dict] = []
    if step.thinking:
        said.append({"type": "thinking", "thinking": "Hm.", "signature": "c2ln"})
        said.append({"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "x"}})
        said.append({"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []})
    if step.said or not step.calls:
        cited = {"citations": [{"type": "char_location", "cited_text": "x"}]} if step.marked else {}
        said.append({"type": "text", "text": step.said or "Well.", **cited})
    if step.odd:
        said.append(_one(_SAID["anthropic.messages"], step.odd))
    said += [{"type": "tool_use", "id": call, "name": name, "input": given} for call, name, given in step.calls]
    told: list[dict] = []
    for call, result in answers:
        told.append({"type": "tool_result", "tool_use_id": call, "content": result})
        if step.marked:
            told[-1]["cache_control"] = MARK
        if step.odd % 3 == 1:
            told[-1]["is_error"] = True
    if step.asked:
        told += [_one(_TOLD["anthropic.messages"], step.odd)] if step.odd else []
        told.append({"type": "text", "text": step.asked})
    return [{"role": "assistant", "content": said}, *([{"role": "user", "content": told}] if told else [])]


def _openai(step: Step, answers: list[Answer]) -> list[dict]:
    made = [
        {"id": call, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
        for call, name, given in step.calls
    ]
    said: dict = {"role": "assistant", "content": step.said or None}
    if made:
        said["tool_calls"] = made
    elif not step.said:
        said["content"] = "Well."
    if step.thinking:
        said["reasoning_content"] = "Hm."
    if step.odd and said["content"]:
        said["content"] = [{"type": "text", "text": said["content"]}, _one(_SAID["openai.chat"], step.odd)]
    told = [
        {"role": "tool", "tool_call_id": call, "content": _openai_content(result, step.marked)}
        for call, result in answers
    ]
    asked: list[dict] = [{"role": "user", "content": step.asked}] if step.asked else []
    if step.odd and step.asked:
        parts = [_one(_TOLD["openai.chat"], step.odd), {"type": "text", "text": step.asked}]
        asked = [{"role": "developer", "content": "Mind the gap."}, {"role": "user", "content": parts}]
    return [said, *told, *asked]


def _one(items: list[dict], number: int) -> dict:
    return items[number % len(items)]


def _openai_content(result: object, marked: bool) -> object:
    if isinstance(result, str):
        marker = {"prompt_cache_breakpoint": {"mode": "explicit"}}
        return [{"type": "text", "text": result, **marker}] if marked else result
    return [part for part in result if part["type"] == "text"] or "(an image)"
