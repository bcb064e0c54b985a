"""One megabyte of one pattern in one call, beside every peer that survives it: CPU milliseconds of counting.

    python -m benchmarks.adversarial [ENCODING ...] [--peer NAME] [--part TEXT] [--runs 3] [--rows FILE] [--seconds 80]

The texts are those of tests/tokens/long_texts.py, which a peer meets for the first time, after a document of code. All
counts are checked. A peer that crashes, or takes more than a minute, is said to, and goes on with the next text.
"""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.counting.peers import PEERS
from benchmarks.counting.runs import Group, Row, Values, parser, results
from benchmarks.counting.sources import Source
from benchmarks.counting.speed import documents
from benchmarks.counting.tables import by_part, failure, machine, median
from tests.tokens.long_texts import TEXTS


def work(group: Group, place: Path) -> Iterator[Values]:
    source = Source(group.encoding, place)
    ways, expected = PEERS[group.peer](source), json.loads(answers(source).read_text())
    if ways is not None:
        ways.count(documents("code", place)[0])
    for part in group.parts:
        yield {} if ways is None else timed(ways.count, TEXTS[part](), expected[part])


def timed(count: Callable[[str], int], text: str, expected: int) -> Values:
    started = time.process_time_ns()
    try:
        got = count(text)
    except Exception as error:
        return {"failed": type(error).__name__}
    taken = (time.process_time_ns() - started) / 1e6
    return {"ms": round(taken, 2)} if got == expected else {"failed": "wrong"}


def answers(source: Source) -> Path:
    return source.scratch / f"{source.name}-long-answers.json"


def prepare(source: Source) -> None:
    """Makes what the processes need."""
    source.make_files()
    documents("code", source.scratch)
    path = answers(source)
    if not path.exists():
        path.write_text(json.dumps({name: answer(source, make()) for name, make in TEXTS.items()}))


def answer(source: Source, text: str) -> int:
    """By the encoding's own library; tiktoken's regexes fail on so many spaces, a single piece, but not its merging."""
    from tests.tokens.oracles import oracle, tiktoken_like

    if not text.strip(" "):
        return len(tiktoken_like(source.vocabulary)._core_bpe.encode_single_piece(text.encode()))
    return len(oracle(source.name)[1](text))


def cell(rows: list[Row], peer: str, part: str) -> str:
    found = median(rows, peer, part, "ms")
    return failure(rows, peer, part) if found is None else f"{found:.0f}" if found >= 10 else f"{found:.1f}"


def main() -> None:
    options = parser(__doc__, ["o200k_base"], TEXTS).parse_args()
    parts = options.part or list(TEXTS)
    for encoding, rows in results(options, prepare, [parts], work):
        print(f"\n{encoding}, counting 1 MB in one call, CPU ms; {machine()}\n")
        print(by_part(rows, parts, partial(cell, rows)))


if __name__ == "__main__":
    main()
