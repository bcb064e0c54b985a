"""Usage records: exclusive classes, whatever the dialect calls and includes."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import UsageError
from ctxpack.providers import Usage, read_terms, read_usage, usage_dialects
from tests.data import shared

ENDPOINTS = {
    ("api.anthropic.com", "/v1/messages"): "anthropic.messages",
    ("api.openai.com", "/v1/chat/completions"): "openai.chat",
    ("api.openai.com", "/v1/responses"): "openai.responses",
}
COUNTS = st.integers(0, 2_000_000)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


def as_anthropic(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.uncached,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write + usage.cache_write_long,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": usage.cache_write_long,
        },
        "output_tokens": usage.output,
    }


def as_responses(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write + usage.cache_write_long,
            "cache_write_tokens_details": {
                "ttl_30m_tokens": usage.cache_write,
                "ttl_12h_tokens": usage.cache_write_long,
            },
        },
        "output_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
    }


@given(USAGES)
def test_exclusive_and_inclusive_records_of_one_usage_read_the_same(usage: Usage) -> None:
    assert read_usage(as_anthropic(usage), "anthropic.messages") == usage
    assert read_usage(as_responses(usage), "openai.responses") == usage


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_chat_records_split_what_they_can(uncached: int, cached: int, written: int, output: int) -> None:
    total = uncached + cached + written
    details = {"cached_tokens": cached, "cache_write_tokens": written}
    record = {"prompt_tokens": total, "prompt_tokens_details": details, "completion_tokens": output}
    assert read_usage(record, "openai.chat") == Usage(uncached, cached, written, 0, output)
    assert read_usage(record, "ark.chat") == Usage(uncached + written, cached, 0, 0, output)


@given(USAGES, USAGES)
def test_adding_keeps_every_class(a: Usage, b: Usage) -> None:
    both = a + b
    assert both.input == a.input + b.input
    assert both.output == a.output + b.output
    assert both == b + a
    assert a + Usage() == a


@pytest.mark.parametrize(
    ("dialect", "record", "expected"),
    [
        ("anthropic.messages", {"input_tokens": 9, "output_tokens": 2}, Usage(9, 0, 0, 0, 2)),
        (
            "anthropic.messages",
            {"input_tokens": 9, "output_tokens": 2, "cache_creation_input_tokens": 1163, "cache_creation": None},
            Usage(9, 0, 1163, 0, 2),
        ),
        (
            "anthropic.messages",
            {"input_tokens": 9, "output_tokens": 2, "cache_creation": {"ephemeral_1h_input_tokens": 5}},
            Usage(9, 0, 0, 5, 2),
        ),
        (
            "openai.chat",
            {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None},
            Usage(9, output=2),
        ),
        (
            "openai.chat",
            {"prompt_tokens": 1149, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1024}},
            Usage(125, 1024, 0, 0, 2),
        ),
        (
            "ark.responses",
            {"input_tokens": 300, "output_tokens": 0, "input_tokens_details": {"cached_tokens": 256}},
            Usage(44, 256),
        ),
    ],
)
def test_absent_counters_count_as_nothing(dialect: str, record: dict[str, Any], expected: Usage) -> None:
    assert read_usage(record, dialect) == expected


LITELLM = {
    "cached_tokens": 18_000,
    "cache_creation_tokens": 1_000,
    "cache_creation_token_details": {"ephemeral_5m_input_tokens": 700, "ephemeral_1h_input_tokens": 300},
}


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        ({"prompt_cache_hit_tokens": 18_000, "prompt_cache_miss_tokens": 2_000}, Usage(2_000, 18_000, output=2)),
        ({"cached_tokens": 18_000}, Usage(2_000, 18_000, output=2)),
        ({"prompt_tokens_details": {"cached_tokens": None}, "cached_tokens": 5}, Usage(19_995, 5, output=2)),
        ({"prompt_tokens_details": {"cached_tokens": 0}, "cached_tokens": 5}, Usage(20_000, output=2)),
        ({"prompt_tokens_details": {"cache_creation_input_tokens": 1_000}}, Usage(19_000, 0, 1_000, 0, 2)),
        ({"prompt_tokens_details": {"cache_creation_tokens": 1_000}}, Usage(19_000, 0, 1_000, 0, 2)),
        ({"prompt_tokens_details": LITELLM}, Usage(1_000, 18_000, 700, 300, 2)),
    ],
)
def test_the_names_of_other_sellers_of_chat_are_read(counters: dict[str, Any], expected: Usage) -> None:
    assert read_usage({"prompt_tokens": 20_000, "completion_tokens": 2, **counters}, "openai.chat") == expected


@pytest.mark.parametrize(
    ("dialect", "record", "field"),
    [
        ("anthropic.messages", {}, "input_tokens is missing"),
        ("anthropic.messages", {"input_tokens": 1}, "output_tokens is missing"),
        ("anthropic.messages", {"input_tokens": None, "output_tokens": 1}, "input_tokens is missing"),
        ("anthropic.messages", {"input_tokens": -1, "output_tokens": 1}, "input_tokens is negative: -1"),
        ("anthropic.messages", {"input_tokens": 10**400, "output_tokens": 1}, "no number of tokens: it has 1329 bits"),
        (
            "anthropic.messages",
            {"input_tokens": -(10**5000), "output_tokens": 1},
            "input_tokens is no number of tokens",
        ),
        ("anthropic.messages", {"input_tokens": 1.0, "output_tokens": 1}, "input_tokens must be an integer, not float"),
        ("anthropic.messages", {"input_tokens": True, "output_tokens": 1}, "input_tokens must be an integer, not bool"),
        ("anthropic.messages", {"input_tokens": "1", "output_tokens": 1}, "input_tokens must be an integer, not str"),
        (
            "anthropic.messages",
            {"input_tokens": 1, "output_tokens": 1, "cache_creation": 7},
            "cache_creation.ephemeral_5m_input_tokens: expected an object",
        ),
        (
            "anthropic.messages",
            {
                "input_tokens": 1,
                "output_tokens": 1,
                "cache_creation_input_tokens": 9,
                "cache_creation": {"ephemeral_5m_input_tokens": 9, "ephemeral_1h_input_tokens": 1},
            },
            "cache_creation_input_tokens is 9, less than the 10",
        ),
        (
            "openai.chat",
            {"prompt_tokens": 9, "prompt_tokens_details": LITELLM | {"cache_creation_tokens": 9}},
            "prompt_tokens_details.cache_creation_tokens is 9, less than the 1000",
        ),
        (
            "openai.chat",
            {"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 10}},
            "prompt_tokens is 9, less than the 10",
        ),
        (
            "openai.responses",
            {
                "input_tokens": 9,
                "output_tokens": 1,
                "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 5},
            },
            "input_tokens is 9, less than the 10",
        ),
        (
            "openai.responses",
            {"input_tokens": 9, "output_tokens": 1, "input_tokens_details": {"cached_tokens": -5}},
            "input_tokens_details.cached_tokens is negative",
        ),
    ],
)
def test_broken_records_are_refused_by_field(dialect: str, record: dict[str, Any], field: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_usage(record, dialect)
    assert field in str(caught.value)


@pytest.mark.parametrize(
    ("dialect", "record", "named"),
    [
        ("openai.chat", {"service_tier": "default"}, ()),
        ("openai.chat", {"service_tier": "priority"}, ("service_tier priority",)),
        ("openai.responses", {"service_tier": "flex"}, ("service_tier flex",)),
        ("anthropic.messages", {"service_tier": "standard", "speed": "", "inference_geo": None}, ()),
        (
            "anthropic.messages",
            {"service_tier": "batch", "inference_geo": "us"},
            ("service_tier batch", "inference_geo us"),
        ),
        ("ark.chat", {"service_tier": "flex"}, ()),
        ("smoke.signals", {"service_tier": "flex"}, ()),
    ],
)
def test_what_is_not_billed_at_the_list_price_is_named(
    dialect: str, record: dict[str, object], named: tuple[str, ...]
) -> None:
    assert read_terms(record, dialect) == named


def test_an_unknown_dialect_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'smoke\.signals'.*anthropic\.messages"):
        read_usage({}, "smoke.signals")
    assert {"anthropic.messages", "openai.chat", "openai.responses", "ark.chat"} <= set(usage_dialects())


def test_records_are_not_touched() -> None:
    record = as_anthropic(Usage(1, 2, 3, 4, 5))
    before = json.dumps(record)
    read_usage(record, "anthropic.messages")
    assert json.dumps(record) == before


def recorded() -> Iterator[tuple[str, dict[str, object]]]:
    for path in sorted(shared("provider_cassettes").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            uri = urlparse(entry["uri"])
            if dialect := ENDPOINTS.get((uri.netloc, uri.path)):
                yield dialect, entry["usage"]


def test_recorded_records_add_up() -> None:
    seen = dict.fromkeys(ENDPOINTS.values(), 0)
    for dialect, record in recorded():
        usage = read_usage(record, dialect)
        seen[dialect] += 1
        if dialect == "anthropic.messages":
            parts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
            assert usage.input == sum(record.get(part) or 0 for part in parts)
        else:
            assert usage.input + usage.output == record["total_tokens"]
    assert min(seen.values()) > 100, seen
