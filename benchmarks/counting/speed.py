"""Speed of one way, counting or encoding, on a corpus: text that a peer has not met, and text that it has.

A peer goes through half of the corpus, so that its tables are in use, then document by document through the other half,
which it is timed on ("unseen"), and some times through that half again ("seen"). Times are CPU time of the process: a
helper thread counts too. Slow peers get through less of the corpus; speed is by what they got through.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.counting.corpora import CORPORA, corpus
from benchmarks.counting.peers import PEERS, numbers
from benchmarks.counting.runs import Group, Row, Values, Work, parser, results
from benchmarks.counting.sources import Source
from benchmarks.counting.tables import by_peer, failure, machine, median, table

KINDS = ("unseen", "seen")

DOCUMENT = 100_000  # characters
ROUNDS = 3  # over seen text
LONGEST = 0.3  # seconds of warming up, of unseen text and of each round


def documents(part: str, place: Path) -> list[str]:
    text = corpus(part, place)
    return [text[at : at + DOCUMENT] for at in range(0, len(text), DOCUMENT)]


def main(way: str, about: str | None, work: Work) -> None:
    """Measures and prints, for each encoding, the table and what the targets say."""
    options = parser(about, ["o200k_base"], CORPORA).parse_args()
    parts = options.part or list(CORPORA)
    for encoding, rows in results(options, partial(prepare, parts), [[part] for part in parts], work):
        print(f"\n{encoding}, {way}, MB/s of UTF-8, unseen / seen text, CPU time; {machine()}\n")
        print(by_peer(rows, parts, partial(cell, rows)), "\n")
        print(table("ctxpack is so many times as fast as", parts, compared(rows, parts)))


def cell(rows: list[Row], peer: str, part: str) -> str:
    found = [median(rows, peer, part, kind) for kind in KINDS]
    return failure(rows, peer, part) if None in found else " / ".join(f"{speed:.0f}" for speed in found if speed)


def compared(rows: list[Row], parts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Lines of ratios to named peers and to the fastest one, on unseen and on seen text."""
    others = [peer for peer in dict.fromkeys(row.peer for row in rows) if peer != "ctxpack"]
    named: list[list[str]] = [[peer] for peer in ("tiktoken", "fastokens", "gigatoken", "toktok-rs") if peer in others]
    for kind in KINDS:
        for group in [*named, others]:
            name = "the fastest" if group is others else group[0]
            yield f"{name}, {kind}", [ratio(rows, group, part, kind) for part in parts]


def ratio(rows: list[Row], others: list[str], part: str, kind: str) -> str:
    ours = median(rows, "ctxpack", part, kind)
    theirs = {peer: speed for peer in others if (speed := median(rows, peer, part, kind))}
    if not theirs or not ours:
        return "-"
    best = max(theirs, key=theirs.__getitem__)
    return f"{ours / theirs[best]:.2f}" + (f" ({best})" if len(others) > 1 else "")


def prepare(parts: list[str], source: Source) -> None:
    """Makes every file that the processes need, and the answers, by tiktoken with that family's tokens and pattern.

    (parity.py holds tiktoken, as it is used here, to the families' own libraries.)
    """
    from tests.tokens.oracles import by_tiktoken

    source.make_files()
    for part in parts:
        path = answers_file(source, part)
        if not path.exists():
            encode = by_tiktoken(source.vocabulary)
            ids = [encode(document) for document in documents(part, source.scratch)]
            path.write_text(json.dumps({"first": ids[0], "sizes": list(map(len, ids))}))


def answers_file(source: Source, part: str) -> Path:
    return source.scratch / f"{source.name}-{part}-answers.json"


def answers(source: Source, part: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads(answers_file(source, part).read_text())
    return found


def counting(group: Group, place: Path) -> Iterator[Values]:
    """MB/s of counting."""
    source = Source(group.encoding, place)
    ways = PEERS[group.peer](source)
    for part in group.parts:
        yield {} if ways is None else speeds(ways.count, lambda answer: answer, source, part)


def encoding(group: Group, place: Path) -> Iterator[Values]:
    """MB/s of encoding to a buffer of ids, whose number is checked, and in one document every id."""
    source = Source(group.encoding, place)
    ways = PEERS[group.peer](source)
    for part in group.parts:
        if ways is None:
            yield {}
        elif numbers(ways.ids(documents(part, place)[0])) != answers(source, part)["first"]:
            yield {"failed": "wrong ids"}
        else:
            yield speeds(ways.ids, length, source, part)


def length(ids: Any) -> int:
    return len(ids) // 4 if isinstance(ids, bytes) else len(ids)


def speeds(way: Callable[[str], Any], size: Callable[[Any], int], source: Source, part: str) -> Values:
    return timed(way, size, documents(part, source.scratch), answers(source, part)["sizes"])


def timed(way: Callable[[str], Any], size: Callable[[Any], int], texts: list[str], expected: list[int]) -> Values:
    """MB/s on unseen and on seen text."""
    half = len(texts) // 2
    run = Run(way, size)
    run.through(texts[:half], expected[:half])
    unseen, done = run.through(texts[half:], expected[half:])
    seen = [run.through(texts[half : half + done], expected[half : half + done])[0] for _ in range(ROUNDS)]
    megabytes = sum(len(text.encode()) for text in texts[half : half + done]) / 1e6
    found: Values = {"unseen": round(megabytes / unseen, 2), "seen": round(megabytes / statistics.median(seen), 2)}
    return found | ({"failed": f"{run.wrong} wrong"} if run.wrong else {})


class Run:
    """A way, and how many of its answers were wrong."""

    def __init__(self, way: Callable[[str], Any], size: Callable[[Any], int]) -> None:
        self.way = way
        self.size = size
        self.wrong = 0

    def through(self, texts: list[str], expected: list[int]) -> tuple[float, int]:
        """CPU seconds, and how many texts there was time for."""
        taken, done = 0.0, 0
        for text, answer in zip(texts, expected, strict=True):
            started = time.process_time_ns()
            got = self.way(text)
            taken += (time.process_time_ns() - started) / 1e9
            done += 1
            self.wrong += self.size(got) != answer
            if taken > LONGEST:
                break
        return taken, done
