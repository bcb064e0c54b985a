"""From the tokens and merges of a foreign vocabulary to ranks: the order of merges that the core works by.

The core takes merges in rising order of rank, each of two older tokens. Vocabularies come in other orders: a token may
have a lower priority number than a half of it. Then its merge waits until that half is made, and happens there and
then, before the same half is made anywhere else in the pretoken. Such a token is ranked right after its half, which
comes to the same unless two of these merges can reach for one neighbour. Where they can, the core is told to hurry.
Where a merge of two such tokens can come before one that is ranked in front of it, no ranks say which is first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from itertools import chain, pairwise
from typing import NamedTuple, Protocol

from ctxpack.tokens.vocabulary import NO_ID

# The bytes that UTF-8 never has: no text needs a token of theirs.
_IN_NO_TEXT = frozenset([0xC0, 0xC1, *range(0xF5, 0x100)])
_SHIFT = 25  # bits of a token id, which may be 1 << 24
_NONE = 1 << 60


class Merges(Protocol):
    """Pairs of token ids -> priority << _SHIFT | id of the token they merge into."""

    def __getitem__(self, pair: tuple[int, int], /) -> int: ...


class ListedMerges(dict[tuple[int, int], int]):
    """Merges that are listed one by one, the first first; of a pair that is listed again the last counts."""

    def __init__(self, merges: Iterable[tuple[int, int, int]]) -> None:
        for priority, (left, right, made) in enumerate(merges):
            self[left, right] = priority << _SHIFT | made

    def __missing__(self, pair: tuple[int, int]) -> int:
        return _NONE


class ImpliedMerges(dict[tuple[int, int], int]):
    """Any two tokens that make a token merge, the lowest id first, as in tiktoken."""

    def __init__(self, tokens: Mapping[int, bytes]) -> None:
        self._tokens = tokens
        self._ids = {text: token for token, text in tokens.items()}

    def __missing__(self, pair: tuple[int, int]) -> int:
        made = self._ids.get(self._tokens[pair[0]] + self._tokens[pair[1]])
        found = self[pair] = _NONE if made is None else made << _SHIFT | made
        return found


class Ranking(NamedTuple):
    """Tokens by rank.

    Attributes:
        single_bytes: the bytes of rank 0 to 255.
        ids: the id of every token that is a byte or made by merges, in order of rank; NO_ID of a byte without a token.
        halves: for each rank from 256 on, the ids of the two tokens it is made of.
        unmade: ids of the tokens that no merge makes, in rising order.
        hasty: first and last rank of tokens that are made one from the other at once, before any other merge.
    """

    single_bytes: bytes
    ids: list[int]
    halves: list[tuple[int, int]]
    unmade: list[int]
    hasty: list[tuple[int, int]]


class _Made(NamedTuple):
    """How a token is made: its halves, the priority of their merge, and where in the order that leaves it.

    `root` is the priority of the merge that it happens with, `stage` counts the merges that follow that one at once.
    """

    left: int
    right: int
    priority: int
    root: int
    stage: int


def ranked(tokens: Mapping[int, bytes], merges: Merges) -> Ranking:
    """Ranks the tokens of a vocabulary.

    Raises:
        ValueError: a byte that texts have has no token, or ranks cannot say in which order tokens are merged.

    Complexity: O(n log n) of each token's bytes, some 10 us a token.
    """
    single = {text[0]: token for token, text in tokens.items() if len(text) == 1}
    lacking = frozenset(range(256)).difference(single)
    if not lacking <= _IN_NO_TEXT:
        raise ValueError(f"no token is the byte 0x{min(lacking - _IN_NO_TEXT):02x}")
    made: dict[int, _Made] = {}
    for token, text in sorted(tokens.items(), key=lambda item: len(item[1])):
        if len(text) < 2 or not lacking.isdisjoint(text):
            continue
        found = _last_merge([single[byte] for byte in text], merges)
        if found is not None:
            left, right, priority, result = found
            if result == token:
                made[token] = _placed(left, right, priority, made)
    order = sorted(made, key=lambda token: (made[token].root, made[token].stage, made[token].priority))
    ids = [*sorted(single.values()), *(NO_ID for _ in lacking), *order]
    ranks = {token: rank for rank, token in enumerate(ids)}
    hasty = list(_hasty(made))
    for token in chain.from_iterable(hasty):
        _require_characters(tokens[token])
    return Ranking(
        bytes([*sorted(single, key=single.__getitem__), *sorted(lacking)]),
        ids,
        [(made[token].left, made[token].right) for token in order],
        sorted(token for token, text in tokens.items() if len(text) > 1 and token not in made),
        sorted((min(group), max(group)) for group in ([ranks[token] for token in group] for group in hasty)),
    )


def _last_merge(symbols: list[int], merges: Merges) -> tuple[int, int, int, int] | None:
    """Left, right, priority and result of the merge that makes one token of the symbols, or None if more stay.

    By the definition of BPE: always the pair of lowest priority, the leftmost of equals. O(n log n).
    """
    ranks = [merges[pair] for pair in pairwise(symbols)]  # of each symbol with the one after it
    ranks.append(_NONE)
    queue = [(rank, at) for at, rank in enumerate(ranks) if rank != _NONE]
    heapify(queue)
    size = left = len(symbols)
    before, after = list(range(-1, size - 1)), list(range(1, size + 1))
    while queue:
        rank, at = heappop(queue)
        if ranks[at] != rank:  # one of the two has become a part of another
            continue
        right, result = after[at], rank & (1 << _SHIFT) - 1
        if left == 2:
            return symbols[at], symbols[right], rank >> _SHIFT, result
        left -= 1
        symbols[at] = result
        ranks[at] = ranks[right] = _NONE
        after[at] = following = after[right]
        if following < size:
            before[following] = at
            ranks[at] = found = merges[result, symbols[following]]
            if found != _NONE:
                heappush(queue, (found, at))
        first = before[at]
        if first >= 0:
            ranks[first] = found = merges[symbols[first], result]
            if found != _NONE:
                heappush(queue, (found, first))
    return None


def _placed(left: int, right: int, priority: int, made: Mapping[int, _Made]) -> _Made:
    """After both halves: by its own priority, or, where that is lower than a half's, right after that half."""
    late = max((made[half] for half in (left, right) if half in made), key=lambda half: half.root, default=None)
    if late is None or late.root < priority:
        return _Made(left, right, priority, priority, 0)
    stages = [made[half].stage for half in (left, right) if half in made and made[half].root == late.root]
    return _Made(left, right, priority, late.root, max(stages) + 1)


