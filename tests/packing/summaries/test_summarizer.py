"""A caller's own model as summarizer: plain functions here, since the model is the network's edge."""

import json
import threading
from contextvars import Context
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from ctxpack.errors import PolicyError
from ctxpack.packing import Compaction, MemoryOriginals, Packed, Policy, Session, Summaries, SummaryRequest
from ctxpack.prompts import Prompt
from ctxpack.providers import price

from .. import laws
from ..conversations import CLAUDE, MODELS, Step, bodies, log, working

RULE = Policy("asking", summaries=Summaries(tokens=500, keep_turns=2, patience=0.0))
DIALECTS = pytest.mark.parametrize("dialect", sorted(MODELS))
GOOD = "We read /srv/app/module_0.py in Step 0; then came Step 1. Open: value_0_0, compute_0 and/or more."


class Model:
    """Answers with a text and remembers what it was asked."""

    def __init__(self, text: object = GOOD) -> None:
        self.text = text
        self.asked: list[SummaryRequest] = []

    def __call__(self, request: SummaryRequest) -> str:
        self.asked.append(request)
        return self.text  # type: ignore[return-value]


def run(summarizer: Any, dialect: str = "anthropic.messages", policy: Policy = RULE, **named: Any) -> list[Packed]:
    session = Session(MODELS[dialect], policy, summarizer=summarizer, **named)
    packed = laws.run(session, bodies(working(24, size=30), dialect))
    laws.check_append_only(packed)
    return packed


def test_a_history_that_parts_is_summarised_where_that_was_asked_for() -> None:
    """What was paid for is taken: the rent that buys it is still there when the answer is."""
    policy = Policy("asking", summaries=Summaries(tokens=300, keep_turns=3, patience=1.0))
    steps = working(18, size=30)
    for parts in range(10, 18):
        model = Model("Short.")
        session = Session(CLAUDE, policy, summarizer=model)
        laws.run(session, bodies(steps[: parts + 1], "anthropic.messages"))
        before = len(model.asked)
        other = bodies([*steps[:parts], *working(1, seed=500, size=30)], "anthropic.messages")[-1]
        packed = session.pack(laws.dumped(other), now=100.0)
        assert (packed.report.compaction is not None) == (len(model.asked) > before)


def summary_text(packed: Packed) -> str:
    messages = json.loads(packed.dump())["messages"]
    head = next(at for at, message in enumerate(messages) if message["role"] == "assistant") - 1
    return messages[head]["content"][-1]["text"]


@DIALECTS
def test_its_text_is_taken_and_frozen(dialect: str) -> None:
    model = Model()
    session, requests = Session(MODELS[dialect], RULE, summarizer=model), bodies(working(24, size=30), dialect)
    packed = laws.run(session, requests)
    laws.check_append_only(packed)
    for body, one in zip(requests, packed, strict=True):
        laws.check_blocks(laws.dumped(body), one)
        laws.check_handles(session, laws.dumped(body), one)
    assert packed[-1].report.summary == "summarizer"
    assert packed[-1].report.fallback == ""
    assert summary_text(packed[-1]).split("\n", 1)[1] == GOOD
    assert len(model.asked) == sum(one.report.compacted for one in packed) >= 2


@DIALECTS
def test_it_is_asked_with_the_prompt_that_the_cache_holds(dialect: str) -> None:
    model = Model()
    packed = run(model, dialect)
    asked = model.asked[-1]
    at = next(number for number, one in reversed(list(enumerate(packed))) if one.report.compacted)
    sent, given = Prompt.parse(packed[at - 1].dump()), Prompt.parse(asked.dump())
    blocks = [block.wire for block in given.blocks]
    assert blocks[: len(sent.blocks)] == [block.wire for block in sent.blocks]
    assert given.settings == sent.settings
    assert given.model == sent.model
    assert asked.body == msgspec.json.decode(asked.dump())
    assert asked.tokens < 500
    roles = [message["role"] for message in asked.body["messages"]]
    assert dialect == "openai.chat" or all(one != other for one, other in pairwise(roles))
    last = asked.body["messages"][-1]
    assert last["role"] == "user"
    text = last["content"] if isinstance(last["content"], str) else last["content"][-1]["text"]
    assert f"at most {asked.tokens} tokens" in text


def failing(request: SummaryRequest) -> str:
    raise RuntimeError("hunter2 from the prompt")


@pytest.mark.parametrize(
    ("summarizer", "reason"),
    [
        (failing, "the summarizer failed: RuntimeError"),
        (Model(None), "the summarizer returned no text but NoneType"),
        (Model(" \n"), "the summary is empty"),
        (Model("It went well \ud83d."), "the summary holds half a surrogate pair"),
        (Model("See [ctxpack:deadbeef 3 lines of Read removed]."), "the summary holds what looks like a marker"),
        (Model("word " * 600), "the summary has 600 tokens instead of at most"),
        (Model("We changed /srv/app/invented.py."), "the summary names 1 things that the conversation does not"),
        (Model("It took 4711 tries and compute_nothing."), "the summary names 2 things that the conversation does not"),
    ],
)
def test_what_fails_falls_back_to_the_mechanical_summary(summarizer: Any, reason: str) -> None:
    check_fallback(run(summarizer, policy=RULE), reason)


def test_a_summarizer_that_takes_too_long_is_not_waited_for() -> None:
    over = threading.Event()

    def slow(request: SummaryRequest) -> str:
        over.wait(20)
        return GOOD

    check_fallback(run(slow, summarizer_timeout=0.05, policy=RULE), "the summarizer took more than 0.05 s")
    over.set()


