"""Ids of encodings held to their own libraries' on millions of small cases, and on every code point.

    python -m benchmarks.cases [ENCODING or MODEL.model ...] [--cases 1000000] [--seed 0] [--log FILE]
    python -m benchmarks.cases [ENCODING or MODEL.model ...] --points [--log FILE]

Without names, every encoding. A case is put together from letters, marks, digits and signs of every class, runs of
blanks, contractions, emoji, halves of surrogate pairs and what looks like special tokens; or is a piece of a file in
which something was changed; or is any bytes. --points takes all code points but surrogates, each alone and beside
letters, a blank and a digit. What is compared with, lines and log are those of parity.py, beside this file, in batches
of BATCH cases; code points that are no characters in the Unicode of this Python (unicodedata) are told apart, because
libraries differ in them.
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from benchmarks.parity import EVERY, Log, Pair, characters, documents, pair
from ctxpack._native.sentencepiece import SentencePieceEncoding
from ctxpack.tokens import Encoding

BATCH = 50_000
CONTEXTS = ["{}", "a{}b", "A{}z", " {}", "1{}", "{}'s", "\u4e2d{}\u4e2d", "{0}{0}\n"]
LETTERS = "aAzZßéÉſKǅǆʰªºเก中文語一龥いっぱ゠・ーヿ한글가각अआאبπЖжıİ\u0131\u1e9e𝐀𐐀𠀀"
MARKS = "\u0301\u0327\u0345\u0488\u0898\u093e\u3099\u200d\ufe0f\u20e3"
DIGITS = "0123456789٣²½Ⅷ①〇𝟘"
SIGNS = ".,;:!?'’\"`()[]{}<>|/\\-_=+*&^%$#@~§©€«»…—。、！\u00ad\u200b\ufeff\ufffd\x00\x07\x1b\x7f\x80"
# fmt: off
BLANKS = [
    " ", "  ", "   ", " " * 17, "\n", "\n\n", "\n" * 9, "\r\n", "\r", "\t", "\t\t", "\x0b", "\x0c", "\x1c", "\x85",
    "\u00a0", "\u2003", "\u2028", "\u3000", " \n", "\n ", "  \n  ", "\r\n\r\n",
]
WORDS = [
    "the", " and", " Tokens", "HTTPServer", "camelCase", "ABCdef", " naïve", "中文", "日本語", "안녕", "Привет", " def",
    "x1", "123", "1234567", "--", "===", "://", "'s", "'S", "'ll", "'LL", "'t", "'re", "'VE", "'d", "'m", "'ſ", "’s",
    "👍🏽", "👨\u200d👩\u200d👧", "🇩🇪", "e\u0301\u0327", "\u1100\u1161\u11a8",
    "\ud800", "\udc00", "\ud83d\udc4d", "\udfff",  # halves of surrogate pairs, and a whole one
]
ALIKE = [
    "<|endoftext|>", "<|im_start|>", "<|endof", "|>", "<s>", "</s>", "<think>", "[INST]", "<｜User｜>", "<unk>", "]~b]",
]
# fmt: on


@cache
def fragments(ours: Encoding | SentencePieceEncoding) -> list[str]:
    """What cases are put together from: every kind as often, whatever it has."""
    special = list(ours.special_tokens)[:50] if isinstance(ours, Encoding) else ALIKE
    kinds = [list(LETTERS), list(LETTERS), list(MARKS), list(DIGITS), list(SIGNS), BLANKS, BLANKS, WORDS, WORDS]
    longest = max(map(len, kinds))
    return [fragment for kind in kinds for fragment in (kind * longest)[:longest]] + special[:20] + ALIKE


def cases(ours: Encoding | SentencePieceEncoding, seed: int) -> Iterator[str | bytes]:
    """Cases without end."""
    chance = random.Random(seed)
    known = fragments(ours)
    texts = list(islice(documents(ours, seed), 40))
    while True:
        kind = chance.randrange(8)
        if kind < 4:
            yield "".join(chance.choices(known, k=chance.randrange(1, 16)))
        elif kind < 7:
            yield changed(chance, chance.choice(texts), known)
        else:
            yield spoiled(chance, chance.choice(texts))


def changed(chance: random.Random, text: str, known: list[str]) -> str:
    """A piece of a text with one to three places cut out or put in."""
    start, size = chance.randrange(max(1, len(text))), chance.randrange(1, 60)
    piece = text[start : start + size]
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(piece) + 1)
        piece = piece[:at] + chance.choice(known) + piece[at + chance.randrange(3) :]
    return piece


def spoiled(chance: random.Random, text: str) -> bytes:
    """A piece of a text in UTF-8, cut anywhere, with a byte or two that do not belong there."""
    data = text.encode("utf-8", "replace")
    start, size = chance.randrange(max(1, len(data))), chance.randrange(1, 60)
    piece = data[start : start + size]
    at = chance.randrange(len(piece) + 1)
    return piece[:at] + chance.randbytes(chance.randrange(3)) + piece[at + chance.randrange(3) :]


def valid(case: str | bytes) -> str:
    """The text that a case counts as."""
    if isinstance(case, bytes):
        return case.decode("utf-8", "replace")
    if case.isascii():
        return case
    return case.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def differing(each: Pair, batch: list[str] | list[str | bytes]) -> tuple[list[int], int]:
    """Which cases differ, by their place, and how many the encoding's own library had to decide."""
    ours = [memoryview(each.ours.encode(case)).tolist() for case in batch]
    doubtful = []
    for place, (case, ids) in enumerate(zip(batch, ours, strict=True)):
        if ids != each.near(valid(case)):
            doubtful.append(place)
    different = [place for place in doubtful if ours[place] != each.own(valid(batch[place]))]
    if each.ours.count_batch(batch, 1) != list(map(len, ours)):
        different += [place for place, case in enumerate(batch) if each.ours.count(case) != len(ours[place])]
    return different, len(doubtful)


