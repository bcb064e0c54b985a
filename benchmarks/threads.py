"""What a second thread brings: the same texts counted by one thread and by two that share a tokenizer; wall time.

    python benchmarks/threads.py [ENCODING ...] [--peer NAME] [--runs 5] [--rows FILE] [--seconds 80]

Calls of 100,000 characters of the corpora; whichever thread is free takes the next text. Half of the texts warm the
threads up; the others are counted as text that a peer has not met and then as text that it has, by one thread in one
process and by two in another. Each thread stays on a core of its own where the system allows that, for what takes
milliseconds is over before a system spreads threads over cores. Every count is checked. Needs two idle cores to say
anything.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from counting.peers import PEERS
from counting.runs import Group, Row, Values, parser, results
from counting.sources import Source
from counting.speed import KINDS, answers, documents, prepare
from counting.tables import by_peer, failure, machine, median

CORPORA = ["english", "code", "json", "agents"]
ROUNDS = 5  # over seen text
THREADS = {"one thread": 1, "two threads": 2}

Texts = list[tuple[str, int]]
Count = Callable[[str], int]


def work(group: Group, place: Path) -> Iterator[Values]:
    for part in group.parts:
        source = Source(group.encoding, place)
        ways = PEERS[group.peer](source)
        yield {} if ways is None else speeds(ways.count, texts(source), THREADS[part])


def texts(source: Source) -> Texts:
    """Texts and their counts, in random order."""
    found: Texts = []
    for part in CORPORA:
        found += zip(documents(part, source.scratch), answers(source, part)["sizes"], strict=True)
    random.Random(1).shuffle(found)
    return found


def speeds(count: Count, found: Texts, threads: int) -> Values:
    """Million characters a second of that many threads together, on unseen and on seen text."""
    cores = iter(available_cores())
    later = found[len(found) // 2 :]
    with ThreadPoolExecutor(threads, initializer=lambda: stay_on(next(cores))) as pool:
        through = partial(shared, pool, threads, count)
        try:
            through(found[: len(found) // 2])
            return {"unseen": through(later), "seen": max(through(later) for _ in range(ROUNDS))}
        except ValueError as error:
            return {"failed": str(error)}


def available_cores() -> list[int | None]:
    """Their numbers; nothing to stay on where the system does not tell, or has fewer than there are threads."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return [*known] if len(known) >= max(THREADS.values()) else [None] * max(THREADS.values())


def stay_on(core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread alone


def shared(pool: ThreadPoolExecutor, threads: int, count: Count, found: Texts) -> float:
    """Million characters a second."""
    waiting = iter(found)
    start = time.perf_counter_ns()
    list(pool.map(take, [count] * threads, [waiting] * threads))
    return round(sum(len(text) for text, _ in found) / (time.perf_counter_ns() - start) * 1e3, 2)


def take(count: Count, waiting: Iterator[tuple[str, int]]) -> None:
    for text, answer in waiting:
        if count(text) != answer:
            raise ValueError("wrong")


def cell(rows: list[Row], peer: str, kind: str) -> str:
    one, two = (median(rows, peer, part, kind) for part in THREADS)
    if one is None or two is None:
        return next((failure(rows, peer, part) for part in THREADS if failure(rows, peer, part) != "-"), "-")
    return f"{two / one:.2f}"


def main() -> None:
    options = parser(__doc__, ["o200k_base"]).parse_args()
    alone = [[part] for part in THREADS]
    for encoding, rows in results(options, partial(prepare, CORPORA), alone, work):
        print(f"\n{encoding}, two threads against one, times as fast; {machine()}\n")
        print(by_peer(rows, list(KINDS), lambda peer, kind, rows=rows: cell(rows, peer, kind)))


if __name__ == "__main__":
    main()
