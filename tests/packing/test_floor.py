"""Law 11: nothing is packed to below the cache minimum where that costs more, and nothing is left whole for less."""

import json

import pytest

from ctxpack.packing import Session
from ctxpack.packing.report_tables import tables

from .conversations import MARK, SHORT, Step, bodies

# Its minimum is 4,096 tokens.
MODEL = "claude-opus-4-6"


def rows(count: int, indent: int | None) -> dict:
    data = [{"id": row, "name": f"name {row * 37 % 101}", "state": "new"} for row in range(count)]
    step = Step("", False, [("call_1", "query", {})], [json.dumps(data, indent=indent)])
    return {**bodies([step], "anthropic.messages", SHORT)[-1], "model": MODEL}


@pytest.mark.parametrize("count", [150, 200, 300])
def test_what_no_marker_caches_is_packed(count: int) -> None:
    """It is plain input either way, and most of it goes: that pays whatever a gateway may do behind us."""
    report = Session(MODEL).pack(rows(count, indent=2), now=0.0).report
    assert report.tokens_after < 4096 <= report.tokens_before
    assert report.expected_after < 0.5 * report.expected_before
    assert report.left_whole == ""


def test_a_little_is_not_worth_a_cache_that_a_gateway_may_use() -> None:
    body = {**rows(60, indent=None), "system": "Be terse about it. " * 550}
    report = Session(MODEL).pack(body, now=0.0).report
    assert 4096 <= report.tokens_before == report.tokens_after
    assert "cache minimum" in report.left_whole


def test_what_a_marker_caches_stays_whole_and_the_report_says_why() -> None:
    session = Session(MODEL)
    report = session.pack({**rows(200, indent=2), "cache_control": MARK}, now=0.0).report
    assert report.tokens_after == report.tokens_before
    assert "cache minimum" in report.left_whole
    assert report.to_dict()["left_whole"] == report.left_whole
    assert report.left_whole in tables([report])[-1].title
    again = session.pack({**rows(200, indent=2), "cache_control": MARK}, now=1.0).report
    assert again.left_whole == "", "it was decided before"
