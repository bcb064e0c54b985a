"""The core's scanners against the published regular expressions, run by `regex`."""

import itertools
import os
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack._native.bpe import BpeEncoding
from ctxpack.tokens.patterns import native_pattern, splitter
from ctxpack.tokens.vocabulary import DATA, read_vocabulary

# One bundled encoding for each scanner.
SCANNERS = {
    "o200k": "o200k_base",
    "tekken": "tekken",
    "cl100k": "cl100k_base",
    "llama3": "glm4",
    "qwen": "qwen3",
    "qwen3.5": "qwen3.5",
    "gpt2": "r50k_base",
    "kimi": "kimi_k2",
    "deepseek": "deepseek_v3",
}
# Characters that most pairs of alternatives of some pattern compete for.
PARTS = [
    *"aZsTé中ーあ〇⺀々가३7½ⅷ'’!/.(_-= \t\v\f\n\r\x00\x1c\x7f",
    "\u0301", "\u0300\u0301", "\u093f", "\u00a0", "\u0085", "\u3000", "\u2028", "\u200d", "\u01c5", "\u017f", "\u212a",
    "\u3099", "\u309b", "\u30fb", "フ\u309c", "\u9fa5", "\u9fa6", "\U00016ff0", "\u200b", "\ue000",
    "'s", "'LL", "'vE", "'\u017f",
    "hello", "World", "camelCase", "12345", "\r\n", " \n ", "  ", "👍", "\U0001d7d9", "〇",
]  # fmt: skip


def twin(name: str) -> BpeEncoding:
    """The encoding with its pretokens found by `regex`."""
    vocabulary = read_vocabulary(os.path.join(DATA, f"{name}.vocab"), name)
    return BpeEncoding(
        name,
        "external",
        vocabulary.single_bytes,
        vocabulary.pairs,
        vocabulary.wholes,
        vocabulary.spares,
        vocabulary.runs,
        vocabulary.hasty,
        vocabulary.specials,
        split=splitter(vocabulary.about.regexes),
    )


@pytest.fixture(scope="module", params=SCANNERS)
def pair(request: pytest.FixtureRequest) -> tuple[BpeEncoding, BpeEncoding]:
    name = SCANNERS[request.param]
    slow = twin(name)
    regexes = read_vocabulary(os.path.join(DATA, f"{name}.vocab"), name).about.regexes
    assert native_pattern(regexes) == request.param
    vocabulary = read_vocabulary(os.path.join(DATA, f"{name}.vocab"), name)
    fast = BpeEncoding(
        name,
        request.param,
        vocabulary.single_bytes,
        vocabulary.pairs,
        vocabulary.wholes,
        vocabulary.spares,
        vocabulary.runs,
        vocabulary.hasty,
        vocabulary.specials,
    )
    return fast, slow


def test_every_pair_of_parts_and_many_more_in_a_row(pair: tuple[BpeEncoding, BpeEncoding]) -> None:
    fast, slow = pair
    for text in map("".join, itertools.product(PARTS, repeat=2)):
        assert fast.encode(text) == slow.encode(text), text
    draw = random.Random(5)
    for _ in range(4000):
        text = "".join(draw.choices(PARTS, k=draw.randrange(3, 12)))
        assert fast.encode(text) == slow.encode(text), text


# Of characters newer than the scanners' tables `regex` may know more: none that Python does not know.
KNOWN = st.characters(exclude_categories=("Cn", "Cs"))


@given(st.lists(st.one_of(st.sampled_from(PARTS), st.text(KNOWN, max_size=3)), max_size=20).map("".join))
def test_any_text(pair: tuple[BpeEncoding, BpeEncoding], text: str) -> None:
    fast, slow = pair
    assert fast.encode(text) == slow.encode(text)


def test_every_code_point_among_others(pair: tuple[BpeEncoding, BpeEncoding]) -> None:
    fast, slow = pair
    points = [point for point in range(0x30000) if unicodedata.category(chr(point)) not in ("Cn", "Cs")]
    for first in range(0, len(points), 2000):
        for form in ("{0}", "a{0}b", " {0}{0}\n", "1{0}1", "'{0}", "A {0}a"):
            text = "\n".join(form.format(chr(point)) for point in points[first : first + 2000])
            assert fast.encode(text) == slow.encode(text), (hex(points[first]), form)
