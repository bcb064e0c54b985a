"""Score: one policy on one session, or on several together."""

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.replaying.references import AGES, Reference
from ctxpack.providers import Usage

# Write and read price, in input prices.
PRICES = {"5m": (1.25, 0.1), "1h": (2.0, 0.1), "flat": (1.0, 0.1)}


@dataclass
class Score:
    """Usage with and without packing, what was kept, and what it took.

    Attributes:
        requests: how many were packed.
        before: billed without packing; after: with it.
        breaks: how often a prompt did not begin with the one before it.
        seconds: spent packing.
        references: by (kind, age), all and those that are visible; recoverable ones in all.
        unrecovered: handles that did not give their text back.
        broken_pairs: results without a call, and calls without a result.
    """

    requests: int = 0
    before: Usage = field(default_factory=Usage)
    after: Usage = field(default_factory=Usage)
    breaks: int = 0
    seconds: float = 0.0
    references: Counter[tuple[str, str]] = field(default_factory=Counter)
    visible: Counter[tuple[str, str]] = field(default_factory=Counter)
    recoverable: int = 0
    unrecovered: int = 0
    broken_pairs: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.requests + other.requests,
            self.before + other.before,
            self.after + other.after,
            self.breaks + other.breaks,
            self.seconds + other.seconds,
            self.references + other.references,
            self.visible + other.visible,
            self.recoverable + other.recoverable,
            self.unrecovered + other.unrecovered,
            self.broken_pairs + other.broken_pairs,
        )

    def note(self, reference: Reference) -> None:
        key = reference.kind, reference.age
        self.references[key] += 1
        self.visible[key] += reference.visible
        self.recoverable += reference.kind != "own" and reference.recoverable

    def bill(self, prices: str) -> float:
        """Change of the input bill in percent."""
        write, read = PRICES[prices]
        before, after = (usage.cache_write * write + usage.cache_read * read for usage in (self.before, self.after))
        return 100 * (after / before - 1)

    def share(self, *kinds: str, age: str | None = None) -> float | None:
        """Percent of the references of some kinds (and of one age) that are visible; None where there are none."""
        keys = [key for key in self.references if key[0] in kinds and age in (None, key[1])]
        total = sum(self.references[key] for key in keys)
        return 100 * sum(self.visible[key] for key in keys) / total if total else None

    def to_dict(self) -> dict[str, object]:
        of_results = sum(count for key, count in self.references.items() if key[0] != "own")
        return {
            "requests": self.requests,
            "sent": 100 * (self.after.input / self.before.input - 1),
            **{prices: self.bill(prices) for prices in PRICES},
            "breaks": self.breaks,
            "ms": 1000 * self.seconds / self.requests,
            "references": of_results,
            "visible": self.share("id", "line"),
            "id": self.share("id"),
            "line": self.share("line"),
            **{age: self.share("id", "line", age=age) for age in AGES},
            "recoverable": 100 * self.recoverable / of_results if of_results else None,
            "own": self.share("own"),
            "unrecovered": self.unrecovered,
            "broken_pairs": self.broken_pairs,
        }
