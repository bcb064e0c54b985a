"""The laws over recorded conversations, and what packing them would have been billed."""

from itertools import pairwise

import pytest

from ctxpack.packing import Policy, Session
from ctxpack.prompts import Prompt

from . import laws
from .conversations import GPT
from .policies import BOTH, REMOVING_ALL

CONSTANT = 6000


def check(requests: list[dict], policy: str) -> tuple[float, float]:
    """Packs a conversation, checks it, and gives its bill without and with packing."""
    model = requests[0]["model"]
    session = Session(model, policy)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    for number, (body, one) in enumerate(zip(requests, packed, strict=True)):
        assert one.report.reason == ""
        assert one.report.tokens_after <= one.report.tokens_before
        if number % 30 == 0 or one is packed[-1] or one.report.compacted:
            data = laws.dumped(body)
            laws.check_blocks(data, one)
            laws.check_pairs(data, one)
            laws.check_pointers(session, one)
    if policy == "lossless":
        laws.check_all_lines_visible(laws.dumped(requests[-1]), packed[-1])
    laws.check_handles(session, laws.dumped(requests[-1]), packed[-1])
    assert session.pack(packed[-1].dump(), now=9e9).dump() == packed[-1].dump()
    dialect = packed[-1].dialect
    sent = [[laws.dumped(body) for body in requests], [one.dump() for one in packed]]
    plain, after = (laws.bill(bodies, model, dialect, CONSTANT) for bodies in sent)
    return plain, after


@pytest.mark.parametrize("policy", ["lossless", "balanced"])
def test_claude_code(policy: str, claude_code: dict[str, list[dict]]) -> None:
    bills = [check(requests, policy) for requests in claude_code.values()]
    assert all(after <= plain for plain, after in bills)
    assert sum(after for _, after in bills) < (0.9 if policy == "lossless" else 0.75) * sum(plain for plain, _ in bills)


@pytest.mark.parametrize("policy", ["lossless", "balanced"])
@pytest.mark.parametrize("name", ["tau_bench", "swe_agent"])
def test_openai_dialogues(policy: str, name: str, request: pytest.FixtureRequest) -> None:
    conversations = request.getfixturevalue(name)
    bills = [check(requests, policy) for requests in conversations.values()]
    assert all(after <= plain for plain, after in bills)


def test_repeated_call_ids_stay_with_their_results(tau_bench: dict[str, list[dict]]) -> None:
    repeated = 0
    for requests in tau_bench.values():
        before = Prompt.parse(laws.dumped(requests[-1])).blocks
        ids = [block.call_id for block in before if block.kind == "tool_use"]
        repeated += len(set(ids)) < len(ids)
        packed = Session(GPT, REMOVING_ALL).pack(laws.dumped(requests[-1]), now=0.0)
        after = Prompt.parse(packed.dump()).blocks
        assert [(block.kind, block.call_id) for block in after] == [(block.kind, block.call_id) for block in before]
    assert repeated


@pytest.mark.parametrize("policy", ["lossless", "balanced"])
@pytest.mark.parametrize("name", ["pi", "mini_swe_agent"])
def test_other_agents(policy: str, name: str, request: pytest.FixtureRequest) -> None:
    bills = [check(requests, policy) for requests in request.getfixturevalue(name).values()]
    assert all(after <= plain for plain, after in bills)
    assert sum(after for _, after in bills) < sum(plain for plain, _ in bills)


@pytest.mark.parametrize("policy", ["lossless", BOTH], ids=["lossless", "summarising"])
def test_every_recorded_request_of_every_client(policy: str | Policy, cassettes: dict[str, list[dict]]) -> None:
    """Short ones, most of them, with parts and settings of all kinds."""
    assert sum(map(len, cassettes.values())) > 800
    shaped = 0
    for requests in cassettes.values():
        session = Session(requests[0]["model"], policy)
        sent = laws.run(session, requests)
        for body, one in zip(requests, sent, strict=True):
            data = laws.dumped(body)
            assert one.report.reason == ""
            laws.check_blocks(data, one)
            laws.check_pairs(data, one)
            laws.check_handles(session, data, one)
            laws.check_pointers(session, one)
            assert session.pack(one.dump(), now=9e9).dump() == one.dump()
            shaped += len(one.report.entries)
        for (before, earlier), (after, later) in pairwise(zip(requests, sent, strict=True)):
            if after["messages"][: len(before["messages"])] == before["messages"]:
                laws.check_append_only([earlier, later])
    assert shaped
