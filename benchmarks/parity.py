"""Ids of encodings held to their own libraries', on as much text as asked for: 1000 MB a night, a few MB in the tests.

    python -m benchmarks.parity [ENCODING or MODEL.model ...] [--megabytes 1000] [--seed 0] [--log FILE] [--own]

Without names, every encoding. The text is drawn in documents from the sources and manuals of the Python packages that
are installed, mixed with generated Unicode: runs of one script, random characters, tokens of the vocabulary in random
order, and what splits badly. The same seed draws the same documents. Code points that are no characters yet are left
out: libraries differ in the version of Unicode they know.

What only Hugging Face's tokenizers runs is compared with tiktoken first, given that family's tokens and pattern, which
is 5 to 10 times as fast; where that differs, tokenizers decides. With --own it does so for every document.

Prints a tab-separated line for each PART of the text: encoding, seed, MB, seconds, documents that tokenizers decided,
and "equal" or what differs, which ends the run with exit code 1. With --log the lines are appended to a file as well,
and parts that it has are not compared again.
"""

import argparse
import math
import random
import sys
import sysconfig
import time
import unicodedata
from collections.abc import Iterator
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

from ctxpack._native.sentencepiece import SentencePieceEncoding
from ctxpack.tokens import Encoding, load_sentencepiece
from ctxpack.tokens.library import named
from tests.tokens.oracles import HUGGING_FACE, TIKTOKEN, Encode, by_tiktoken, oracle

PART = 25  # MB that are compared, and noted, at once
DOCUMENT = 20_000  # characters
SUFFIXES = {".py", ".pyi", ".md", ".rst", ".txt", ".json", ".html", ".js", ".css", ".c", ".h", ".pyx", ".toml", ".po"}
SCRIPTS = [
    (0x20, 0x7F),
    (0xA0, 0x250),
    (0x370, 0x530),
    (0x590, 0x700),
    (0x900, 0xE80),
    (0x1100, 0x1200),
    (0x3040, 0x3100),
    (0x4E00, 0x9FA6),
    (0xAC00, 0xD7A4),
    (0x300, 0x370),
    (0x2000, 0x2C00),
    (0x1F300, 0x1FAFF),
    (0x0, 0x3000),
]
HARD = " \n\t\r\u00a0\u3000'’sStTlLdD0123456789=-_/.,!?aAzZéÉe\u0301中文いっぱ👍🏽\u200d"
EVERY = [*TIKTOKEN, *HUGGING_FACE]


class Pair(NamedTuple):
    """An encoding of ours, what is compared with, and what decides where that differs: for most the same."""

    ours: Encoding | SentencePieceEncoding
    near: Encode
    own: Encode


class Outcome(NamedTuple):
    """What differs first, or None; documents that needed the encoding's own library; bytes compared."""

    difference: str | None
    decided: int
    size: int


@cache
def pair(name: str) -> Pair:
    if name.endswith(".model"):
        processor = SentencePieceProcessor(model_file=name)
        ids = partial(processor.encode, out_type=int)
        return Pair(load_sentencepiece(name), ids, ids)
    ours, own = oracle(name)
    return Pair(ours, by_tiktoken(named(name)) if name in HUGGING_FACE else own, own)


@cache
def characters() -> NDArray[np.bool_]:
    """Whether each code point is a character, shape (0x110000,)."""
    return np.array([unicodedata.category(chr(point)) not in ("Cn", "Cs") for point in range(0x110000)])


def documents(ours: Encoding | SentencePieceEncoding, seed: int) -> Iterator[str]:
    """Texts without end, every other one from a file."""
    chance = random.Random(seed)
    places = {sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")}
    files = sorted(path for place in places for path in Path(place).rglob("*") if path.suffix in SUFFIXES)
    while True:
        text = chance.choice(files).read_bytes().decode("utf-8", "replace")
        start = chance.randrange(max(1, len(text) - DOCUMENT))
        yield text[start : start + DOCUMENT]
        yield generated(ours, chance)


def generated(ours: Encoding | SentencePieceEncoding, chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return "".join(drawn(chance, *chance.choice(SCRIPTS), DOCUMENT // 2))
    if kind == 1:
        return " ".join(drawn(chance, 0, 0x2FFFF, DOCUMENT // 2))
    if kind == 2:
        return ours.decode(chance.choices(range(1000, min(50_000, ours.n_vocab)), k=DOCUMENT // 4))
    return "".join(chance.choices(HARD, k=DOCUMENT))


def drawn(chance: random.Random, first: int, last: int, size: int) -> str:
    """Characters from first to last."""
    points: NDArray[np.uint32] = np.random.default_rng(chance.getrandbits(64)).integers(first, last, size, np.uint32)
    return points[characters()[points]].tobytes().decode("utf-32-le")


def compared(name: str, megabytes: float, seed: int = 0, always_own: bool = False) -> Outcome:
    """Compares so much text."""
    ours, near, own = pair(name)
    near = own if always_own else near
    done = decided = 0
    for number, text in zip(count(), documents(ours, seed), strict=False):
        ids = list(ours.encode(text))
        if ids != near(text):
            decided += 1
            if ids != own(text):
                return Outcome(f"document {number} differs", decided, done)
        if len(ids) != ours.count(text):
            return Outcome(f"the count of document {number} differs", decided, done)
        done += len(text.encode())
        if done >= megabytes * 1e6:
            return Outcome(None, decided, done)
    raise AssertionError("documents do not end")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoding", nargs="*", help="every bundled one by default")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="of the first part; the next ones count up from it")
    parser.add_argument("--log", type=Path, help="file to append to; parts that it has are done")
    parser.add_argument("--own", action="store_true", help="compare with the encoding's own library only")
    options = parser.parse_args()
    log = Log(options.log)
    for part in range(options.seed, options.seed + math.ceil(options.megabytes / PART)):
        for name in options.encoding or EVERY:
            if log.has(name, part):
                continue
            start = time.perf_counter()
            difference, decided, size = compared(name, PART, part, options.own)
            seconds = time.perf_counter() - start
            log.add(name, part, f"{size / 1e6:.1f}", f"{seconds:.0f}", decided, difference or "equal")
            if difference:
                return 1
    return 0


class Log:
    """Lines of tab-separated fields, printed and, where there is a file, appended to it."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path and path.exists() else []
        self.done = {tuple(line.split("\t")[:2]) for line in lines}

    def has(self, *key: object) -> bool:
        return tuple(map(str, key)) in self.done

    def add(self, *fields: object) -> None:
        line = "\t".join(map(str, fields))
        print(line, flush=True)
        if self.path:
            with self.path.open("a") as file:
                file.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
