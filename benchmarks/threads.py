"""What a second thread brings: texts counted by one thread, and by two at once that share a tokenizer; wall time.

    python benchmarks/threads.py [ENCODING ...] [--peer NAME] [--runs 5] [--rows FILE] [--seconds 80]

Calls of 100,000 characters of the corpora, on text that a peer has not met and on text that it has. Every count is
checked. Needs two idle cores to say anything.
"""

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

Texts = list[tuple[str, int]]
Count = Callable[[str], int]


def work(group: Group, place: Path) -> Iterator[Values]:
    for _ in group.parts:
        source = Source(group.encoding, place)
        ways = PEERS[group.peer](source)
        yield {} if ways is None else scaling(ways.count, texts(source))


def texts(source: Source) -> Texts:
    """Texts and their counts, in random order."""
    found: Texts = []
    for part in CORPORA:
        found += zip(documents(part, source.scratch), answers(source, part)["sizes"], strict=True)
    random.Random(1).shuffle(found)
    return found


def scaling(count: Count, found: Texts) -> Values:
    """How much faster two threads are; half of the texts warm both up, a quarter each is timed by one and by two."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: count(each[0]), found[: len(found) // 2]))
        later = found[len(found) // 2 :]
        first, second = later[::2], later[1::2]
        try:
            unseen = by_one(count, first) / by_two(count, second, pool)
            alone = min(by_one(count, later) for _ in range(ROUNDS))
            both = min(by_two(count, later, pool) for _ in range(ROUNDS))
        except ValueError as error:
            return {"failed": str(error)}
    return {"unseen": round(unseen, 3), "seen": round(alone / both, 3)}


def by_one(count: Count, found: Texts) -> float:
    """Nanoseconds a character."""
    start = time.perf_counter_ns()
    through(count, found)
    return (time.perf_counter_ns() - start) / sum(len(text) for text, _ in found)


def by_two(count: Count, found: Texts, pool: ThreadPoolExecutor) -> float:
    start = time.perf_counter_ns()
    list(pool.map(through, (count, count), (found[::2], found[1::2])))
    return (time.perf_counter_ns() - start) / sum(len(text) for text, _ in found)


def through(count: Count, found: Texts) -> None:
    for text, answer in found:
        if count(text) != answer:
            raise ValueError("wrong")


def cell(rows: list[Row], peer: str, kind: str) -> str:
    found = median(rows, peer, "two threads", kind)
    return failure(rows, peer, "two threads") if found is None else f"{found:.2f}"


def main() -> None:
    options = parser(__doc__, ["o200k_base"]).parse_args()
    for encoding, rows in results(options, partial(prepare, CORPORA), [["two threads"]], work):
        print(f"\n{encoding}, two threads against one, times as fast; {machine()}\n")
        print(by_peer(rows, list(KINDS), lambda peer, kind, rows=rows: cell(rows, peer, kind)))


if __name__ == "__main__":
    main()
