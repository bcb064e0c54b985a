"""Shares: how the texts of one result divide the limit that it enters with."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import accumulate

from ctxpack.packing.texts import Key, Text


class Shares:
    """Divides a limit among the texts of a result: short ones stay whole, and longer ones have as much each.

    A part that says what went wrong, in front of a log of any length, is not cut for the log's sake.

    Args:
        tokens: of each text.

    Thread-safety: immutable, safe to share.

    >>> Shares([20, 1000, 5000]).most(400)
    190
    """

    def __init__(self, tokens: Iterable[int]) -> None:
        self._tokens = sorted(tokens)
        self._before = (0, *accumulate(self._tokens))

    def most(self, limit: int) -> int:
        """Tokens that one text may have, so that all of them have no more than a limit. O(log texts)."""
        whole = bisect_right(range(len(self._tokens)), limit, key=self._cut_to)
        others = len(self._tokens) - whole
        return (limit - self._before[whole]) // others if others else limit

    def _cut_to(self, text: int) -> int:
        """Tokens of all where none has more than this one."""
        return self._before[text] + (len(self._tokens) - text) * self._tokens[text]


# Of a result that is one text.
ALONE = Shares(())


def shares(texts: Iterable[Text], count: Callable[[str], int]) -> dict[Key, Shares]:
    """Those of the results that have several texts, by text. O(characters of those results)."""
    results: dict[tuple[int, str], list[Text]] = defaultdict(list)
    for text in texts:
        if text.is_result:
            results[text.source.message, text.source.call_id].append(text)
    several = [parts for parts in results.values() if len(parts) > 1]
    divided = [(parts, Shares(count(text.read()) for text in parts)) for parts in several]
    return {text.key: found for parts, found in divided for text in parts}
