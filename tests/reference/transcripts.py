"""Slow, obvious twin of the Claude Code reader: whole files as dictionaries, several passes, no streaming."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def lines(path: str | Path) -> list[dict[str, Any]]:
    """Lines of a transcript that the model said or was told, as decoded JSON, in order."""
    with open(path, encoding="utf-8") as file:
        decoded = [json.loads(line) for line in file]
    return [line for line in decoded if line["type"] in ("user", "assistant", "system")]


def key(line: dict[str, Any]) -> str:
    return line["message"]["id"] + ":" + line["requestId"]


def usages(root: str | Path) -> dict[str, dict[str, Any]]:
    """Largest usage record by (message id, request id), over all transcripts under a folder."""
    largest = {}
    for path in sorted(Path(root).rglob("*.jsonl")):
        for line in lines(path):
            if line["type"] == "assistant":
                usage = line["message"]["usage"]
                known = largest.get(key(line))
                if known is None or usage["output_tokens"] > known["output_tokens"]:
                    largest[key(line)] = usage
    return largest


def runs(root: str | Path) -> list[list[dict[str, Any]]]:
    """Largest usage records of every lane of every file, in the order of the calls; each call once."""
    largest, seen, found = usages(root), set(), []
    for path in sorted(Path(root).rglob("*.jsonl")):
        by_lane = {}
        for line in lines(path):
            if line["type"] == "assistant" and key(line) not in seen:
                seen.add(key(line))
                by_lane.setdefault(line["isSidechain"], []).append(largest[key(line)])
        found += by_lane.values()
    return found


def totals(records: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Tokens per class over usage records."""
    return {
        "uncached": sum(usage["input_tokens"] for usage in records),
        "cache_read": sum(usage["cache_read_input_tokens"] for usage in records),
        "cache_write": sum(usage["cache_creation"]["ephemeral_5m_input_tokens"] for usage in records),
        "cache_write_long": sum(usage["cache_creation"]["ephemeral_1h_input_tokens"] for usage in records),
        "output": sum(usage["output_tokens"] for usage in records),
    }


def histories(path: str | Path) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """(call id, segment, messages before it) for every call of a transcript that holds one lane from its start."""
    found = []
    for number, segment in enumerate(segments(lines(path))):
        ids = list(dict.fromkeys(key(line) for line in segment if line["type"] == "assistant"))
        messages = []
        for index, call in enumerate(ids):
            told = between(segment, ids[index - 1] if index else None, call)
            if told:
                messages.append({"role": "user", "content": told})
            found.append((call, number, list(messages)))
            messages.append({"role": "assistant", "content": said(segment, call)})
    return found


def segments(all_lines: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts = [[]]
    for line in all_lines:
        if line["type"] != "system":
            parts[-1].append(line)
        elif line["subtype"] == "compact_boundary":
            parts.append([])
    return parts


def blocks(line: dict[str, Any]) -> list[dict[str, Any]]:
    content = line["message"]["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def said(segment: list[dict[str, Any]], call: str) -> list[dict[str, Any]]:
    return [block for line in segment if line["type"] == "assistant" and key(line) == call for block in blocks(line)]


def between(segment: list[dict[str, Any]], before: str | None, after: str) -> list[dict[str, Any]]:
    """What the user side says after one call and before the next: results of the first, then all else."""
    made = [block["id"] for block in said(segment, before) if block["type"] == "tool_use"] if before else []
    starts = {}
    for index, line in enumerate(segment):
        if line["type"] == "assistant":
            starts.setdefault(key(line), index)
    user = [line for line in segment if line["type"] == "user"]
    results = [block for line in user for block in blocks(line) if block.get("tool_use_id") in made]
    window = segment[starts[before] if before else 0 : starts[after]]
    texts = [block for line in window if line["type"] == "user" for block in blocks(line)]
    return results + [block for block in texts if block["type"] != "tool_result"]