def try_cases(name: str, seed: int, log: Log) -> bool:
    """Whether a batch of cases is equal."""
    each, start = pair(name), time.perf_counter()
    batch = list(islice(cases(each.ours, seed), BATCH))
    different, decided = differing(each, batch)
    found = ascii(min((batch[place] for place in different), key=len)) if different else "equal"
    log.add(name, seed, len(batch), f"{time.perf_counter() - start:.0f}", decided, found)
    return not different


def try_points(name: str, log: Log) -> bool:
    """Whether every character is equal in every context; what is none may differ, and is counted."""
    each, good, known = pair(name), True, characters()
    points = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    for context in CONTEXTS:
        start = time.perf_counter()
        different, decided = differing(each, [context.format(chr(point)) for point in points])
        wrong = [f"U+{points[place]:04X}" for place in different if known[points[place]]]
        found = f"{len(wrong)} differ, first {wrong[0]}" if wrong else "equal"
        unknown = f"{len(different) - len(wrong)} unassigned differ"
        log.add(name, ascii(context), len(points), f"{time.perf_counter() - start:.0f}", decided, unknown, found)
        good &= not wrong
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoding", nargs="*", help="every bundled one by default")
    parser.add_argument("--cases", type=int, default=1_000_000, help="of each encoding, in whole batches")
    parser.add_argument("--seed", type=int, default=0, help="of the first batch; the next ones count up from it")
    parser.add_argument("--points", action="store_true", help="every code point instead of cases")
    parser.add_argument("--log", type=Path, help="file to append to; batches that it has are done")
    options = parser.parse_args()
    log, names = Log(options.log), options.encoding or EVERY
    if options.points:
        return int(not min(try_points(name, log) for name in names))  # min looks at all of them
    seeds = range(options.seed, options.seed + math.ceil(options.cases / BATCH))
    return int(not all(try_cases(name, seed, log) for seed in seeds for name in names if not log.has(name, seed)))


if __name__ == "__main__":
    sys.exit(main())
