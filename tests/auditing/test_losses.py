"""What a miss lost: never what was not sent, never more money than the call cost."""

import pytest

from ctxpack.auditing.counters import Counters
from ctxpack.auditing.losses import billed_anew, lost_money
from ctxpack.auditing.transitions import Conversation
from ctxpack.prompts import BlockCounter
from ctxpack.providers import Usage, bill, price
from tests.auditing.test_transitions import LONG, call, claude, step

SYSTEM = {"system": [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]}
START = call(claude("x " * 9000, **SYSTEM), 0, Usage(3, 0, 15_000))


def test_another_task_under_the_same_system_text_loses_nothing() -> None:
    worker = call(claude("y " * 9000, **SYSTEM), 5, Usage(3, 6000, 9000))
    assert step(START, worker).lost < 20


def test_a_compaction_loses_no_more_than_was_sent_again() -> None:
    compacted = call(claude("In short: " + "z " * 500, **SYSTEM), 60, Usage(3, 0, 6600))
    assert step(START, compacted).lost == pytest.approx(6000, abs=200)
    assert step(START, compacted).exactness == "estimate"
    bodiless = call(None, 60, Usage(3, 0, 6600))
    assert step(START, bodiless).lost == 6603


def test_what_is_new_is_told_in_tokens_as_billed() -> None:
    first = call(claude("x " * 9000, **SYSTEM), 0, Usage(3, 0, 30_000))
    compacted = call(claude("In short: " + "z " * 500, **SYSTEM), 60, Usage(3, 0, 13_200))
    assert step(first, compacted).lost == pytest.approx(12_000, abs=300), "two tokens billed for each counted"


def test_a_time_stamp_loses_all_that_stands_around_it() -> None:
    first, later = (claude("hi", system=f"{LONG} Now: {time}. {LONG}") for time in ("12:29", "12:30"))
    found = step(call(first, 0, Usage(3, 0, 12_000)), call(later, 60, Usage(3, 0, 12_000)))
    assert found.cause == "prompt changed"
    assert found.lost == pytest.approx(12_000, abs=20)


def test_a_prompt_that_drops_its_start_loses_what_it_still_sends() -> None:
    first, later = claude("a" * 40_000, "b", LONG), claude(LONG)
    found = step(call(first, 0, Usage(3, 0, 12_000)), call(later, 60, Usage(3, 0, 6500)))
    assert found.cause == "prompt changed"
    assert found.lost == pytest.approx(6500, abs=20)


@pytest.mark.parametrize("usage", [Usage(9000), Usage(100, 500, 5000, 4000), Usage(3, 0, 0, 7000), Usage(10, 4000, 50)])
@pytest.mark.parametrize("tokens", [1, 50, 7000, 9000])
def test_losing_is_never_dearer_than_what_was_billed_anew(usage: Usage, tokens: int) -> None:
    prices = price("claude-opus-4-6")
    lost = lost_money(min(tokens, billed_anew(usage)), usage, prices)
    assert 0 < lost < bill(usage, prices).input


def test_tokens_that_were_not_written_again_cost_the_plain_price() -> None:
    prices = price("claude-opus-4-6")
    assert lost_money(7000, Usage(7003), prices) == pytest.approx(7000 * (5 - 0.5) / 1e6)
    assert lost_money(7000, Usage(2000, 0, 4000, 1000), prices) == pytest.approx(
        (1000 * 9.5 + 4000 * 5.75 + 2000 * 4.5) / 1e6
    )


def test_only_what_may_have_changed_is_counted_to_tell_what_a_miss_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    tokens = BlockCounter.tokens
    monkeypatch.setattr(BlockCounter, "tokens", lambda *given: counted.append(given[1].path) or tokens(*given))
    said = [str(n) for n in range(21)]
    conversation = Conversation(Counters())
    for last in range(1, 22, 2):
        found = conversation.step(call(claude(*said[:last]), last, Usage(3, 0, 9000 + last)))
    assert found is not None
    assert found.lost > 0
    assert len(counted) <= 3 * len(said)


def test_what_conversations_share_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    content = BlockCounter._content
    monkeypatch.setattr(BlockCounter, "_content", lambda *given: counted.append(given[1].path) or content(*given))
    counters = Counters()
    for topic in "abc":
        Conversation(counters).step(call(claude(topic, **SYSTEM), 0, Usage(3, 0, 6000)))
    assert counted == ["system[0]", *["messages[0].content"] * 3]
