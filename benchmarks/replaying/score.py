"""Score: one policy on one session, or on several together.

The constant block in front of every prompt is no part of it: it is written once a session, read with every later
request, whatever the policy, and added when a bill is asked for.
"""

from collections import Counter
from dataclasses import dataclass, field, fields

from benchmarks.replaying.references import AGES, Reference
from ctxpack.providers import Usage

# Write and read price, in input prices.
PRICES = {"5m": (1.25, 0.1), "1h": (2.0, 0.1), "flat": (1.0, 0.1)}


@dataclass
class Score:
    """Usage with and without packing, what was kept, and what it took. Scores add up.

    Attributes:
        sessions: how many there were; requests: how many were packed.
        before: billed without packing; after: with it.
        refetched: billed for fetching each lost block once, beside `after`; fetches: requests that this takes.
        breaks: how often a prompt did not begin with the one before it.
        seconds: of CPU time, spent packing.
        references: rare ones by (kind, age); visible: those of them that the packed prompt shows.
        recoverable: rare ones of results that are visible or behind a handle.
        named: rare ones of results that are visible elsewhere than in a list of names.
        weights: of all references to results, rare or not; seen: of those that are visible.
        turns: that refer to a result; whole: those of them that lost nothing.
        unrecovered: handles that did not give their text back.
        broken_pairs: results without a call, and calls without a result, that the prompts did not have unpacked.
    """

    sessions: int = 0
    requests: int = 0
    before: Usage = field(default_factory=Usage)
    after: Usage = field(default_factory=Usage)
    refetched: Usage = field(default_factory=Usage)
    fetches: int = 0
    breaks: int = 0
    seconds: float = 0.0
    references: Counter[tuple[str, str]] = field(default_factory=Counter)
    visible: Counter[tuple[str, str]] = field(default_factory=Counter)
    recoverable: int = 0
    named: int = 0
    weights: float = 0.0
    seen: float = 0.0
    turns: int = 0
    whole: int = 0
    unrecovered: int = 0
    broken_pairs: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(*(getattr(self, name.name) + getattr(other, name.name) for name in fields(self)))

    def note(self, reference: Reference, visible: bool, named: bool, recoverable: bool) -> None:
        if reference.kind != "own":
            self.weights += reference.weight
            self.seen += visible * reference.weight
        if reference.is_rare:
            self.references[reference.kind, reference.age] += 1
            self.visible[reference.kind, reference.age] += visible
        if reference.is_of_results:
            self.recoverable += visible or recoverable
            self.named += named

    def bill(self, prices: str, constant: int, *, refetched: bool = False) -> float:
        """Change of the input bill in percent, with so many tokens in front of every prompt."""
        write, read = PRICES[prices]
        standing = Usage(0, constant * (self.requests - self.sessions), constant * self.sessions)
        spent = self.after + self.refetched + Usage(0, constant * self.fetches, 0) if refetched else self.after
        before, after = (
            usage.cache_write * write + usage.cache_read * read for usage in (self.before + standing, spent + standing)
        )
        return 100 * (after / before - 1)

    def share(self, *kinds: str, age: str | None = None) -> float | None:
        """Percent of the references of some kinds (and of one age) that are visible; None where there are none."""
        keys = [key for key in self.references if key[0] in kinds and age in (None, key[1])]
        return _percent(sum(self.visible[key] for key in keys), sum(self.references[key] for key in keys))

    def to_dict(self, constant: int) -> dict[str, object]:
        of_results = sum(count for key, count in self.references.items() if key[0] != "own")

        def sent(usage: Usage) -> int:
            return usage.input + constant * self.requests

        return {
            "sessions": self.sessions,
            "requests": self.requests,
            "sent": 100 * (sent(self.after) / sent(self.before) - 1),
            **{prices: self.bill(prices, constant) for prices in PRICES},
            "refetch": self.bill("5m", constant, refetched=True),
            "breaks": self.breaks,
            "ms": 1000 * self.seconds / self.requests,
            "references": of_results,
            "visible": self.share("id", "line"),
            "id": self.share("id"),
            "line": self.share("line"),
            "named": _percent(self.named, of_results),
            "weighted": _percent(self.seen, self.weights),
            **{age: self.share("id", "line", age=age) for age in AGES},
            "recoverable": _percent(self.recoverable, of_results),
            "own": self.share("own"),
            "turns": self.turns,
            "whole": _percent(self.whole, self.turns),
            "unrecovered": self.unrecovered,
            "broken_pairs": self.broken_pairs,
        }


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None
