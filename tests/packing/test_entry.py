"""What enters of a result depends on what it is: a command's output, a file, or data of an interface."""

import json

import pytest

from benchmarks.hostile import MODEL
from ctxpack.errors import PolicyError
from ctxpack.packing import EntryLimits, Policy, Session
from ctxpack.packing.policy import PRESETS

LOG = "\n".join(f"step {number}: built module {number * 7919 % 997} in {number} ms" for number in range(60))
DATA = json.dumps([{"flight": f"HAT{number:03d}", "seats": number * 7, "fare": number * 31} for number in range(20)])


def entered(name: str, subject: dict[str, str], result: str, limits: EntryLimits) -> str:
    """What is sent of a result."""
    call = {"type": "tool_use", "id": "call", "name": name, "input": subject}
    answer = {"type": "tool_result", "tool_use_id": "call", "content": result}
    messages = [
        {"role": "user", "content": "Go on."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [answer]},
    ]
    body = {"model": MODEL, "max_tokens": 1, "system": "s", "messages": messages}
    packed = Session(MODEL, Policy("mine", entry=limits)).pack(body, now=0.0).body
    return packed["messages"][2]["content"][0]["content"]  # type: ignore[index]


def test_each_kind_has_its_own_limit() -> None:
    limits = EntryLimits(commands=100, reads=5000, data=2000)
    assert "left out" in entered("Bash", {"command": "make"}, LOG, limits)
    assert entered("Read", {"file_path": "build.log"}, LOG, limits) == LOG
    assert json.loads(entered("search_flights", {"from": "JFK"}, DATA, limits))
    assert "left out" in entered("search_flights", {"from": "JFK"}, DATA, EntryLimits(commands=5000, data=100))


def test_no_preset_cuts_data_before_it_cuts_a_command() -> None:
    for policy in PRESETS.values():
        assert policy.entry is None or policy.entry.data >= policy.entry.commands


@pytest.mark.parametrize("limits", [{"commands": 0}, {"reads": 0}, {"data": 0}, {"names": 1.5}])
def test_limits_that_make_no_sense(limits: dict[str, float]) -> None:
    with pytest.raises(PolicyError):
        EntryLimits(**limits)  # type: ignore[arg-type]
