"""Tables on the terminal: drawn for people, tab-separated lines for pipes."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

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
    """An amount with its currency: four digits, and at least two decimals, so that a short request costs something."""
    decimals = 3 - floor(log10(abs(amount))) if amount else 2
    return f"{amount:,.{max(decimals, 2)}f} {currency}"


def percent(share: float) -> str:
    """A share as a percentage; nothing has no sign."""
    return f"{round(100 * share, 1) + 0.0:.1f} %"


def _draw(tables: Sequence[Table], stream: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream)
    for table in tables:
        title = one_line(table.title)
        if not table.rows:
            console.print(Text(f"{title}: none\n" if table.columns else title))
            continue
        console.print(Text(title, "table.title"))
        widths = _widths(table, console.width)
        if widths is None and len(table.columns) > 2:
            _draw_rows(table, console)
        else:
            _draw_grid(table, widths, console)


def _widths(table: Table, width: int) -> list[int] | None:
    """How wide to draw the columns, cells before names, those that lack little first; None where words would break."""
    from rich.cells import cell_len

    columns = [[_shown(row[at]) for row in table.rows] for at in range(len(table.columns))]
    texts = [[name, *cells] for name, cells in zip(table.columns, columns, strict=True)]
    widths = [max(cell_len(word) for text in column for word in text.split()) for column in texts]
    spare = width - sum(widths) - 3 * len(widths) - 1  # what stands between cells
    if spare < 0:
        return None
    for wanted in (columns, texts):
        missing = [max(0, max(map(cell_len, column)) - has) for column, has in zip(wanted, widths, strict=True)]
        for served, at in enumerate(sorted(range(len(widths)), key=missing.__getitem__)):
            more = min(missing[at], spare // (len(widths) - served))
            widths[at] += more
            spare -= more
    return widths


def _draw_grid(table: Table, widths: list[int] | None, console: "Console") -> None:
    """A line a row; cells that are wider than their column go on below, words too where no widths are given."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(box=SIMPLE_HEAD)
    for at, name in enumerate(table.columns):
        numeric = all(not isinstance(row[at], str) for row in table.rows)
        side: JustifyMethod = "right" if numeric else "left"
        drawn.add_column(name, justify=side, overflow="fold", width=widths[at] if widths else None)
    for row in table.rows:
        drawn.add_row(*(Text(_shown(cell)) for cell in row))
    console.print(drawn)


def _draw_rows(table: Table, console: "Console") -> None:
    """A line a cell, unbroken, so that it can be copied however narrow the terminal is."""
    from rich.text import Text

    name_width = max(map(len, table.columns))
    for row in table.rows:
        console.print()
        for name, cell in zip(table.columns, row, strict=True):
            console.print(Text.assemble((f"  {name:{name_width}}   ", "table.header"), _shown(cell)), soft_wrap=True)
    console.print()


def _write(tables: Sequence[Table], stream: TextIO) -> None:
    for table in tables:
        print(f"# {one_line(table.title)}", file=stream)
        if table.columns:
            print("\t".join(table.columns), file=stream)
        for row in table.rows:
            print("\t".join(one_line(str(cell)) for cell in row), file=stream)


def _shown(cell: Cell) -> str:
    return one_line(f"{cell:,}" if isinstance(cell, int) else str(cell)).strip()


def one_line(text: str) -> str:
    """Control characters as spaces, so that a cell can neither break its line nor steer a terminal."""
    return "".join(letter if letter.isprintable() or "\ud800" <= letter <= "\udfff" else " " for letter in text)
