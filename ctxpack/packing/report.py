"""Report: what packing did to each block, why, and what it is expected to save."""

from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Literal

from ctxpack.caching.outlay import Outlay
from ctxpack.packing.rewrites import Action
from ctxpack.prefix import Position
from ctxpack.tokens.models import Exactness

CompactionCause = Literal["rent", "cold cache", "budget"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One rewritten text, or the messages that a summary stands for.

    Attributes:
        path: where it stands in the original body.
        tool: name of the tool that was called, "" where none was.
        action: what was done to it.
        reason: why, in fixed words: never text of the prompt.
        handle: gives the original back: `session.original(handle)`.
        tokens_before: tokens of the original text, by the session's encoding.
        tokens_after: tokens of the packed text.
        expected_before: its share of `Report.expected_before`, by where it stands in the prompt (forecast).
        expected_after: its share of `Report.expected_after` (forecast).
    """

    path: str
    tool: str
    action: Action
    reason: str
    handle: str
    tokens_before: int
    tokens_after: int
    expected_before: float = 0.0
    expected_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Compacted:
    """A compaction: history that was sent before is sent in another form from now on.

    Attributes:
        cause: "rent": re-reading what goes had cost enough; "cold cache": rewriting costs nothing; "budget".
        rent: money spent on re-reading what could go, since the last compaction, less what pointers to it spared
            (forecast).
        cost: money for writing what stands after the cut anew, beyond reading it, and for asking a summarizer
            (forecast).
        tokens: tokens that every later request has fewer; as exact as the report's.
        break_even: later requests after which it has paid for itself (estimate); None where none is shorter.
    """

    cause: CompactionCause
    rent: float
    cost: float
    tokens: int
    break_even: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the requests that a session packed, retries included, but for those that were left as they were.

    Attributes:
        requests: how many.
        tokens_before: tokens of the bodies as given.
        tokens_after: tokens of the packed bodies.
        expected_before: expected money for their input had nothing ever been packed (forecast).
        expected_after: expected money for the input of the packed requests (forecast).
    """

    requests: int = 0
    tokens_before: int = 0
    tokens_after: int = 0
    expected_before: float = 0.0
    expected_after: float = 0.0

    def plus(self, tokens_before: int, tokens_after: int, expected_before: float, expected_after: float) -> "Totals":
        """With one more request."""
        return Totals(
            self.requests + 1,
            self.tokens_before + tokens_before,
            self.tokens_after + tokens_after,
            self.expected_before + expected_before,
            self.expected_after + expected_after,
        )


@dataclass(frozen=True, slots=True)
class Side:
    """A prompt as far as its money goes: where each block ends, and where the bill falls. O(blocks), no text."""

    positions: tuple[Position, ...]
    outlay: Outlay

    def money(self, block: int) -> float:
        """Expected money of a block."""
        return self.outlay.until(self.positions[block].tokens) - self.outlay.until(self._start(block))

    def share(self, block: int, tokens: int) -> float:
        """Expected money of so many tokens of a block."""
        own = self.positions[block].tokens - self._start(block)
        return self.money(block) * min(tokens / own, 1.0) if own else 0.0

    def _start(self, block: int) -> int:
        return self.positions[block - 1].tokens if block else 0


@dataclass(frozen=True, slots=True)
class Items:
    """What was done in a request, to be priced when somebody asks.

    Attributes:
        entries: with no money in them.
        blocks: the block of each in the packed prompt.
        places: for each block of the packed prompt, which one it is of the body as given; -1 for a summary. None where
            all are the same.
        given: the body as given.
        packed: the packed body.
    """

    entries: tuple[Entry, ...]
    blocks: tuple[int, ...]
    places: tuple[int, ...] | None
    given: Side
    packed: Side

    def priced(self) -> tuple[Entry, ...]:
        """The entries with their money. O(entries), and O(blocks) where there is a summary."""
        return tuple(map(self._priced, self.entries, self.blocks))

    def _priced(self, entry: Entry, block: int) -> Entry:
        place = block if self.places is None else self.places[block]
        before = self.given.share(place, entry.tokens_before) if place >= 0 else self._left_out()
        return replace(entry, expected_before=before, expected_after=self.packed.share(block, entry.tokens_after))

    def _left_out(self) -> float:
        """Expected money of the blocks as given that a summary stands for."""
        stays = set(self.places or ())
        return sum(self.given.money(block) for block in range(len(self.given.positions)) if block not in stays)


@dataclass(frozen=True)
class Report:
    """What packing did to one request.

    Attributes:
        policy: name of the policy.
        tokens_before: tokens of the body as given; 0, as all that follows from them, where it was left as it was.
        tokens_after: tokens of the packed body.
        exactness: "exact" where both equal the provider's own count, else "estimate".
        expected_before: expected money for the input of this request had nothing ever been packed.
        expected_after: expected money for the input of the packed request.
        currency: of all money here.
        money: always "forecast": none of it was billed.
        compaction: where this request rewrites history that was sent before, what that costs and saves.
        totals: the same over all requests of the session so far: what the conversation costs, and would have cost.
        summary: who wrote the summary in the packed prompt, "" where there is none.
        fallback: why a summarizer's text was not taken for it, "" where it was or none was asked.
        left_whole: why results that are new in this request stay as they are from now on though they could be shorter,
            "" where none does.
        reason: why the body was left as it was, "" where it was not.

    Thread-safety: safe. Memory: O(blocks), no text of the prompt.
    """

    policy: str
    tokens_before: int = 0
    tokens_after: int = 0
    exactness: Exactness = "estimate"
    expected_before: float = 0.0
    expected_after: float = 0.0
    currency: str = ""
    money: Literal["forecast"] = field(default="forecast", init=False)
    compaction: Compacted | None = None
    totals: Totals = field(default=Totals())
    summary: Literal["", "mechanical", "summarizer"] = ""
    fallback: str = ""
    left_whole: str = ""
    reason: str = ""
    items: Items | None = field(default=None, repr=False)

    @property
    def compacted(self) -> bool:
        """Whether this request rewrites history that was sent before (a declared compaction)."""
        return self.compaction is not None

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every rewritten text of the prompt, those of earlier requests included. O(entries) when first asked for."""
        return () if self.items is None else self.items.priced()

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON values."""
        own = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "items"}
        nested = {"compaction": self.compaction and asdict(self.compaction), "totals": asdict(self.totals)}
        return {**own, **nested, "compacted": self.compacted, "entries": [asdict(entry) for entry in self.entries]}
