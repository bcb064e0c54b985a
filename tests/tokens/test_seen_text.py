"""Text that was counted before, as a whole or in part: encoding remembers no stretches, so it tells what is right."""

import random
import string
from pathlib import Path

import pytest

from ctxpack.tokens import encoding
from tests.tokens.pairs import KINDS
from tests.tokens.sentencepiece_models import ALL, pair_named

CODE = Path(string.__file__).read_text()
PARTS = [
    CODE,
    "".join(sorted(CODE)),
    "Sentences, don't they? They're " * 400,
    "カタ・カナ、漢字と「かな」。\u3000中文，标点。" * 300,
    "ประโยคภาษาไทยไม่มีช่องว่าง" * 200,
    "ab" * 9000,
    " " * 9000,
    "\n\t x1'S\r\n" * 900,
]


@pytest.mark.parametrize("name", [*KINDS, "tekken", "qwen3.5"])
def test_seen_stretches_count_the_same(name: str) -> None:
    ours = encoding(name)
    chance = random.Random(name)
    for _ in range(30):
        drawn = [chance.choice(PARTS) for _ in range(chance.randrange(1, 5))]
        starts = [part[chance.randrange(len(part)) :] for part in drawn]
        text = "".join(part[: chance.choice([100, 2000, 20_000, 60_000])] for part in starts)
        expected = len(ours.encode(text))
        assert ours.count(text) == expected
        assert ours.count(text) == expected
        cut = chance.randrange(len(text) + 1)
        assert ours.count(text[cut:]) == len(ours.encode(text[cut:]))
        assert ours.count(text[:cut]) == len(ours.encode(text[:cut]))


@pytest.mark.parametrize("name", ALL)
def test_seen_stretches_of_sentencepiece_models(name: str) -> None:
    """Among them what begins with blanks or ends in unknown characters, and sums of scores that rounding changes."""
    pair = pair_named(name)
    chance = random.Random(name)
    parts = [*(part[:2500] for part in PARTS), " \u3000" * 200, "中" * 300, "ab hello a " * 300]
    for _ in range(4):
        text = "".join(chance.choices(parts, k=chance.choice([1, 30])))
        texts = [text, text, text + chance.choice(parts), " " * 200 + text, text[chance.randrange(len(text)) :]]
        assert [pair.ours.count(text) for text in texts] == [len(pair.expected(text)) for text in texts]


def test_more_stretches_than_are_kept() -> None:
    """The table grows as far as it may, and then drives stretches out."""
    ours = encoding("o200k_base")
    numbers = range(300_000)
    count = ours.count(f"{0:07} " * 130)
    for number in (*numbers, *numbers[::1000]):
        assert ours.count(f"{number:07} " * 130) == count