def check_fallback(packed: list[Packed], reason: str) -> None:
    """The last request has the mechanical summary for that reason."""
    assert packed[-1].report.fallback.startswith(reason)
    assert packed[-1].report.summary == "mechanical"
    assert "hunter2" not in repr(packed[-1].report)
    assert packed[-1].dump() == run(None)[-1].dump()


@pytest.mark.parametrize(
    "text",
    [
        "1. Read /srv/app/module_0.py.\n12. Then and/or later.\n",
        "Files: `module_0.py`; value_0_1 and value_0_2.",
        "最初に /srv/app/module_0.py を読みました。",
        "Read 3 files.",
    ],
)
def test_what_the_conversation_says_may_be_named(text: str) -> None:
    packed = run(Model(text))
    assert packed[-1].report.fallback == ""
    assert text.strip() in summary_text(packed[-1])


def test_its_cost_is_weighed() -> None:
    """A dear answer is asked for later than a free one is taken."""
    rule = Policy("weighing", summaries=Summaries(tokens=500, keep_turns=2, patience=0.3))
    free, dear = (
        next((at for at, one in enumerate(run(who, policy=rule)) if one.report.summary), 99) for who in (None, Model())
    )
    assert free < dear


def test_its_cost_is_reported() -> None:
    """The prompt is read once more, from the cache, and the answer is paid at the output price, taken or not."""
    silent, model = run(None), Model("It is done." * 30)
    packed = run(model)
    first = next(at for at, one in enumerate(packed) if one.report.compaction)
    free, dear = silent[first].report.compaction, packed[first].report.compaction
    assert free is not None
    assert dear is not None
    rates, tokens = price(CLAUDE).rates(0), packed[first - 1].report.tokens_after
    least = rates.cache_read * tokens + rates.output * 400
    assert least < dear.cost - free.cost < least + rates.cache_read * tokens + rates.output * 100


def test_other_threads_do_not_wait_for_it() -> None:
    started, free = threading.Event(), threading.Event()

    def waiting(request: SummaryRequest) -> str:
        started.set()
        assert free.wait(20)
        return GOOD

    session, requests = Session(CLAUDE, RULE, summarizer=waiting), bodies(working(24, size=30), "anthropic.messages")
    found: list[Packed] = []
    thread = threading.Thread(target=lambda: found.extend(laws.run(session, requests[:8])))
    thread.start()
    assert started.wait(20)
    other = session.pack(bodies(working(1), "anthropic.messages", "You are a subagent. " * 400)[-1], now=1000.0)
    assert other.report.reason == ""
    free.set()
    thread.join(20)
    assert found[-1].report.summary == "summarizer"


def test_a_retry_while_it_is_asked_gets_the_bytes_that_both_send() -> None:
    requests = bodies(working(24, size=30), "anthropic.messages")
    retried: list[Packed] = []

    def asking(request: SummaryRequest) -> str:
        # From elsewhere: a summarizer's own requests are left alone.
        retried.append(Context().run(session.pack, laws.dumped(requests[at]), now=1000.0 + at))
        return GOOD

    session = Session(CLAUDE, RULE, summarizer=asking)
    for at, body in enumerate(requests):
        packed, before = session.pack(laws.dumped(body), now=1000.0 + at), len(retried)
        if before:
            break
    assert packed.dump() == retried[0].dump()
    assert packed.report.summary == "mechanical"


def test_its_own_request_is_left_as_it_is() -> None:
    own: list[Packed] = []

    def asking(request: SummaryRequest) -> str:
        own.append(session.pack(request.dump(), now=2000.0))
        assert own[-1].dump() == request.dump()
        return GOOD

    session = Session(CLAUDE, RULE, summarizer=asking)
    packed = laws.run(session, bodies(working(24, size=30), "anthropic.messages"))
    assert packed[-1].report.summary == "summarizer"
    assert {one.report.reason for one in own} == {"a summarizer's own request"}


def test_a_session_made_again_keeps_the_text_without_asking() -> None:
    requests, store, model = bodies(working(24, size=30), "anthropic.messages"), MemoryOriginals(), Model()
    packed = [
        Session(CLAUDE, RULE, store=store, summarizer=model).pack(laws.dumped(body), now=1000.0 + at)
        for at, body in enumerate(requests)
    ]
    asked = len(model.asked)
    assert asked == sum(one.report.compacted for one in packed)
    again = Session(CLAUDE, RULE, store=store, summarizer=model).pack(laws.dumped(requests[-1]), now=2000.0)
    assert again.dump() == packed[-1].dump()
    assert len(model.asked) == asked


def test_a_budget_asks_too() -> None:
    made = [Step(log(30, turn), False, [("call_1", "list", {})], ["ok"]) for turn in range(40)]
    model = Model("Nothing but Step by step.")
    session = Session(CLAUDE, Policy("whole", compaction=Compaction()), budget=12_000, summarizer=model)
    packed = laws.run(session, bodies(made, "anthropic.messages"))
    assert max(one.report.tokens_after for one in packed) <= 12_000
    assert packed[-1].report.summary == "summarizer"
    assert model.asked


def test_presets_that_keep_every_message_ask_nobody() -> None:
    model = Model()
    for policy in ("lossless", "balanced"):
        laws.run(Session(CLAUDE, policy, summarizer=model), bodies(working(40), "anthropic.messages"))
    assert not model.asked


def test_a_time_out_is_positive() -> None:
    with pytest.raises(PolicyError, match="time-out"):
        Session(CLAUDE, RULE, summarizer=Model(), summarizer_timeout=0.0)
