"""Anthropic's caching rule, written out slowly: one list of blocks, one list of entries, no shared code."""

from typing import NamedTuple


class Mark(NamedTuple):
    block: int
    long: bool


class Request(NamedTuple):
    """`keys`: what each block is; `kinds`: its kind; `tokens`: of each block; `marks`: breakpoints in order."""

    keys: tuple[str, ...]
    kinds: tuple[str, ...]
    tokens: tuple[int, ...]
    marks: tuple[Mark, ...]


class ReferenceCache:
    def __init__(self, minimum: int, lookback: int, short: float, long: float) -> None:
        self.minimum, self.lookback, self.ttl = minimum, lookback, {False: short, True: long}
        self.entries: dict[tuple[str, ...], tuple[float, float]] = {}

    def send(self, request: Request, now: float) -> tuple[int, int, int, int]:
        """(uncached, read, written short, written long) tokens."""
        marks = [mark for mark in request.marks if self.upto(request, mark.block) >= self.minimum]
        hit = self.highest_hit(request, marks, now)
        read = self.upto(request, hit)
        after = [mark for mark in marks if mark.block > hit]
        middle = max([self.upto(request, mark.block) for mark in after if mark.long], default=read)
        end = max([self.upto(request, mark.block) for mark in after], default=read)
        if hit >= 0:
            key = request.keys[: hit + 1]
            ttl = self.entries[key][1]
            self.entries[key] = (now + ttl, ttl)
        for mark in marks:
            key = request.keys[: mark.block + 1]
            if mark.block > hit:
                self.entries[key] = (now + self.ttl[mark.long], self.ttl[mark.long])
            elif key in self.entries and now <= self.entries[key][0]:
                self.entries[key] = (now + self.entries[key][1], self.entries[key][1])
        return sum(request.tokens) - end, read, end - middle, middle - read

    def upto(self, request: Request, block: int) -> int:
        return sum(request.tokens[: block + 1])

    def highest_hit(self, request: Request, marks: list[Mark], now: float) -> int:
        for mark in reversed(marks):
            positions, block = 1, mark.block
            while block >= 0 and positions <= self.lookback:
                entry = self.entries.get(request.keys[: block + 1])
                if entry is not None and now <= entry[0]:
                    return block
                block -= 1
                if block >= 0:
                    run = request.kinds[block] == request.kinds[block + 1] in ("tool_use", "tool_result")
                    positions += not run
        return -1
