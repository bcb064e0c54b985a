"""What a second thread brings: two texts counted one after the other, and at once by two threads.

Run: python benchmarks/threads.py [encoding [megabytes]]

Wall time of calls of 100,000 characters, best of ROUNDS, on texts that an encoding has not seen and on the same again.
Every count must equal the first one. Needs two idle cores to say anything.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from count import LIBRARY, read

from ctxpack.tokens import Encoding
from ctxpack.tokens.encodings import load

ROUNDS = 5
CALL = 100_000


def texts(megabytes: float) -> tuple[list[str], list[str]]:
    """Two halves of Python's library, its files in random order."""
    files = sorted(LIBRARY.rglob("*.py"))
    random.Random(1).shuffle(files)
    whole = read(files)[: int(2e6 * megabytes)]
    parts = [whole[at : at + CALL] for at in range(0, len(whole), CALL)]
    return parts[::2], parts[1::2]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(name: str, pair: tuple[list[str], list[str]]) -> Iterator[tuple[float, float]]:
    """Seconds one after the other and at once, on unseen text, then on seen text."""
    expected = [sum(map(load(name).count, half)) for half in pair]

    def count(encoding: Encoding, half: int) -> None:
        if sum(map(encoding.count, pair[half])) != expected[half]:
            raise SystemExit("wrong count")

    def turn(encoding: Encoding) -> float:
        return seconds(lambda: [count(encoding, half) for half in (0, 1)])

    def at_once(encoding: Encoding) -> float:
        return seconds(lambda: list(pool.map(count, (encoding, encoding), (0, 1))))

    with ThreadPoolExecutor(2) as pool:
        rounds = [(ready(name, pool), ready(name, pool)) for _ in range(ROUNDS)]
        for _ in ("unseen", "seen"):
            yield min(turn(alone) for alone, _ in rounds), min(at_once(both) for _, both in rounds)


def ready(name: str, pool: ThreadPoolExecutor) -> Encoding:
    """A new encoding with the tables that two threads need: each makes its own at its first call."""
    encoding = load(name)
    list(pool.map(encoding.count, ["x" * CALL] * 8))
    return encoding


def main(name: str = "o200k_base", megabytes: str = "2") -> None:
    for kind, (alone, both) in zip(("unseen", "seen"), measured(name, texts(float(megabytes))), strict=True):
        print(f"{name}, {kind}: {1000 * alone:.1f} ms in turn, {1000 * both:.1f} ms at once: {alone / both:.2f}x")


if __name__ == "__main__":
    main(*sys.argv[1:])
