"""Rows of a replay as tables in Markdown: one for each path, a line for each policy."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.replaying.references import AGES

Row = dict[str, object]

# What other policies' savings are a share of.
ACHIEVABLE = "clairvoyant DP"


def tables(rows: list[Row]) -> Iterator[str]:
    pooled = [row for row in rows if row["session"] == "all"]
    for path in dict.fromkeys(str(row["path"]) for row in pooled):
        of_path = [row for row in pooled if row["path"] == path]
        constants = sorted({int(row["constant"]) for row in of_path})
        yield "\n".join([f"{title(path)}:", "", *_table(of_path, constants)])


def title(path: str) -> str:
    """The name of the directory that a path is or stands in."""
    return Path(path).parent.name if Path(path).suffix else Path(path).name


def _table(rows: list[Row], constants: list[int]) -> Iterator[str]:
    names = {"policy": "policy", "sent": "sent", "5m": "5m", "1h": "1h", "flat": "flat", "refetch": "5m + refetch"}
    kept = {"visible": "visible", "id": "names", "line": "lines", "named": "not as bare name", "weighted": "weighted"}
    more = [f"5m at {constant // 1000}k" for constant in constants[1:]]
    share = "share at " + " / ".join(f"{constant // 1000}k" for constant in constants)
    ages = "age " + " / ".join(AGES)
    rest = ["recoverable", "own text", "turns whole"]
    yield _line([*names.values(), "breaks", *kept.values(), ages, *rest, *more, share])
    yield _line("---" for _ in range(len(names) + len(kept) + len(more) + len(rest) + 3))
    for policy in dict.fromkeys(str(row["policy"]) for row in rows):
        by_constant = [_row(rows, policy, constant) for constant in constants]
        row = by_constant[0]
        figures = [_figure(row.get(name)) for name in (*names, "breaks", *kept)]
        by_age = " / ".join(_figure(row.get(age), 0) for age in AGES)
        others = [_figure(row.get(name)) for name in ("recoverable", "own", "whole")]
        shares = " / ".join(_figure(share_of(rows, row), 0) for row in by_constant)
        yield _line([*figures, by_age, *others, *(_figure(row.get("5m")) for row in by_constant[1:]), shares])


def share_of(rows: Iterable[Row], row: Row) -> float | None:
    """Percent of the achievable saving that a row reaches, under 5m prices and with its own constant block."""
    best = _row(rows, ACHIEVABLE, row.get("constant")).get("5m")
    return 100 * row["5m"] / best if best and "5m" in row else None


def _row(rows: Iterable[Row], policy: str, constant: object) -> Row:
    return next((row for row in rows if row["policy"] == policy and row["constant"] == constant), {})


def _figure(value: object, digits: int = 1) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    return "-" if value is None else str(value)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
