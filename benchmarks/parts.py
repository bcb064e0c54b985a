"""Spans, growing texts and cuts beside counting anew: what a packer asks for, by ctxpack and by the encodings' makers.

    python -m benchmarks.parts [MODEL.model ...]

Of a megabyte of code: microseconds for the count of a span by offsets, for a step of four characters of a growing text,
and for a cut to 1,000 tokens, beside counting that span or all text so far by tiktoken or sentencepiece; and for a step
of a row of letters, that to many models is one word. Every count is checked. The text has been seen before.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import NamedTuple

import sentencepiece

from benchmarks.counting.corpora import CORPORA
from benchmarks.counting.tables import machine, table
from ctxpack.tokens import Encoding, encoding, load_sentencepiece
from tests.tokens.pairs import pair_named

SIZES = (3_000, 30_000, 100_000)
STEPS = 2_000
CUT = 1_000
ROW = "ab" * 60_000
COLUMNS = [*(f"span of {size:,}" for size in SIZES), "step", "step of a row", "head", "tail", "ends"]


class Pair(NamedTuple):
    """An encoding of ours, and how its makers' library counts."""

    ours: Encoding
    count: Callable[[str], int]


def pairs(models: list[str]) -> Iterator[Pair]:
    for name in ("o200k_base", "cl100k_base"):
        yield Pair(encoding(name), lengths(pair_named(name).theirs.encode_ordinary))
    for model in models:
        processor = sentencepiece.SentencePieceProcessor(model_file=model)
        yield Pair(load_sentencepiece(model), lengths(processor.encode))


def lengths(encode: Callable[[str], list[int]]) -> Callable[[str], int]:
    return lambda text: len(encode(text))


def microseconds(work: Callable[[], object], most: int = 300) -> float:
    """The median of some calls, of at most 0.3 s together."""
    taken: list[float] = []
    while len(taken) < most and sum(taken) < 0.3:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return 1e6 * sorted(taken)[len(taken) // 2]


def spans(pair: Pair, text: str) -> Iterator[tuple[float, float]]:
    offsets, draw = pair.ours.offsets(text), random.Random(5)
    for size in SIZES:
        starts = [draw.randrange(len(text) - size) for _ in range(20)]
        for start in starts:
            assert offsets.count(start, start + size) == pair.count(text[start : start + size])
        ours = [microseconds(partial(offsets.count, at, at + size), 30) for at in starts]
        theirs = [microseconds(partial(pair.count, text[at : at + size]), 3) for at in starts]
        yield sorted(ours)[10], sorted(theirs)[10]


def step(pair: Pair, text: str) -> tuple[float, float]:
    """Of a text of 100,000 characters that grows on."""
    counter, size = pair.ours.counter(), 100_000
    counter.append(text[:size])
    parts = iter([text[at : at + 4] for at in range(size, size + 4 * STEPS, 4)])
    ours = microseconds(lambda: counter.append(next(parts)), STEPS // 2)
    for part in parts:
        counter.append(part)
    assert counter.count == pair.count(text[: size + 4 * STEPS])
    return ours, microseconds(lambda: pair.count(text[: size + 4]), 3)


def cuts(pair: Pair, text: str) -> Iterator[tuple[float, float]]:
    for keep in ("head", "tail", "ends"):
        kept = pair.ours.truncate(text, CUT, keep)
        assert CUT - 10 < pair.count(kept) <= CUT
        yield (
            microseconds(partial(pair.ours.truncate, text, CUT, keep)),
            microseconds(partial(pair.count, kept), 20),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", help="SentencePiece models beside o200k_base and cl100k_base")
    models = parser.parse_args().model
    text = CORPORA["code"]()[:1_000_000]
    print(
        f"Microseconds, code; sentencepiece {version('sentencepiece')}, tiktoken {version('tiktoken')}; {machine()}\n"
    )
    lines = []
    for pair in pairs(models):
        found = [*spans(pair, text), step(pair, text), step(pair, ROW), *cuts(pair, text)]
        lines.append((pair.ours.name, [f"{ours:.1f}" for ours, _ in found]))
        lines.append(("its makers, counting once", [f"{theirs:.0f}" for _, theirs in found]))
    print(table("", COLUMNS, lines))


if __name__ == "__main__":
    main()
