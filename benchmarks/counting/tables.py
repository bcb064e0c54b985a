"""Tables of what was measured, in Markdown."""

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.counting.peers import PEERS
from benchmarks.counting.runs import Row


def machine() -> str:
    """Processor, cores and Python, and the instruction set that the core was held to, if it was."""
    info = Path("/proc/cpuinfo")
    pairs = [line.partition(":") for line in info.read_text().splitlines()] if info.exists() else []
    known = {name.strip(): value.strip() for name, _, value in pairs}
    model = known.get("model name", platform.processor())
    kind = f"{model} (family {known.get('cpu family')}, model {known.get('model')})" if known else model
    level = os.environ.get("CTXPACK_CPU_LEVEL")
    held = f", ctxpack held to {level}" if level else ""
    return f"{kind}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}{held}"


def titled(peer: str) -> str:
    return f"{peer} {importlib.metadata.version(peer)}"


def median(rows: Iterable[Row], peer: str, part: str, value: str) -> float | None:
    """Of all runs; None where nothing was measured or something was wrong."""
    found = [row.values for row in rows if (row.peer, row.part) == (peer, part)]
    if any("failed" in values for values in found) or not any(value in values for values in found):
        return None
    return statistics.median(float(values[value]) for values in found if value in values)


def failure(rows: Iterable[Row], peer: str, part: str) -> str:
    """What went wrong, or that there is nothing."""
    found = [row.values["failed"] for row in rows if (row.peer, row.part) == (peer, part) and "failed" in row.values]
    return str(found[0]) if found else "-"


def table(head: str, columns: list[str], lines: Iterable[tuple[str, list[str]]]) -> str:
    rule = "|".join(["---"] * (len(columns) + 1))
    body = [f"| {name} | {' | '.join(cells)} |" for name, cells in lines]
    return "\n".join([f"| {head} | {' | '.join(columns)} |", f"|{rule}|", *body])


def by_peer(rows: list[Row], parts: list[str], cell: Callable[[str, str], str]) -> str:
    """A line for each peer that has something to show, a column for each part."""
    return table("", parts, [(titled(peer), [cell(peer, part) for part in parts]) for peer in shown(rows)])


def by_part(rows: list[Row], parts: list[str], cell: Callable[[str, str], str]) -> str:
    """A line for each part, a column for each peer."""
    peers = shown(rows)
    return table("", [titled(peer) for peer in peers], [(part, [cell(peer, part) for peer in peers]) for part in parts])


def shown(rows: list[Row]) -> list[str]:
    """The peers that have something to show, in their usual order."""
    found = {row.peer for row in rows if row.values}
    return [peer for peer in PEERS if peer in found]
