"""Logs of records, and what a reader makes of them."""

import json
import zlib
from pathlib import Path
from typing import Any

from ctxpack.auditing.calls import Skip
from ctxpack.auditing.readers import read

CHAT = b'{"model" : "gpt-5", "messages":[{"role":"user","content":"\\u0068i"}], "n":1.0}'
CHAT_USAGE = {"prompt_tokens": 30, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 10}}
MESSAGES = {"model": "claude-sonnet-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
MESSAGES_USAGE = {"input_tokens": 3, "output_tokens": 1, "cache_read_input_tokens": 2}


def record(request: bytes | dict[str, Any] = CHAT, usage: object = CHAT_USAGE, **members: object) -> bytes:
    raw = request if isinstance(request, bytes) else json.dumps(request).encode()
    rest = json.dumps({"usage": usage, **members}).encode()
    return b'{"request": ' + raw + b", " + rest.removeprefix(b"{") + b"\n"


def run(*paths: Path) -> list[Any]:
    return list(read(paths))


def run_bytes(folder: Path, data: bytes, name: str = "log.jsonl") -> list[Any]:
    (folder / name).write_bytes(data)
    return run(folder / name)


def cut(data: bytes, off: int) -> bytes:
    """A gzip that breaks off, and how many bytes are missing of what it holds."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data[:-off]) + packer.flush(zlib.Z_SYNC_FLUSH)


def reasons(items: list[Any]) -> list[tuple[int, str]]:
    return [(item.line, item.reason) for item in items if isinstance(item, Skip)]
