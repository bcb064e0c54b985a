"""The command line as its users meet it: through a pipe and on a terminal."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"
ROWS = json.dumps([{"id": n, "name": f"item {n}"} for n in range(50)], indent=2)
CALL = {"id": "c1", "type": "function", "function": {"name": "list_items", "arguments": "{}"}}
BODY: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "user", "content": "What is there?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": ROWS},
    ],
}


def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ctxpack", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)


def on_a_terminal(*arguments: str | Path, columns: int = 100) -> tuple[str, int]:
    """What a command draws on a terminal, and its exit code."""
    leader, side = pty.openpty()
    command = [sys.executable, "-m", "ctxpack", *map(str, arguments)]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": str(columns)}
    with subprocess.Popen(command, stdout=side, stderr=side, stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(side)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        code = process.wait(60)
    os.close(leader)
    return shown.decode(), code
