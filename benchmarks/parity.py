"""Ids of an encoding held to its own library's, on as much text as asked for: 1000 MB a night, a few MB in the tests.

Run: python benchmarks/parity.py [encoding [megabytes [seed]]]

The text is drawn in documents from the sources and manuals of the Python packages that are installed, mixed with
generated Unicode: runs of one script, random characters, tokens of the vocabulary in random order, and what splits
badly. The first difference ends the run with exit code 1 and the document's number; the same seed draws the same
documents. Code points that are no characters yet are left out: libraries differ in the version of Unicode they know.
"""

import random
import sys
import sysconfig
import time
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ctxpack.tokens import Encoding
from tests.tokens.conftest import NAMES, pair_named
from tests.tokens.oracles import Encode, oracle

DOCUMENT = 20_000  # characters
SUFFIXES = {".py", ".pyi", ".md", ".rst", ".txt", ".json", ".html", ".js", ".css", ".c", ".h", ".pyx", ".toml"}
SCRIPTS = [
    (0x20, 0x7F),
    (0xA0, 0x250),
    (0x370, 0x530),
    (0x590, 0x700),
    (0x900, 0xE80),
    (0x1100, 0x1200),
    (0x3040, 0x3100),
]
SCRIPTS += [(0x4E00, 0x9FA6), (0xAC00, 0xD7A4), (0x300, 0x370), (0x2000, 0x2C00), (0x1F300, 0x1FAFF), (0x0, 0x3000)]
HARD = " \n\t\r\u00a0\u3000'’sStTlLdD0123456789=-_/.,!?aAzZéÉe\u0301中文いっぱ👍🏽\u200d"


def encoders(name: str) -> tuple[Encoding, Encode]:
    if name in NAMES:
        pair = pair_named(name)
        return pair.ours, pair.theirs.encode_ordinary
    return oracle(name)


def documents(ours: Encoding, seed: int) -> Iterator[str]:
    """Texts without end, every other one from a file."""
    chance = random.Random(seed)
    places = {sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")}
    files = sorted(path for place in places for path in Path(place).rglob("*") if path.suffix in SUFFIXES)
    while True:
        text = chance.choice(files).read_bytes().decode("utf-8", "replace")
        start = chance.randrange(max(1, len(text) - DOCUMENT))
        yield text[start : start + DOCUMENT]
        yield generated(ours, chance)


def generated(ours: Encoding, chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        first, last = chance.choice(SCRIPTS)
        letters = (chr(chance.randrange(first, last)) for _ in range(DOCUMENT // 4))
        return "".join(letter for letter in letters if unicodedata.category(letter) != "Cn")
    if kind == 1:
        points = (chr(chance.randrange(0x2FFFF)) for _ in range(DOCUMENT // 8))
        return " ".join(point for point in points if unicodedata.category(point) not in ("Cn", "Cs"))
    if kind == 2:
        return ours.decode(chance.choices(range(1000, 50_000), k=DOCUMENT // 8))
    return "".join(chance.choices(HARD, k=DOCUMENT // 4))


def difference(name: str, megabytes: float, seed: int = 0) -> str | None:
    """What differs first on so much text, or None."""
    ours, theirs = encoders(name)
    done = 0
    for number, text in zip(count(), documents(ours, seed), strict=False):
        ids = list(ours.encode(text))
        if ids != theirs(text) or len(ids) != ours.count(text):
            return f"{name}: document {number} of seed {seed} differs"
        done += len(text.encode())
        if done >= megabytes * 1e6:
            return None
    raise AssertionError("documents do not end")


def main(name: str = "o200k_base", megabytes: str = "20", seed: str = "0") -> None:
    start = time.perf_counter()
    found = difference(name, float(megabytes), int(seed))
    print(found or f"{name}: {megabytes} MB equal, {time.perf_counter() - start:.0f} s")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