def _hasty(made: Mapping[int, _Made]) -> Iterator[list[int]]:
    """The tokens of one root whose merges may take a neighbour that another of the same root would have taken."""
    groups = defaultdict(list)
    for token, merge in made.items():
        groups[merge.root].append(token)
    for group in groups.values():
        if len(group) > 1 and _compete(group, made):
            _require_order(group, made)
            yield group


def _compete(group: list[int], made: Mapping[int, _Made]) -> bool:
    before, after = set(), set()
    for merge in (made[token] for token in group):
        if merge.left in group and merge.right in group:
            return True
        if merge.left in group:
            after.add(merge.right)
        else:
            before.add(merge.left)
    return not before.isdisjoint(after)


def _require_characters(text: bytes) -> None:
    """The core starts from whole characters as if they had been made before all else: what is a character, or a part of
    one, cannot wait for its turn.
    """
    if not text.isascii() and len(text.decode(errors="ignore")) < 2:
        raise ValueError(f"the order of merges is not one of ranks: that of the token {text!r}")


def _require_order(group: list[int], made: Mapping[int, _Made]) -> None:
    """Merges of a token just made with one from outside the group are of one stage, and so ranked by their priorities;
    one of two tokens of the group may be of a later stage.
    """
    followers = [made[token] for token in group if made[token].stage > 0]
    for merge in followers:
        if merge.left in group and merge.right in group:
            place = (merge.stage, merge.priority)
            if any(((one.stage, one.priority) < place) != (one.priority < merge.priority) for one in followers):
                raise ValueError(f"the order of merges is not one of ranks: that of {merge.left} and {merge.right}")
