"""Recorded cache traffic: the same classes of tokens are zero, and OpenAI's reads are equal to the token."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlparse

import pytest

from ctxpack.caching import cache_model, forecast
from ctxpack.prefix import fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import CacheRules, Price, Usage, cache_rules, price, read_usage
from tests.cassettes import Recorded, recorded
from tests.data import shared

# Claude's tokens are estimates, on these texts up to 15 % too low: the minimum is lowered alike.
LOWERED = 0.85


def runs(dialect: str) -> list[list[Recorded]]:
    """Recorded runs of one conversation each, in order, with usage."""
    found: dict[str, list[Recorded]] = {}
    for record in recorded():
        counters = ("input_tokens", "prompt_tokens")
        if record.dialect == dialect and any(name in record.usage for name in counters):
            found.setdefault(record.cassette, []).append(record)
    return list(found.values())


def is_marked(body: dict[str, Any]) -> bool:
    return bool(fingerprint(Prompt.parse(body), BlockCounter("claude-opus-5", "anthropic.messages")).breakpoints)


def test_explicit_pairs_write_and_then_read() -> None:
    """Server-side tools write on their own (documented), so runs with them are left out."""
    compared, kinds = 0, set()
    for run in runs("anthropic.messages"):
        first = run[0].body
        if not any(is_marked(record.body) for record in run) or "code_execution" in str(first.get("tools")):
            continue
        # The oldest model has no row of its own; its minimum was Sonnet 4's.
        rules = cache_rules(first["model"].replace("claude-3-5-sonnet-20240620", "claude-sonnet-4"))
        model = cache_model(replace(rules, minimum=int(rules.minimum * LOWERED)))
        counter = BlockCounter(first["model"], "anthropic.messages")
        for number, record in enumerate(run):
            printed = fingerprint(Prompt.parse(record.body), counter)
            usage, billed = model.predict(printed, number).usage, read_usage(record.usage, "anthropic.messages")
            model.observe(printed, number)
            classes = (bool(billed.cache_read), bool(billed.cache_write))
            if number == 0 and billed.cache_read:
                continue  # cached by a run that is not in the recording
            assert (bool(usage.cache_read), bool(usage.cache_write)) == classes, (record.cassette, number)
            assert usage.input == pytest.approx(billed.input, rel=0.35)
            compared += 1
            kinds.add(classes)
    assert compared >= 20
    assert {(False, True), (True, False)} <= kinds


def test_lifetimes_of_a_scripted_run_are_as_billed() -> None:
    """Requests with either lifetime at one prefix: who reads an entry leaves it the lifetime that it has."""
    run = json.loads((shared("anthropic_ttl") / "20260728T192418Z.json").read_text(encoding="utf-8"))
    model = cache_model(cache_rules(run["model"]))
    for call in run["calls"]:
        part = {"type": "text", "text": "word " * 1500, "cache_control": {"type": "ephemeral", "ttl": call["ttl"]}}
        body = {"model": run["model"], "max_tokens": 1, "messages": [{"role": "user", "content": [part]}]}
        printed, billed = fingerprint(Prompt.parse(body)), read_usage(call, "anthropic.messages")
        usage = model.predict(printed, call["actual_offset_s"]).usage
        model.observe(printed, call["actual_offset_s"])
        assert (bool(usage.cache_read), bool(usage.cache_write), usage.cache_write_long) == (
            bool(billed.cache_read),
            bool(billed.cache_write),
            0,
        )
    assert len(run["calls"]) == 8


def test_reads_of_repeated_openai_prompts_are_equal_to_the_token() -> None:
    equal = 0
    for run in runs("openai.chat"):
        for record in run:
            billed = read_usage(record.usage, "openai.chat") if record.host == "api.openai.com" else Usage()
            if not billed.cache_read:
                continue
            printed = fingerprint(Prompt.parse(record.body))
            if printed.exactness != "exact":
                continue
            model = cache_model(cache_rules(record.body["model"]))
            model.observe(printed, 0)
            assert model.predict(printed, 1).usage == replace(billed, output=0)
            equal += 1
    assert equal >= 4


def test_explicit_markers_of_gpt_5_6_are_billed_but_for_one_token() -> None:
    """Recorded as Responses, compared as a chat of the same parts. The token that ends the message stands behind it."""
    lines = (shared("provider_cassettes") / "pydantic_ai.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if "responses_prompt_cache_e2e" in line]
    assert [urlparse(record["uri"]).netloc for record in records] == ["api.openai.com"] * 2 + ["openrouter.ai"] * 2
    for run in (records[:2], records[2:]):
        model = cache_model(cache_rules(run[0]["request"]["model"]))
        for number, record in enumerate(run):
            messages = json.loads(json.dumps(record["request"].pop("input")).replace('"input_text"', '"text"'))
            printed = fingerprint(Prompt.parse(record["request"] | {"messages": messages}))
            usage, billed = model.predict(printed, number).usage, read_usage(record["usage"], "openai.responses")
            model.observe(printed, number)
            assert usage.input == billed.input
            for held in ("cache_read", "cache_write"):
                expected = getattr(billed, held)
                assert getattr(usage, held) == expected + (expected > 0)


PRICE = Price(currency="CNY", input=10.0, cache_read=1.0, cache_write=12.5, cache_write_long=20.0, output=50.0)
TEXT = "word " * 1500


def chat(model: str, *more: str, **settings: str) -> Prompt:
    said = [{"role": "user", "content": TEXT}, *({"role": "user", "content": text} for text in more)]
    return Prompt.parse({"model": model, "messages": said} | settings)


def rules(**more: Any) -> CacheRules:
    return replace(cache_rules("gpt-4o"), **more)


def test_an_expected_bill_weighs_hit_and_miss() -> None:
    model = cache_model(rules(hit_rate=0.75))
    first = fingerprint(chat("gpt-4o"))
    model.observe(first, 0)
    later = fingerprint(chat("gpt-4o", "more"))
    found = forecast(later, model, PRICE, 1)
    read = first.positions[-1].tokens // 128 * 128
    hit = (later.tokens - read) * 10 / 1e6 + read * 1 / 1e6
    miss = later.tokens * 10 / 1e6
    assert found.expected == pytest.approx(0.75 * hit + 0.25 * miss)
    assert found.without_cache == pytest.approx(miss)
    assert (found.probability, found.currency, found.exactness) == (0.75, "CNY", "exact")
    assert found.to_dict()["usage"] == {
        "uncached": later.tokens - read,
        "cache_read": read,
        "cache_write": 0,
        "cache_write_long": 0,
        "output": 0,
    }


def test_reads_of_gpt_5_5_end_every_2048_tokens() -> None:
    model = cache_model(cache_rules("gpt-5.5"))
    printed = fingerprint(chat("gpt-5.5", TEXT))
    assert 2048 < printed.positions[0].tokens + 600 < printed.positions[1].tokens < 4096
    model.observe(printed, 0)
    assert model.predict(printed, 1).usage.cache_read == 2048
    short = fingerprint(chat("gpt-5.5"))
    assert model.predict(short, 1).usage.cache_read == 0, "1,500 tokens end no position"


def test_whole_request_steps_price_every_class() -> None:
    known = price("gpt-5.4")
    assert known.long_context, "the first step is at 272K"
    usage = Usage(uncached=known.long_context[0].above)
    one_more = Usage(uncached=known.long_context[0].above + 1)
    assert known.rates(usage.input).input < known.rates(one_more.input).input


def test_a_prompt_without_a_block_is_forecast_too() -> None:
    for name in ("gpt-4o", "gpt-5.6-sol", "claude-opus-5"):
        dialect = "anthropic.messages" if name.startswith("claude") else "openai.chat"
        prompt = Prompt.parse({"model": name, "messages": [{"role": "assistant", "content": []}]}, dialect)
        printed, model = fingerprint(prompt), cache_model(cache_rules(name))
        model.observe(printed, 0)
        assert model.predict(printed, 1).usage == Usage(uncached=printed.tokens)


DAY = {"prompt_cache_retention": "24h"}
MEMORY = {"prompt_cache_retention": "in_memory"}


@pytest.mark.parametrize(
    ("model", "asked", "gap", "is_possible"),
    [
        ("gpt-5.1", {}, 600, True),
        ("gpt-5.1", {}, 86_400, True),
        ("gpt-5.1", {}, 86_401, False),
        ("gpt-5.1", MEMORY, 3600, True),
        ("gpt-5.1", MEMORY, 3601, False),
        ("gpt-5.1", DAY, 86_400, True),
        ("gpt-5.1", DAY, 86_401, False),
        ("gpt-4o", {}, 3600, True),
        ("gpt-4o", {}, 3601, False),
    ],
)
def test_past_the_lifetime_that_is_counted_on_a_read_is_possible(
    model: str, asked: dict[str, str], gap: int, is_possible: bool
) -> None:
    cache = cache_model(cache_rules(model))
    first, later = fingerprint(chat(model, **asked)), fingerprint(chat(model, "more", **asked))
    cache.observe(first, 0)
    assert forecast(later, cache, PRICE, 300).possible == 0
    found = cache.predict(later, gap)
    assert (found.usage.cache_read, found.usage) == (0, found.missed)
    assert found.possible == (cache.predict(later, 0).usage.cache_read if is_possible else 0)
    assert (found.probability is None) == is_possible
