"""Reports: why each text was rewritten, what it costs, and what the session would have cost without packing."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given

from ctxpack.caching import CacheModel, cache_model, forecast
from ctxpack.caching.outlay import Outlay
from ctxpack.packing import Compaction, EntryLimits, Policy, Report, Session
from ctxpack.packing.policy import Summaries
from ctxpack.packing.rewrites import REASONS, Action
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Prompt
from ctxpack.providers import bill, cache_rules, price

from . import laws
from .conversations import CLAUDE, GPT, MODELS, Step, bodies, examples, working
from .policies import SUMMARISING
from .strategies import conversations, dialects

EVERYTHING = Policy(
    "everything",
    entry=EntryLimits(commands=150),
    compaction=Compaction(patience=0.3, keep_turns=3, keep_arguments=1, argument_limit=60),
    summaries=Summaries(tokens=300, keep_turns=12, patience=0.5),
)


def near(number: float) -> object:
    return pytest.approx(number, rel=1e-9, abs=1e-12)


@examples()
@given(conversations, dialects)
def test_an_outlay_adds_up_to_the_forecast(made: list[Step], dialect: str) -> None:
    model = MODELS[dialect]
    cache = cache_model(cache_rules(model))
    for number, body in enumerate(bodies(made, dialect)):
        printed = fingerprint(Prompt.parse(body))
        outlay = Outlay(cache.predict(printed, float(number)), price(model))
        predicted, known = cache.predict(printed, float(number)), price(model)
        chance = predicted.probability or 0.0
        hit, miss = (bill(usage, known).input for usage in (predicted.usage, predicted.missed))
        assert outlay.until(printed.tokens) == near(chance * hit + (1 - chance) * miss)
        assert outlay.expected == forecast(printed, cache, known, float(number)).expected
        ends = [0.0, *(outlay.until(position.tokens) for position in printed.positions)]
        assert ends == sorted(ends)
        cache.observe(printed, float(number))


def slow_money(printed: Fingerprint, path: str, tokens: int, cache: CacheModel, now: float) -> float:
    """Expected money of so many tokens of the block at a path; token by token, the framing by its share."""
    at = next(index for index, block in enumerate(printed.prompt.blocks) if block.path == path)
    usage = cache.predict(printed, now).usage
    rates = price(CLAUDE).rates(usage.input)
    classes = [rates.cache_read] * usage.cache_read + [rates.cache_write] * usage.cache_write
    classes += [rates.input] * usage.uncached
    start = printed.positions[at - 1].tokens if at else 0
    own = classes[start : printed.positions[at].tokens]
    return sum(own) / len(own) * tokens


@pytest.mark.parametrize("policy", ["lossless", "balanced", EVERYTHING], ids=["lossless", "balanced", "everything"])
def test_money_of_an_entry_is_that_of_its_tokens_where_they_stand(policy: str | Policy) -> None:
    session, given_cache, packed_cache = Session(CLAUDE, policy), *(cache_model(cache_rules(CLAUDE)) for _ in range(2))
    seen = 0
    for number, body in enumerate(bodies(working(40), "anthropic.messages")):
        packed = session.pack(body, now=float(number))
        before, after = fingerprint(Prompt.parse(body)), fingerprint(Prompt.parse(packed.dump()))
        moved = any(entry.action == "summarised" for entry in packed.report.entries)
        for entry in packed.report.entries:
            if entry.action not in ("shortened", "summarised"):  # a result is its block's only text
                seen += 1
                assert entry.expected_before == near(
                    slow_money(before, entry.path, entry.tokens_before, given_cache, number)
                )
                if not moved:
                    assert entry.expected_after == near(
                        slow_money(after, entry.path, entry.tokens_after, packed_cache, number)
                    )
        given_cache.observe(before, number)
        packed_cache.observe(after, number)
    assert seen > 20


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_totals_say_what_the_session_costs_and_would_have_cost(dialect: str) -> None:
    session, model = Session(MODELS[dialect], EVERYTHING), MODELS[dialect]
    cache, plain, after = cache_model(cache_rules(model)), 0.0, 0.0
    for number, body in enumerate(bodies(working(20), dialect)):
        report = session.pack(body, now=float(number)).report
        printed = fingerprint(Prompt.parse(body))
        plain += forecast(printed, cache, price(model), float(number)).expected
        after += report.expected_after
        cache.observe(printed, float(number))
        assert report.totals.requests == number + 1
        assert (report.totals.expected_before, report.totals.expected_after) == (near(plain), near(after))
        assert sum(entry.expected_before for entry in report.entries) <= report.expected_before * (1 + 1e-9)
        assert sum(entry.expected_after for entry in report.entries) <= report.expected_after * (1 + 1e-9)
    assert report.totals.expected_after < report.totals.expected_before


def test_a_summary_stands_for_the_money_of_its_messages() -> None:
    session, cache, seen = Session(CLAUDE, SUMMARISING), cache_model(cache_rules(CLAUDE)), 0
    for number, body in enumerate(bodies(working(24), "anthropic.messages")):
        entries = session.pack(body, now=float(number)).report.entries
        given = fingerprint(Prompt.parse(body))
        outlay = Outlay(cache.predict(given, float(number)), price(CLAUDE))
        ends = [0.0, *(outlay.until(position.tokens) for position in given.positions)]
        for entry in entries:
            if entry.action == "summarised":
                seen += 1
                ranges = [range(int(first), int(stop)) for first, stop in re.findall(r"(\d+):(\d+)", entry.path)]
                money = sum(
                    stop - start
                    for block, (start, stop) in zip(given.prompt.blocks, pairwise(ends), strict=True)
                    if any(block.message in one for one in ranges)
                )
                assert entry.expected_before == near(money)
        cache.observe(given, float(number))
    assert seen


def everything(policy: str | Policy = EVERYTHING) -> list[Report]:
    session = Session(CLAUDE, policy)
    return [session.pack(body, now=float(n)).report for n, body in enumerate(bodies(working(40), "anthropic.messages"))]


def test_every_action_has_a_reason_in_fixed_words_and_its_tool() -> None:
    assert set(REASONS) == set(get_args(Action))
    entries = [entry for report in (*everything(), *everything("lossless")) for entry in report.entries]
    reasons = {entry.reason for entry in entries}
    assert {"lines shown above", "older than 3 turns", "longer than 150 tokens", "old messages"} <= reasons
    assert {entry.tool for entry in entries if entry.action != "summarised"} <= {"Read", "Bash", "query", "Write"}
    assert all(not entry.tool for entry in entries if entry.action == "summarised")
    assert len(reasons) < 15


def test_a_compaction_says_what_it_costs_and_when_it_has_paid() -> None:
    session, requests = Session(CLAUDE, "balanced"), bodies(working(60), "anthropic.messages")
    packed = laws.run(session, requests)
    found = [(number, one.report.compaction) for number, one in enumerate(packed) if one.report.compaction]
    assert found
    for number, made in found:
        sent = [fingerprint(Prompt.parse(packed[at].dump())) for at in (number - 1, number)]
        assert made.cause == "rent"
        assert made.tokens > 0
        assert 0 < made.cost <= 1.5 * made.rent  # the gate estimates; late results may have to be written out again
        rates = price(CLAUDE).rates(sent[1].tokens)
        gain = rates.cache_read * made.tokens
        assert (made.break_even - 1) * gain < made.cost <= made.break_even * gain
        # What stands behind the first block that changed is written, and no more than that.
        kept = max(b.tokens for a, b in zip(*(one.positions for one in sent), strict=False) if a.wire == b.wire)
        assert made.cost == near((rates.cache_write - rates.cache_read) * (sent[1].tokens - kept))


def test_a_compaction_in_a_cold_cache_costs_nothing() -> None:
    requests = bodies(working(14), "anthropic.messages")
    session = Session(CLAUDE, Policy("late", compaction=Compaction(patience=100.0, keep_turns=2)))
    for number, body in enumerate(requests[:-1]):
        assert session.pack(body, now=float(number)).report.compaction is None
    made = session.pack(requests[-1], now=10_000.0).report.compaction
    assert (made.cause, made.cost, made.break_even) == ("cold cache", 0.0, 0)


def test_a_budget_says_so() -> None:
    requests = bodies(working(12), "openai.chat")
    session = Session(MODELS["openai.chat"], "balanced", budget=3000)
    causes = [session.pack(body, now=float(n)).report.compaction for n, body in enumerate(requests)]
    assert {made.cause for made in causes if made} == {"budget"}


def test_what_reads_for_nothing_never_pays_for_itself() -> None:
    free = replace(price(GPT), cache_read=0.0)
    session = Session(GPT, "balanced", budget=3000, price=free)
    made = [session.pack(body, now=0.0).report.compaction for body in bodies(working(6), "openai.chat")]
    assert {one.break_even for one in made if one} == {None}


def test_a_report_is_json_without_text_of_the_prompt() -> None:
    reports = everything()[::5]
    assert any(report.entries for report in reports)
    for report in reports:
        written = json.dumps(report.to_dict())
        assert json.loads(written)["entries"] or not report.entries
        for secret in ("compute_", "worker-", "Step ", "select 1"):
            assert secret not in written
            assert secret not in repr(report)


def test_money_is_asked_for_before_anything_is_priced() -> None:
    """Reports that nobody reads cost nothing: entries are priced when they are asked for, and always the same."""
    report = everything()[-1]
    assert "entries" not in report.__dict__
    assert report.entries == report.entries
    assert report.to_dict()["money"] == "forecast"


@pytest.mark.parametrize("named", [{}, {"model": "a-deployment"}, {"model": CLAUDE}])
def test_the_sessions_model_counts_whatever_the_body_names(named: dict[str, Any]) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}]}
    found, own = Session(GPT).pack(named | body), Session(GPT).pack({"model": GPT} | body)
    assert found.report.tokens_after == own.report.tokens_after
    assert found.report.exactness == found.forecast.exactness == own.report.exactness == "exact"
    assert Session(CLAUDE).pack({"model": GPT} | body).report.exactness == "estimate"


def test_what_is_printed_of_a_packed_request_holds_no_text_of_it() -> None:
    packed = Session(GPT).pack({"model": GPT, "messages": [{"role": "user", "content": "hunter2"}]})
    assert "hunter2" in packed.dump().decode()
    assert "hunter2" not in repr(packed)


def test_no_repr_of_what_a_session_holds_shows_text_of_the_prompt() -> None:
    for at, policy in enumerate(("lossless", EVERYTHING)):
        session = Session(CLAUDE, policy)
        for number, body in enumerate(bodies(working(14), "anthropic.messages")):
            packed = session.pack(body, now=float(number * at * 400))
        prompt = Prompt.parse(packed.body)
        held = (*session._packer._branches, *session._packer._recent._turns)
        for shown in (prompt, prompt.outline, prompt.settings, *prompt.messages, *prompt.blocks, *held):
            assert not any(secret in repr(shown) for secret in ("compute_", "worker-", "Step ", "select 1"))
