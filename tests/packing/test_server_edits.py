"""What a provider takes out of a prompt by itself: nothing that stays leads there."""

import pytest

from ctxpack.packing import Session

from .conversations import CLAUDE, SYSTEM, numbered

FILE = numbered([f"value_{line} = compute(input_{line * 37 % 101})" for line in range(60)])
CODE = "\n".join(f"value_{line} = compute(input_{line * 37 % 101})" for line in range(60))
CLEARING = {"type": "clear_tool_uses_20250919"}


def read(call: str, path: str = "a.py") -> list[dict]:
    return [
        {"role": "assistant", "content": [{"type": "tool_use", "id": call, "name": "Read", "input": {"path": path}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": FILE}]},
    ]


def written() -> list[dict]:
    call = {"type": "tool_use", "id": "w", "name": "Write", "input": {"path": "a.py", "content": CODE}}
    result = {"type": "tool_result", "tool_use_id": "w", "content": "written"}
    return [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]


def actions(messages: list[dict], **settings: object) -> list[tuple[str, str]]:
    """What lossless packing does, and with which text."""
    opening = {"role": "user", "content": "Go."}
    body = {"model": CLAUDE, "max_tokens": 64, "system": SYSTEM, "messages": [opening, *messages], **settings}
    packed = Session(CLAUDE).pack(body, now=0.0)
    return [(entry.path, entry.action) for entry in packed.report.entries]


@pytest.mark.parametrize(
    ("management", "second"),
    [
        (None, "pointers"),
        ({"edits": [{"type": "clear_thinking_20251015"}]}, "pointers"),
        ({"edits": "none"}, "pointers"),
        ({"edits": [CLEARING]}, "thinned"),
        ({"edits": [{"type": "clear_tool_uses"}]}, "thinned"),
        ({"edits": [{"type": "clear_thinking_20251015"}, {**CLEARING, "clear_at_least": None}]}, "thinned"),
    ],
)
def test_no_pointer_leads_to_a_result_that_may_be_cleared(management: object, second: str) -> None:
    settings = {} if management is None else {"context_management": management}
    found = actions([*read("1"), *read("2")], **settings)
    assert found == [("messages[2].content[0]", "thinned"), ("messages[4].content[0]", second)]


@pytest.mark.parametrize(("inputs", "action"), [(False, "pointers"), (True, "thinned")])
def test_arguments_stay_unless_they_may_be_cleared_too(inputs: bool, action: str) -> None:
    management = {"edits": [{**CLEARING, "clear_tool_inputs": inputs}]}
    assert actions([*written(), *read("1")], context_management=management) == [("messages[4].content[0]", action)]


def test_no_pointer_leads_over_a_compaction_of_the_provider_s() -> None:
    compaction = {"type": "compaction", "content": "The user said go. A file was read."}
    go_on = {"role": "user", "content": "Go on."}
    asked, told = read("2")
    asked = {**asked, "content": [compaction, *asked["content"]]}
    found = actions([*read("1"), {"role": "assistant", "content": "Read."}, go_on, asked, told, *read("3")])
    assert [action for _, action in found] == ["thinned", "thinned", "pointers"]


def test_a_compaction_block_of_its_own_message_is_remembered() -> None:
    """The client sends it back at the end of a body, and what came of it in the next one."""
    session = Session(CLAUDE)
    head = {"model": CLAUDE, "max_tokens": 64, "system": SYSTEM}
    compaction = {"role": "assistant", "content": [{"type": "compaction", "content": "A file was read."}]}
    messages = [{"role": "user", "content": "Go."}, *read("1"), compaction]
    session.pack({**head, "messages": messages}, now=0.0)
    messages += [{"role": "user", "content": "Go on."}, *read("2")]
    entries = session.pack({**head, "messages": messages}, now=1.0).report.entries
    assert [entry.action for entry in entries] == ["thinned", "thinned"]
