"""What a call costs: counting 24 characters, and 1,000 bytes that were or were not met before; CPU microseconds.

    python -m benchmarks.calls [ENCODING ...] [--peer NAME] [--part KIND] [--runs 3] [--rows FILE] [--seconds 80]

Texts are pieces of the corpora "english" and "code", after as much other text of these. Every count is checked.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.counting.corpora import corpus
from benchmarks.counting.peers import PEERS
from benchmarks.counting.runs import Group, Row, Values, parser, results
from benchmarks.counting.sources import Source
from benchmarks.counting.speed import prepare
from benchmarks.counting.tables import by_peer, failure, machine, median

CALLS = 1000
SHORT, LONG = 24, 1000  # characters, nearly all of them bytes
KINDS = {"24 characters, seen": (SHORT, True), "1,000 bytes, unseen": (LONG, False), "1,000 bytes, seen": (LONG, True)}


def work(group: Group, place: Path) -> Iterator[Values]:
    source = Source(group.encoding, place)
    ways = PEERS[group.peer](source)
    for part in group.parts:
        yield {} if ways is None else timed(ways.count, *KINDS[part], source)


def timed(count: Callable[[str], int], size: int, seen: bool, source: Source) -> Values:
    """Every fourth piece is timed, the others come before."""
    pieces = texts(size, source.scratch)
    warm, later = [text for at, text in enumerate(pieces) if at % 4], pieces[::4]
    for text in [*warm, *(later if seen else [])]:
        count(text)
    started = time.process_time_ns()
    for text in later:
        count(text)
    taken = (time.process_time_ns() - started) / 1e3 / len(later)
    tiktoken = PEERS["tiktoken"](source)
    assert tiktoken is not None
    return (
        {"us": round(taken, 3)} if list(map(count, later)) == list(map(tiktoken.count, later)) else {"failed": "wrong"}
    )


def texts(size: int, place: Path) -> list[str]:
    whole = "".join(corpus(name, place)[: 2 * CALLS * LONG] for name in ("english", "code"))
    return [whole[at : at + size] for at in range(0, len(whole), LONG)][: 4 * CALLS]


def cell(rows: list[Row], peer: str, part: str) -> str:
    found = median(rows, peer, part, "us")
    return failure(rows, peer, part) if found is None else f"{found:.2f}"


def main() -> None:
    options = parser(__doc__, ["o200k_base"], KINDS).parse_args()
    parts = options.part or list(KINDS)
    for encoding, rows in results(options, partial(prepare, ["english", "code"]), [[part] for part in parts], work):
        print(f"\n{encoding}, counting, CPU us a call; {machine()}\n")
        print(by_peer(rows, parts, partial(cell, rows)))


if __name__ == "__main__":
    main()
