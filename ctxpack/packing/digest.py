"""Digest: what stays of a long result when it enters: head, tail, error lines, and the names in the rest."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ctxpack.packing.calls import Call
from ctxpack.packing.names import names
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import EntryLimits
from ctxpack.packing.rewrites import Pieces, Rewrite, Then, marker

# Lines that a reader of a log looks for first.
_ERROR = re.compile(
    r"error|fail|exception|traceback|panic|fatal|assert|warning|\b[0-9]+ (passed|failed|tests?)\b", re.I
)
# Part of the budget that error lines may take; head and tail share the rest.
_ERRORS = 0.5
_HEAD = 0.4
# Characters of one unit; longer lines are cut into several.
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Digester:
    """Cuts long results to a budget of tokens as they enter.

    Attributes:
        count: tokens of a text.
        originals: where the uncut texts are kept.
        rule: the budgets.

    Thread-safety: as its originals.
    """

    count: Callable[[str], int]
    originals: Originals
    rule: EntryLimits

    def digest(self, original: str, call: Call, shaped: Rewrite | None) -> Rewrite | None:
        """A result within its budget, or None where it fits or a digest is no shorter. O(characters).

        Args:
            original: the result as the caller sent it.
            call: the call it answers.
            shaped: its lossless form, if that is shorter: the digest is made of that.
        """
        budget = self.rule.reads if call.is_quotable else self.rule.commands
        text = original if shaped is None else shaped.recipe.apply(original)
        long = self.count(text)
        if long <= budget:
            return None
        lines = list(_units(text))
        handle = self.originals.put(original)
        parts = self._parts(lines, self._kept(lines, budget), handle, int(self.rule.names * long))
        cut = Pieces(tuple(parts))
        after = self.count(cut.apply(text))
        if after >= long:
            return None
        recipe = cut if shaped is None else Then(shaped.recipe, cut)
        return Rewrite("clipped", recipe, handle, self.count(original), after)

    def _kept(self, lines: list[str], budget: int) -> set[int]:
        """Numbers of the lines that stay."""
        costs = [self.count(line) for line in lines]
        errors = (at for at, line in enumerate(lines) if _ERROR.search(line))
        kept = set(_within(errors, costs, int(_ERRORS * budget)))
        rest = budget - sum(costs[at] for at in kept)
        kept |= set(_within(range(len(lines)), costs, int(_HEAD * rest)))
        return kept | set(_within(reversed(range(len(lines))), costs, int((1 - _HEAD) * rest)))

    def _parts(self, lines: list[str], kept: set[int], handle: str, budget: int) -> Iterator[tuple[int, int] | str]:
        """Runs of kept lines, and notes in place of the others; the names stand behind the last note."""
        at, gap = 0, 0
        removed: list[str] = []
        for number, line in enumerate(lines):
            if number in kept:
                if gap:
                    yield marker(handle, f"{gap} lines left out") + "\n"
                    gap = 0
                yield (at, at + len(line))
            else:
                gap += 1
                removed.append(line)
            at += len(line)
        if gap:
            yield marker(handle, f"{gap} lines left out")
        found = names("".join(removed), budget, self.count)
        if found:
            yield f"\nnames left out: {found}"


def _units(text: str) -> Iterator[str]:
    """Lines; a line too long to be kept or left whole comes in pieces."""
    for line in text.splitlines(keepends=True):
        yield from (line[at : at + _LONGEST] for at in range(0, len(line), _LONGEST))


def _within(numbers: "Iterator[int] | range | reversed[int]", costs: list[int], budget: int) -> Iterator[int]:
    """Numbers from the front as long as their costs fit the budget."""
    for number in numbers:
        budget -= costs[number]
        if budget < 0:
            return
        yield number
