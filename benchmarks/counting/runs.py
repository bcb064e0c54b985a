"""Runs measurements, each group in a process of its own, and keeps what they gave.

A task is an encoding, a peer and a part: a corpus, a text or a kind. A group of tasks shares a process; if that dies or
does not answer, the task at hand has failed and the rest of the group goes on in a new one. Where rows are kept in a
file, a later run goes on where an earlier one stopped, so that a long benchmark may be made in short pieces.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.counting.peers import PEERS, installed
from benchmarks.counting.sources import Source

PATIENCE = 60  # seconds to wait for one task

Values = dict[str, float | str]


class Group(NamedTuple):
    """Parts that one peer measures in one process."""

    encoding: str
    peer: str
    parts: list[str]


class Row(NamedTuple):
    """What a task gave, in a run of that number."""

    run: int
    encoding: str
    peer: str
    part: str
    values: Values


# Yields the values of each part, in order.
Work = Callable[[Group, Path], Iterator[Values]]


def parser(about: str | None, encodings: list[str], parts: Collection[str] = ()) -> argparse.ArgumentParser:
    """The options that all benchmarks have, and a choice of parts where there is one."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("encoding", nargs="*", default=encodings, help=f"{', '.join(encodings)} by default")
    made.add_argument("--peer", action="append", help="only these; by default all that are installed")
    if parts:
        known = f"only these; by default all: {'; '.join(parts)}"
        made.add_argument("--part", action="append", choices=list(parts), metavar="PART", help=known)
    made.add_argument("--runs", type=int, default=1, help="how often to measure; the table has medians")
    made.add_argument("--rows", type=Path, help="file to keep rows in; what it has is not measured again")
    made.add_argument("--seconds", type=float, default=float("inf"), help="start nothing after so many seconds")
    made.add_argument("--scratch", type=Path, help="directory to keep corpora and tokenizer files in")
    return made


@contextmanager
def scratch(options: argparse.Namespace) -> Iterator[Path]:
    """The directory for files; a new one that goes away where none is named."""
    os.environ |= {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    if options.scratch:
        options.scratch.mkdir(parents=True, exist_ok=True)
        yield options.scratch
        return
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


def results(
    options: argparse.Namespace, prepare: Callable[[Source], object], parts: list[list[str]], work: Work
) -> Iterator[tuple[str, list[Row]]]:
    """Every encoding and its rows. Each peer measures each list of parts in one process, after `prepare` made files."""
    with scratch(options) as place:
        for encoding in options.encoding:
            prepare(Source(encoding, place))
            groups = [Group(encoding, peer, together) for peer in peers(options) for together in parts]
            yield encoding, [row for row in measured(groups, work, options, place) if row.encoding == encoding]


def measured(groups: list[Group], work: Work, options: argparse.Namespace, place: Path) -> list[Row]:
    """Rows of all tasks, those that were kept first."""
    kept = options.rows.read_text().splitlines() if options.rows and options.rows.exists() else []
    rows = [Row(**json.loads(line)) for line in kept]
    done = {row[:4] for row in rows}
    stop = time.monotonic() + options.seconds
    for run in range(options.runs):
        for group in groups:
            parts = [part for part in group.parts if (run, group.encoding, group.peer, part) not in done]
            while parts and time.monotonic() < stop:
                for values in answers(group._replace(parts=parts), work, place):
                    row = Row(run, group.encoding, group.peer, parts.pop(0), values)
                    rows.append(row)
                    keep(row, options.rows)
    return rows


def keep(row: Row, path: Path | None) -> None:
    print(row.encoding, row.peer, row.part, *(f"{name}={value}" for name, value in row.values.items()), file=sys.stderr)
    if path:
        with path.open("a") as file:
            file.write(json.dumps(row._asdict()) + "\n")


def answers(group: Group, work: Work, place: Path) -> Iterator[Values]:
    """What a process gives, until it fails."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=send, args=(work, group, place, sending))
    process.start()
    sending.close()
    try:
        for _ in group.parts:
            if not receiving.poll(PATIENCE):
                yield {"failed": "too slow"}
                return
            received = receiving.recv()
            if isinstance(received, str):
                yield {"failed": received}
                return
            yield received
    except EOFError:
        yield {"failed": "crashed"}
    finally:
        process.kill()
        process.join()


def send(work: Work, group: Group, place: Path, sending: Connection) -> None:
    try:
        for values in work(group, place):
            sending.send(values)
    except Exception as error:  # what a peer raises is a result, too
        sending.send(type(error).__name__)


def peers(options: argparse.Namespace) -> list[str]:
    """Those to measure: ctxpack, and whichever are installed and asked for."""
    return [name for name in installed() if name in (options.peer or PEERS)]
