"""What a second thread brings: texts counted by one thread and by two that share a tokenizer; wall time.

    python -m benchmarks.threads [ENCODING ...] [--peer NAME] [--runs 5] [--rows FILE] [--seconds 80]

Calls of 100,000 characters of the corpora, half of them to warm the threads up; the others are counted as text that a
peer has not met and then as text that it has. Two threads do that in two ways. *One pile*: whichever is free takes the
next text, and both together are compared to one thread that takes them all, which has learnt from all of the warming up
where each of two learns from half. *Apart*: each has texts of its own, and is compared to itself without the other.

Each arrangement has a process of its own. A thread stays on a core of its own where the system allows that, for what
takes milliseconds is over before a system spreads threads over cores. Every count is checked. Needs two idle cores to
say anything.
"""

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

from benchmarks.counting.peers import PEERS
from benchmarks.counting.runs import Group, Row, Values, parser, results
from benchmarks.counting.sources import Source
from benchmarks.counting.speed import KINDS, answers, documents, prepare
from benchmarks.counting.tables import by_peer, failure, machine, median

CORPORA = ["english", "code", "json", "agents"]
ROUNDS = 5  # over seen text
# The texts that each thread takes from, by name.
PILES = {
    "one thread": ["all"],
    "two threads": ["all", "all"],
    "first alone": ["first"],
    "second alone": ["second"],
    "first and second": ["first", "second"],
}
# Dealt out, for which thread is the first to be ready would decide how much each learns.
WARMING_UP = PILES | {"two threads": ["first", "second"]}
COLUMNS = [f"{way}, {kind}" for way in ("one pile", "apart") for kind in KINDS]

WRONG = -1.0  # in place of a speed

Texts = list[tuple[str, int]]
Count = Callable[[str], int]


def work(group: Group, place: Path) -> Iterator[Values]:
    for part in group.parts:
        source = Source(group.encoding, place)
        ways = PEERS[group.peer](source)
        yield {} if ways is None else speeds(ways.count, texts(source), part)


def texts(source: Source) -> Texts:
    """Texts and their counts, in random order."""
    found: Texts = []
    for part in CORPORA:
        found += zip(documents(part, source.scratch), answers(source, part)["sizes"], strict=True)
    random.Random(1).shuffle(found)
    return found


def speeds(count: Count, found: Texts, part: str) -> Values:
    """Million characters a second of each thread, on unseen and on seen text."""
    half = len(found) // 2
    rounds = [dealt(found[:half], WARMING_UP[part]), *(dealt(found[half:], PILES[part]) for _ in range(1 + ROUNDS))]
    cores = iter(available_cores())
    ready = Barrier(len(PILES[part]))
    with ThreadPoolExecutor(len(PILES[part]), initializer=lambda: stay_on(next(cores))) as pool:
        threads = list(pool.map(partial(through, count, ready), zip(*rounds, strict=True)))
    if any(WRONG in speeds for speeds in threads):
        return {"failed": "wrong"}
    values = [(speeds[1], max(speeds[2:])) for speeds in threads]
    return {f"{kind} {i}": value[k] for k, kind in enumerate(KINDS) for i, value in enumerate(values)}


def dealt(found: Texts, piles: list[str]) -> list[Iterator[tuple[str, int]]]:
    """What each thread takes texts from."""
    waiting = {"all": iter(found), "first": iter(found[::2]), "second": iter(found[1::2])}
    return [waiting[pile] for pile in piles]


def available_cores() -> list[int | None]:
    """Their numbers; nothing to stay on where the system does not tell, or has fewer than there are threads."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    threads = max(map(len, PILES.values()))
    return [*known] if len(known) >= threads else [None] * threads


def stay_on(core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread alone


def through(count: Count, ready: Barrier, rounds: Iterable[Iterator[tuple[str, int]]]) -> list[float]:
    """The speed of one thread in each round, all of which threads start together."""
    try:
        return [take(count, ready, waiting) for waiting in rounds]
    except Exception:
        ready.abort()  # else another thread would wait for this one
        raise


def take(count: Count, ready: Barrier, waiting: Iterator[tuple[str, int]]) -> float:
    done = wrong = 0
    ready.wait()
    start = time.perf_counter_ns()
    for text, answer in waiting:
        wrong += count(text) != answer
        done += len(text)
    return WRONG if wrong else round(done / (time.perf_counter_ns() - start) * 1e3, 2)


def cell(rows: list[Row], peer: str, column: str) -> str:
    way, kind = column.split(", ")
    speed = partial(median, rows, peer)
    if way == "one pile":
        found = [(speed("two threads", f"{kind} {i}"), speed("one thread", f"{kind} 0")) for i in range(2)]
    else:
        alone = ("first alone", "second alone")
        found = [(speed("first and second", f"{kind} {i}"), speed(part, f"{kind} 0")) for i, part in enumerate(alone)]
    times = [beside / without for beside, without in found if beside and without]
    if len(times) < len(found):
        return next((failure(rows, peer, part) for part in PILES if failure(rows, peer, part) != "-"), "-")
    return f"{sum(times):.2f}"


def main() -> None:
    options = parser(__doc__, ["o200k_base"]).parse_args()
    alone = [[part] for part in PILES]
    for encoding, rows in results(options, partial(prepare, CORPORA), alone, work):
        print(f"\n{encoding}, two threads against one, times as fast; {machine()}\n")
        print(by_peer(rows, COLUMNS, partial(cell, rows)))


if __name__ == "__main__":
    main()
