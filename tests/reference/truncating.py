"""The longest start or end of a text that has at most so many tokens: every cut tried."""

from collections.abc import Callable


def longest_head(count: Callable[[str], int], text: str, n: int) -> str:
    return next(text[:end] for end in range(len(text), -1, -1) if count(text[:end]) <= n)


def longest_tail(count: Callable[[str], int], text: str, n: int) -> str:
    return next(text[start:] for start in range(len(text) + 1) if count(text[start:]) <= n)
