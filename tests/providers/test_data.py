"""The data files: every row is dated, sourced and plausible."""

import re
from datetime import date
from typing import Any, get_args

import msgspec
import pytest

from ctxpack.providers import cache_rules, price, usage_dialects
from ctxpack.providers.catalog import FILES, DataFile, PriceRow, Tier, data_files

DATE = re.compile(r"^20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$")
PRICES = [row for file in data_files() for row in file.prices]
RULES = [row for file in data_files() for row in file.rules]


def label(row: Any) -> str:
    return f"{row.provider}:{getattr(row, 'model', None) or row.models[0]}"


@pytest.mark.parametrize("file", data_files(), ids=FILES)
def test_every_row_is_dated_and_sourced(file: DataFile) -> None:
    for row in (*file.prices, *file.rules, *file.parameters, *file.usage):
        assert row.source, row
        assert set(row.source) <= set(file.sources), row
        assert DATE.match(row.as_of), row
        assert row.as_of <= date.today().isoformat(), row


@pytest.mark.parametrize("file", data_files(), ids=FILES)
def test_every_source_is_used_and_says_where(file: DataFile) -> None:
    rows = (*file.prices, *file.rules, *file.parameters, *file.usage)
    assert set(file.sources) == {key for row in rows for key in row.source}
    assert all(source.title and source.where for source in file.sources.values())


@pytest.mark.parametrize("row", PRICES, ids=label)
def test_prices_are_positive_and_ordered(row: Any) -> None:
    for tier in (row, *row.long_context):
        classes = (tier.input, tier.output, tier.cache_read, tier.cache_write, tier.cache_write_long)
        assert all(value > 0 for value in classes if value is not None)
        assert tier.output >= tier.input
        assert (tier.cache_read or 0) <= tier.input <= (tier.cache_write or tier.input)
        assert (tier.cache_write or tier.input) <= (tier.cache_write_long or tier.cache_write or tier.input)


@pytest.mark.parametrize("row", PRICES, ids=label)
def test_steps_rise_and_keep_the_classes_of_their_row(row: Any) -> None:
    steps = row.long_context
    assert [step.above for step in steps] == sorted({step.above for step in steps})
    for before, after in zip((row, *steps), steps, strict=False):
        assert after.input > before.input
        for name in ("cache_read", "cache_write", "cache_write_long"):
            assert (getattr(before, name) is None) == (getattr(after, name) is None)


@pytest.mark.parametrize("row", PRICES, ids=label)
def test_every_price_row_resolves_to_itself(row: Any) -> None:
    for name in (row.model, *row.aliases):
        found = price(name, row.provider)
        assert (found.provider, found.model, found.currency, found.input) == (
            row.provider,
            row.model,
            row.currency,
            row.input,
        )
        assert found.source
        assert found.as_of == row.as_of


def test_no_name_stands_in_two_rows_of_one_seller() -> None:
    names = [(row.provider, name) for row in PRICES for name in (row.model, *row.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("provider", "classes", "multipliers"),
    [
        ("anthropic", ("cache_write", "cache_write_long"), (1.25, 2.0)),
        ("openai", ("cache_write", "cache_write_long"), (1.25, 2.5)),
    ],
)
def test_write_prices_keep_the_vendors_multipliers(
    provider: str, classes: tuple[str, str], multipliers: tuple[float, float]
) -> None:
    rows = [row for row in PRICES if row.provider == provider and row.cache_write is not None]
    assert rows
    for row in rows:
        for tier in (row, *row.long_context):
            got = tuple(getattr(tier, name) / tier.input for name in classes)
            assert got == pytest.approx(multipliers), row.model


@pytest.mark.parametrize("row", RULES, ids=label)
def test_rules_are_plausible(row: Any) -> None:
    assert row.minimum > 0
    assert row.granularity > 0
    assert (row.max_breakpoints == 0) == (row.family == "prefix")
    assert (row.ttl or 1) <= (row.ttl_long or row.ttl or 1)
    assert (row.hits is None) == (row.trials is None)
    assert row.hits is None or 0 <= row.hits <= row.trials


@pytest.mark.parametrize("row", RULES, ids=label)
def test_plain_model_names_resolve_to_their_own_rule(row: Any) -> None:
    for name in row.models:
        if not re.search(r"[*\[]", name):
            rules = cache_rules(name, row.provider)
            assert (rules.minimum, rules.family, rules.ttl_long) == (row.minimum, row.family, row.ttl_long)


def test_every_model_with_a_price_has_rules_but_the_two_without_a_published_minimum() -> None:
    vendors = [row.model for row in PRICES if row.provider != "gateway"]
    lacking = []
    for model in vendors:
        try:
            cache_rules(model)
        except LookupError:
            lacking.append(model)
    assert lacking == ["claude-fable-5-2", "claude-mythos-5-2"]


def test_parameters_and_dialects_are_named_once() -> None:
    rows = [row for file in data_files() for row in file.parameters]
    assert len({(row.provider, row.parameter) for row in rows}) == len(rows)
    assert {row.tier for row in rows} <= set(get_args(Tier))
    assert len(set(usage_dialects())) == len(usage_dialects())


@pytest.mark.parametrize(
    "text",
    [
        '{"sources": {}, "prices": [], "rules": [], "parameters": [], "usage": [], "extra": 1}',
        '{"sources": {}, "prices": [{"provider": "x"}], "rules": [], "parameters": [], "usage": []}',
    ],
)
def test_a_malformed_file_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=DataFile)


def test_rows_are_frozen() -> None:
    assert isinstance(PRICES[0], PriceRow)
    with pytest.raises(AttributeError):
        PRICES[0].input = 0.0
