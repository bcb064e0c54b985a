"""Policies that know the future: what can be reached at 100 % visible, with user and assistant text kept.

"clairvoyant entry" lets a result enter as the lines that later turns quote, behind a marker with a handle, and never
touches it again. "clairvoyant DP" also compacts, dropping lines that no turn quotes any more, at the requests where
that lowers the bill most: dynamic programming over the requests, under 5m prices.
"""

import hashlib
from collections.abc import Callable
from itertools import accumulate

from benchmarks.replaying.comparators import Change
from benchmarks.replaying.messages import Message, results
from benchmarks.replaying.needs import Text, count, needs
from benchmarks.replaying.score import PRICES
from ctxpack.packing.markers import marker

WRITE, READ = PRICES["5m"]
_NOTE = "cut"
_MARKER = count(marker("0" * 8, _NOTE))


def entry(requests: list[list[Message]]) -> Change:
    return _packing(needs(requests), [0])


def planned(requests: list[list[Message]]) -> Change:
    texts = needs(requests)
    return _packing(texts, schedule(texts, len(requests)))


CLAIRVOYANTS: dict[str, Callable[[list[list[Message]]], Change]] = {
    "clairvoyant entry": entry,
    "clairvoyant DP": planned,
}


def _packing(texts: list[Text], compactions: list[int]) -> Change:
    kept = [text for text in texts if text.said.role == "result"]

    def change(messages: list[Message], at: int) -> None:
        since = max(request for request in compactions if request <= at)
        for text, part in zip(kept, results(messages), strict=False):
            part["content"] = shaped(text, since)

    return change


def shaped(text: Text, since: int) -> str:
    """What stays of a result at a compaction (or, later than that, at entry), if that is shorter."""
    lines = text.kept(since)
    if len(lines) == len(text.lines):
        return text.said.text
    handle = hashlib.blake2b(text.said.text.encode(), digest_size=4).hexdigest()
    cut = "\n".join([*(text.lines[line] for line in lines), marker(handle, _NOTE)])
    return cut if count(cut) < text.tokens else text.said.text


def _size(text: Text, since: int) -> int:
    """Tokens of that, about: each line counted alone."""
    if text.said.role != "result":
        return text.tokens
    return min(text.tokens, sum(text.line_tokens[line] for line in text.kept(since)) + _MARKER)


def schedule(texts: list[Text], requests: int) -> list[int]:
    """The requests at which to compact so that the bill is least; 0 stands for entry. O(requests * (requests + texts)).

    The state is the latest compaction: it says what the prompt holds at every later request.
    """
    sizes = [[_size(text, since) for text in texts] for since in range(requests)]
    totals = [_totals(texts, now, requests) for now in sizes]
    expiring = _expiring(texts, requests)
    best, origin = [0.0, *[float("inf")] * (requests - 1)], [0] * requests
    ends = []
    for since, total in enumerate(totals):
        spent = best[since] if since else WRITE * total[0]
        before, changed = [0, *accumulate(sizes[since])], len(texts)
        for request in range(since + 1, requests):
            changed = min(changed, expiring[request - 1])
            same = min(before[changed], total[request - 1])
            moved = spent + READ * same + WRITE * (totals[request][request] - same)
            if moved < best[request]:
                best[request], origin[request] = moved, since
            spent += READ * total[request - 1] + WRITE * (total[request] - total[request - 1])
        ends.append(spent)
    found = [min(range(requests), key=lambda since: ends[since])]
    while found[-1]:
        found.append(origin[found[-1]])
    return found[::-1]


def _totals(texts: list[Text], sizes: list[int], requests: int) -> list[int]:
    """Tokens of each request's prompt."""
    entering = [0] * requests
    for text, size in zip(texts, sizes, strict=True):
        entering[text.entered] += size
    return list(accumulate(entering))


def _expiring(texts: list[Text], requests: int) -> list[int]:
    """For each request, the first text with a line that is quoted then for the last time."""
    first = [len(texts)] * requests
    for number, text in reversed(list(enumerate(texts))):
        for uses in text.uses.values():
            first[uses[-1]] = number
    return first
