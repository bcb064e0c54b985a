"""The tables of a packing report, for people and pipes."""

from ctxpack.output import Table, money, percent
from ctxpack.packing.report import Compacted, Report

_BLOCKS = ("path", "tool", "action", "reason", "tokens", "packed", "money", "packed money", "handle")


def tables(reports: list[Report]) -> list[Table]:
    """The blocks of the latest request, every compaction, and what the session costs with packing and without."""
    last = reports[-1]
    return [_blocks(last), _compactions(reports), _totals(last)]


def _blocks(report: Report) -> Table:
    rows = tuple(
        (
            entry.path,
            entry.tool,
            entry.action,
            entry.reason,
            entry.tokens_before,
            entry.tokens_after,
            money(entry.expected_before, report.currency),
            money(entry.expected_after, report.currency),
            entry.handle,
        )
        for entry in report.entries
    )
    return Table("Rewritten in the latest request (money: forecast)", _BLOCKS, rows)


def _compactions(reports: list[Report]) -> Table:
    columns = ("request", "cause", "rent paid", "price of rewriting", "tokens removed", "has paid after requests")
    made = ((number, report.compaction, report.currency) for number, report in enumerate(reports, 1))
    rows = tuple(_compaction(number, one, currency) for number, one, currency in made if one is not None)
    return Table("Compactions (money: forecast; requests: estimate)", columns, rows)


def _compaction(number: int, made: Compacted, currency: str) -> tuple[int, str, str, str, int, str]:
    after = "never" if made.break_even is None else str(made.break_even)
    return number, made.cause, money(made.rent, currency), money(made.cost, currency), made.tokens, after


def _totals(last: Report) -> Table:
    sums = last.totals
    rows = (
        (
            "latest request",
            last.tokens_before,
            last.tokens_after,
            *_change(last.expected_before, last.expected_after, last),
        ),
        (
            f"requests in all: {sums.requests}",
            sums.tokens_before,
            sums.tokens_after,
            *_change(sums.expected_before, sums.expected_after, last),
        ),
    )
    title = f"With {last.policy} (tokens: {last.exactness}, money: {last.money})"
    if last.left_whole:
        title += f"; new results stay whole: {last.left_whole}"
    if last.reason:
        title += f"; left as it was: {last.reason}"
    return Table(title, ("what", "tokens without", "tokens with", "input without", "input with", "change"), rows)


def _change(before: float, after: float, report: Report) -> tuple[str, str, str]:
    change = percent(after / before - 1) if before else "-"
    return money(before, report.currency), money(after, report.currency), change
