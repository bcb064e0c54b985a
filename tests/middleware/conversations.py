"""The requests of one small agent conversation, in both dialects, with results that can be packed."""

import json
from typing import Any

ROWS = json.dumps([{"id": n, "name": f"item {n}", "price": 1.50, "stock": n % 7} for n in range(40)], indent=2)
SOURCE = "\n".join(f"{n:6}\tdef function_{n}(argument): return argument + {n}" for n in range(1, 60))
STEPS = [
    ("list_items", {"query": "all"}, ROWS),
    ("read_file", {"path": "a.py"}, SOURCE),
    ("read_file", {"path": "a.py"}, SOURCE),
]


def anthropic_messages(turns: int) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "What is in a.py?"}]
    for number, (name, arguments, result) in enumerate(STEPS[:turns]):
        call = {"type": "tool_use", "id": f"t{number}", "name": name, "input": arguments}
        answer = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [answer]}]
    return messages


def openai_messages(turns: int) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "What is in a.py?"}]
    for number, (name, arguments, result) in enumerate(STEPS[:turns]):
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"id": f"t{number}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"t{number}", "content": result})
    return messages
