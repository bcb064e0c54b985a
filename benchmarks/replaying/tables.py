"""Rows of a replay as tables in Markdown: for each path a line for each policy, and a line for each session."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.replaying.references import AGES

Row = dict[str, Any]

# What other policies' savings are a share of.
ACHIEVABLE = "clairvoyant DP"
# What each column shows, with how many digits.
COLUMNS: dict[str, tuple[tuple[str, ...], int]] = {
    "policy": (("policy",), 0),
    "sent": (("sent",), 1),
    "5m": (("5m",), 1),
    "1h / flat": (("1h", "flat"), 1),
    "5m + refetch": (("refetch",), 1),
    "dearest session": (("dearest",), 1),
    "breaks": (("breaks",), 0),
    "visible": (("visible",), 1),
    "names / lines": (("id", "line"), 1),
    "not as bare name": (("named",), 1),
    "weighted": (("weighted",), 1),
    "age " + " / ".join(AGES): (tuple(AGES), 0),
    "recoverable": (("recoverable",), 1),
    "own text": (("own",), 1),
    "turns whole": (("whole",), 1),
}


def tables(rows: list[Row]) -> Iterator[str]:
    """A table of each path, and of its sessions where there are rows of them."""
    for path in dict.fromkeys(str(row["path"]) for row in rows):
        of_path = [row for row in rows if row["path"] == path]
        pooled = [row for row in of_path if row["session"] == "all"]
        constants = sorted({int(row["constant"]) for row in of_path})
        each = [row for row in of_path if row["session"] != "all" and row["constant"] == constants[0]]
        yield "\n".join([f"{title(path)}:", "", *_table(pooled, constants)])
        if each:
            yield "\n".join(_by_session(each))


def title(path: str) -> str:
    """The name of the directory that a path is or stands in."""
    return Path(path).parent.name if Path(path).suffix else Path(path).name


def _table(rows: list[Row], constants: list[int]) -> Iterator[str]:
    more = [f"5m at {constant // 1000}k" for constant in constants[1:]]
    share = "share at " + " / ".join(f"{constant // 1000}k" for constant in constants)
    yield from _head([*COLUMNS, *more, share])
    for policy in dict.fromkeys(str(row["policy"]) for row in rows):
        by_constant = [_row(rows, policy, constant) for constant in constants]
        cells = [_cell(by_constant[0], names, digits) for names, digits in COLUMNS.values()]
        shares = " / ".join(_figure(share_of(rows, row), 0) for row in by_constant)
        yield _line([*cells, *(_figure(row.get("5m"), 1) for row in by_constant[1:]), shares])


def _by_session(rows: list[Row]) -> Iterator[str]:
    """5m bill and share visible of each policy."""
    policies = list(dict.fromkeys(str(row["policy"]) for row in rows))
    yield from _head(["session", "requests", "references", *policies])
    for session in dict.fromkeys(str(row["session"]) for row in rows):
        of_session = {str(row["policy"]): row for row in rows if row["session"] == session}
        cells = (_cell(of_session.get(policy, {}), ("5m", "visible"), 1) for policy in policies)
        yield _line([session, *(str(of_session[policies[0]][name]) for name in ("requests", "references")), *cells])


def share_of(rows: Iterable[Row], row: Row) -> float | None:
    """Percent of the achievable saving that a row reaches, under 5m prices and with its own constant block."""
    best = _row(rows, ACHIEVABLE, row.get("constant")).get("5m")
    return 100 * row["5m"] / best if best and "5m" in row else None


def _row(rows: Iterable[Row], policy: str, constant: object) -> Row:
    return next((row for row in rows if row["policy"] == policy and row["constant"] == constant), {})


def _cell(row: Row, names: Iterable[str], digits: int) -> str:
    return " / ".join(_figure(row.get(name), digits) for name in names)


def _figure(value: object, digits: int) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    return "-" if value is None else str(value)


def _head(cells: list[str]) -> Iterator[str]:
    yield _line(cells)
    yield _line(["---"] * len(cells))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
