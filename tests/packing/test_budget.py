"""Law 6: a packed prompt fits its budget, or the error says what the smallest one needs, and that is so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import BudgetError
from ctxpack.packing import Compaction, Policy, Session
from ctxpack.prompts import Prompt

from . import laws
from .conversations import GPT, MODELS, SHORT, Step, bodies, examples, log, working
from .strategies import conversations, dialects

SOURCE = "\n".join(f"statement_{line} = call_{line * 7 % 11}(argument_{line})" for line in range(60))


def needed(policy: str, dialect: str, body: dict) -> int:
    """Tokens of the smallest prompt, as the error for a hopeless budget says."""
    with pytest.raises(BudgetError) as caught:
        Session(MODELS[dialect], policy, budget=1).pack(laws.dumped(body), now=0.0)
    assert caught.value.needed > caught.value.budget == 1
    return caught.value.needed


@pytest.mark.parametrize("policy", ["lossless", "balanced"])
@examples()
@given(conversations, dialects, st.floats(0, 1))
def test_fits_or_says_what_is_needed(policy: str, made: list[Step], dialect: str, share: float) -> None:
    body = bodies(made, dialect)[-1]
    least = needed(policy, dialect, body)
    most = Session(MODELS[dialect], policy).pack(laws.dumped(body), now=0.0).report.tokens_after
    for budget in {least, least + int(share * max(most - least, 0)), least - 1}:
        session = Session(MODELS[dialect], policy, budget=budget)
        if budget < least:
            with pytest.raises(BudgetError) as caught:
                session.pack(laws.dumped(body), now=0.0)
            assert (caught.value.needed, caught.value.budget) == (least, budget)
            continue
        packed = session.pack(laws.dumped(body), now=0.0)
        assert packed.report.tokens_after <= budget
        laws.check_blocks(laws.dumped(body), packed)
        laws.check_handles(session, laws.dumped(body), packed)
        laws.check_pointers(session, packed)
        assert session.pack(laws.dumped(body), now=1.0).dump() == packed.dump()


@pytest.mark.parametrize(
    "text",
    ["x" * 200_000, "word " * 40_000, log(4000), "\n" * 5000 + log(200), "日本語のテキスト。" * 5000, "{" * 20_000],
    ids=["one word", "one line", "log", "blank lines", "no spaces", "braces"],
)
@pytest.mark.parametrize("budget", [1900, 2500, 3500])
def test_fits_inside_one_oversized_result(text: str, budget: int) -> None:
    [*_, body] = bodies([Step("", False, [("call_1", "Read", {"file_path": "big"})], [text])], "openai.chat")
    session = Session(GPT, Policy("whole", compaction=Compaction()), budget=budget)
    packed = session.pack(laws.dumped(body), now=0.0)
    assert packed.report.tokens_after <= budget
    laws.check_handles(session, laws.dumped(body), packed)
    if "\n" not in text and packed.report.tokens_before > budget:
        assert packed.report.tokens_after > budget - 40, "a long line is cut where the budget ends"


def test_a_growing_conversation_fits_at_every_request() -> None:
    session = Session(GPT, "balanced", budget=6000)
    for number, body in enumerate(bodies(working(30), "openai.chat")):
        packed = session.pack(laws.dumped(body), now=float(number))
        assert packed.report.tokens_after <= 6000
        laws.check_pointers(session, packed)


def test_no_pointer_leads_to_clipped_lines() -> None:
    """What is clipped is what a result of the same turn points to."""
    calls = [("call_1", "Read", {"file_path": "a.py"}), ("call_2", "Read", {"file_path": "a.py"})]
    body = bodies([Step("", False, calls, [log(60) + "\n" + SOURCE + "\n" + log(60, 1), SOURCE])], "openai.chat")[-1]
    session = Session(GPT, "balanced")
    assert laws.check_pointers(session, session.pack(laws.dumped(body), now=0.0)) == 1
    least = needed("balanced", "openai.chat", body)
    for budget in range(least, least + 4000, 100):
        session = Session(GPT, "balanced", budget=budget)
        laws.check_pointers(session, session.pack(laws.dumped(body), now=0.0))


def test_an_error_leaves_the_session_as_it_was() -> None:
    requests = bodies(working(20), "openai.chat")
    session, other = (Session(GPT, "balanced", budget=9000) for _ in range(2))
    huge = {**requests[10], "messages": [*requests[10]["messages"], {"role": "user", "content": log(2000)}]}
    for number, body in enumerate(requests):
        if number == 10:
            with pytest.raises(BudgetError):
                session.pack(laws.dumped(huge), now=9.5)
        assert session.pack(laws.dumped(body), now=float(number)) == other.pack(laws.dumped(body), now=float(number))


def test_lossless_removes_nothing_for_a_budget() -> None:
    body = bodies([Step("", False, [("call_1", "Bash", {"command": "make"})], [log(400)])], "openai.chat")[-1]
    least = needed("lossless", "openai.chat", body)
    assert least == Session(GPT).pack(laws.dumped(body), now=0.0).report.tokens_after


def test_a_budget_goes_before_the_cache_minimum() -> None:
    """Without one the rows stay as they are: what is left of them could not be cached, and costs more from then on."""
    rows = json.dumps([{"identifier": row, "description": "nothing to say"} for row in range(150)], indent=1)
    body = bodies([Step("", False, [("call_1", "query", {})], [rows])], "openai.chat", SHORT)[-1]
    kept = Session("gpt-5.1").pack(laws.dumped(body), now=0.0).report
    assert kept.tokens_after == kept.tokens_before
    report = Session("gpt-5.1", budget=kept.tokens_before - 1).pack(laws.dumped(body), now=0.0).report
    assert report.tokens_after < 0.5 * kept.tokens_before


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_the_error_names_the_block_that_stands_in_the_way(dialect: str) -> None:
    """The newest call's arguments are out of reach, whatever is summarised in front of them."""
    write = ("call_9", "Write", {"file_path": "a.py", "content": log(400)})
    body = bodies([*working(12), Step("", False, [write], ["written"])], dialect)[-1]
    with pytest.raises(BudgetError, match="its largest block is messages") as caught:
        Session(MODELS[dialect], "balanced", budget=2000).pack(laws.dumped(body), now=0.0)
    found = [block for block in Prompt.parse(body).blocks if block.path == caught.value.largest]
    assert [block.name for block in found] == ["Write"]
    assert 0.9 * caught.value.needed > caught.value.largest_tokens > 5000
