"""Tables on the terminal: drawn for people, tab-separated lines for pipes."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; numbers stand to the right.

    Attributes:
        title: what it shows.
        columns: names of the columns.
        rows: one cell a column.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def show(tables: Sequence[Table], to: TextIO | None = None) -> None:
    """Prints tables: drawn where they go to a terminal, else as tab-separated lines.

    Names of files and models come from the logs: whatever they hold, they are printed, never interpreted.

    Args:
        tables: what to print.
        to: standard output by default.
    """
    stream = to or sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    if stream.isatty():
        _draw(tables, stream)
    else:
        _write(tables, stream)


def money(amount: float, currency: str) -> str:
    """An amount with its currency: fewer decimals the larger it is, so that a short request does not cost 0.0000."""
    decimals = 2 if amount >= 10 else 6 if 0 < amount < 0.01 else 4
    return f"{amount:,.{decimals}f} {currency}"


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{100 * share:.1f} %"


def _draw(tables: Sequence[Table], stream: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    console = Console(file=stream)
    for table in tables:
        if not table.rows:
            console.print(Text(f"{table.title}: none\n" if table.columns else table.title))
            continue
        drawn = Drawn(title=Text(table.title), title_justify="left", box=SIMPLE_HEAD)
        for position, name in enumerate(table.columns):
            numeric = all(not isinstance(row[position], str) for row in table.rows)
            drawn.add_column(name, justify="right" if numeric else "left", overflow="fold")
        for row in table.rows:
            drawn.add_row(*(Text(_one_line(_text(cell))) for cell in row))
        console.print(drawn)


def _write(tables: Sequence[Table], stream: TextIO) -> None:
    for table in tables:
        print(f"# {table.title}", file=stream)
        print("\t".join(table.columns), file=stream)
        for row in table.rows:
            print("\t".join(_one_line(str(cell)) for cell in row), file=stream)


def _text(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _one_line(text: str) -> str:
    """Control characters as spaces, so that a cell can neither break its line nor steer a terminal."""
    return "".join(letter if letter.isprintable() or "\ud800" <= letter <= "\udfff" else " " for letter in text)
