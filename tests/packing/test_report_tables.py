"""The tables of a packing report: the latest request, every compaction, and the whole session."""

from dataclasses import replace

from ctxpack.output import money
from ctxpack.packing import Report, Totals
from ctxpack.packing.report import Compacted
from ctxpack.packing.report_tables import tables

REPORT = Report("balanced", 1000, 400, "exact", 0.02, 0.01, "USD", totals=Totals(2, 3000, 1500, 0.04, 0.03))


def test_what_a_request_and_the_session_cost_with_packing_and_without() -> None:
    *_, totals = tables([REPORT])
    assert totals.title == "With balanced (tokens: exact, money: forecast)"
    assert totals.rows == (
        ("latest request", 1000, 400, money(0.02, "USD"), money(0.01, "USD"), "-50.0 %"),
        ("requests in all: 2", 3000, 1500, money(0.04, "USD"), money(0.03, "USD"), "-25.0 %"),
    )


def test_what_costs_nothing_changes_by_no_share() -> None:
    *_, totals = tables([replace(REPORT, expected_before=0.0, expected_after=0.0)])
    assert [row[-1] for row in totals.rows] == ["-", "-25.0 %"]


def test_why_a_request_was_left_as_it_was() -> None:
    *_, totals = tables([replace(REPORT, reason="internal error: ValueError")])
    assert totals.title.endswith("; left as it was: internal error: ValueError")


def test_compactions_by_the_number_of_their_request() -> None:
    paid, never = Compacted("rent", 0.1, 0.2, 600, 3), Compacted("budget", 0.0, 0.2, 50, None)
    _, compactions, _ = tables([REPORT, replace(REPORT, compaction=paid), replace(REPORT, compaction=never)])
    assert compactions.rows == (
        (2, "rent", money(0.1, "USD"), money(0.2, "USD"), 600, "3"),
        (3, "budget", money(0.0, "USD"), money(0.2, "USD"), 50, "never"),
    )
