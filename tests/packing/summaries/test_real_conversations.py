"""Summaries of recorded conversations: the laws, and what they would have been billed."""

import json
import re
from dataclasses import replace

import pytest

from ctxpack._native.text import names_in
from ctxpack.packing import Policy, Session, Summaries
from ctxpack.packing.policy import PRESETS

from .. import laws
from ..policies import SUMMARISING

CONSTANT = 6000
BALANCED = replace(PRESETS["balanced"], name="summarising", summaries=Summaries())


def check(requests: list[dict], policy: Policy) -> tuple[float, float, int]:
    """Packs a conversation and checks it; its bill without and with packing, and how often it was summarised."""
    model = requests[0]["model"]
    session = Session(model, policy)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    paths = set()
    for number, (body, one) in enumerate(zip(requests, packed, strict=True)):
        assert one.report.reason == ""
        if number % 30 == 0 or one is packed[-1] or one.report.compacted:
            data = laws.dumped(body)
            laws.check_blocks(data, one)
            laws.check_handles(session, data, one)
            paths |= {entry.path for entry in one.report.entries if entry.action == "summarised"}
            if paths:
                check_names(body, summary_of(one.dump()))
    assert session.pack(packed[-1].dump(), now=9e9).dump() == packed[-1].dump()
    sent = [[laws.dumped(body) for body in requests], [one.dump() for one in packed]]
    plain, after = (laws.bill(bodies, model, packed[-1].dialect, CONSTANT) for bodies in sent)
    return plain, after, len(paths)


def summary_of(data: bytes) -> str:
    messages = json.loads(data)["messages"]
    head = next(at for at, message in enumerate(messages) if message["role"] == "assistant") - 1
    return messages[head]["content"][-1]["text"].split("\n", 1)[1]


def check_names(body: dict, summary: str) -> None:
    """Every name in a summary stands in the conversation; line numbers may be joined to ranges."""
    said = "\n".join(laws.strings(body["messages"])) + json.dumps(body["messages"], ensure_ascii=False)
    summary = re.sub(r"\(handle [0-9a-f]+\)", "", summary)
    for name in set(names_in(summary)):
        assert all(part in said for part in re.split(r"(?<=\d)-(?=\d)", name)), name


def test_claude_code(claude_code: dict[str, list[dict]]) -> None:
    found = [check(requests, BALANCED) for requests in claude_code.values()]
    assert all(after <= plain for plain, after, _ in found)
    assert sum(after for _, after, _ in found) < 0.6 * sum(plain for plain, _, _ in found)
    assert sum(times for _, _, times in found) >= 3


@pytest.mark.parametrize("name", ["tau_bench", "swe_agent"])
def test_openai_dialogues(name: str, request: pytest.FixtureRequest) -> None:
    found = [check(requests, SUMMARISING) for requests in request.getfixturevalue(name).values()]
    assert sum(times for _, _, times in found)
