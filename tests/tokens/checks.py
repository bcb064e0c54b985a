"""What holds of growing texts and of cuts with any encoding."""

import random
from itertools import accumulate, pairwise
from typing import AnyStr

from ctxpack.tokens import Encoding


def cut(text: AnyStr, seed: int, longest: int) -> list[AnyStr]:
    """The text in parts of random sizes."""
    draw, ends = random.Random(seed), [0]
    while ends[-1] < len(text):
        ends.append(ends[-1] + draw.randint(1, longest))
    return [text[begin:end] for begin, end in pairwise(ends)]


def assert_exact(ours: Encoding, parts: list[AnyStr]) -> None:
    counter = ours.counter()
    assert counter.count == 0
    for part, so_far in zip(parts, accumulate(parts), strict=True):
        assert counter.append(part) == ours.count(so_far) == counter.count


def assert_head(encoding: Encoding, text: str, n: int) -> None:
    kept = encoding.truncate(text, n)
    assert text.startswith(kept)
    assert encoding.count(kept) <= n
    assert (kept == text) == (encoding.count(text) <= n)
    assert kept == text or encoding.count(text[: len(kept) + 1]) > n


def assert_tail(encoding: Encoding, text: str, n: int) -> None:
    kept = encoding.truncate(text, n, keep="tail")
    assert text.endswith(kept)
    assert encoding.count(kept) <= n
    assert (kept == text) == (encoding.count(text) <= n)
    assert kept == text or encoding.count(text[-len(kept) - 1 :]) > n


def assert_ends(encoding: Encoding, text: str, n: int) -> None:
    kept, head = encoding.truncate(text, n, "ends"), encoding.truncate(text, n - n // 2)
    assert encoding.count(kept) <= n
    assert (kept == text) == (encoding.count(text) <= n)
    if kept != text:
        assert kept.startswith(head)
        assert text.endswith(kept[len(head) :])
