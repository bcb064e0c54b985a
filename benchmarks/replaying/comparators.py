"""What others do, in a few lines: plain functions of a request's messages that change them in place.

`at` is the request's number in its session. None of them is tuned, remembers anything or leaves a way back.
"""

from collections.abc import Callable
from functools import partial

from benchmarks.replaying.messages import Message, results
from ctxpack.tokens import encoding

CLEARED = "[cleared]"

Change = Callable[[list[Message], int], None]

_encoding = encoding("o200k_base")


def nothing(messages: list[Message], at: int) -> None:
    """The requests as they are."""


def drop(messages: list[Message], at: int) -> None:
    """No result at all: the least that can be sent without touching what was said."""
    for part in results(messages):
        part["content"] = ""


def clear(messages: list[Message], at: int, *, keep: int, every: int = 1) -> None:
    """All results cleared but the latest; what is cleared changes at every so manieth request only."""
    decided = list(results(messages[: len(messages) - 2 * (at % every)]))
    for part in decided[: max(len(decided) - keep, 0)]:
        part["content"] = CLEARED


def ends(messages: list[Message], at: int, *, tokens: int) -> None:
    """Head and tail of every result."""
    for part in results(messages):
        whole = part["content"]
        if _encoding.count(whole) > tokens:
            head, tail = (_encoding.truncate(whole, tokens // 2, keep) for keep in ("head", "tail"))
            part["content"] = f"{head}\n...\n{tail}"


COMPARATORS: dict[str, Change] = {
    "nothing": nothing,
    "drop": drop,
    "window 16": partial(clear, keep=16),
    "batch 3/10": partial(clear, keep=3, every=10),
    "batch 8/20": partial(clear, keep=8, every=20),
    "ends 2k": partial(ends, tokens=2000),
    "ends 500": partial(ends, tokens=500),
}
