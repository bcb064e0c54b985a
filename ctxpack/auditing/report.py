"""Audit: the report of what logs say was billed, and of what could have been."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field

from ctxpack.auditing.alternative import Alternative
from ctxpack.auditing.calls import Reason, Skip
from ctxpack.auditing.totals import ModelTotals, money_of
from ctxpack.auditing.transitions import Transition
from ctxpack.providers import Bill, Usage
from ctxpack.tokens.models import Exactness

SCHEMA = 1
# Nothing is lost by these: their call is counted once, with its largest usage.
MERGED = frozenset({Reason.STREAMED_PART, Reason.REPEATED_CALL})


@dataclass(frozen=True, slots=True)
class Audit:
    """What the logs say was billed, and what could have been.

    Attributes:
        models: totals by model, the dearest first.
        sessions: conversations seen.
        simulated: calls whose usage was computed, not billed.
        other_terms: priced calls whose usage names a service tier, a speed or a place that the list price is not for,
            or tools that the provider ran, which cost money of their own.
        transitions: every step from one call of a conversation to the next.
        marker_savings: list price of what cache markers would have saved where there are none, by currency (estimates).
        skips: what was left out, by reason.
        skipped: each of them; of the lines whose call is counted all the same, the first.
        alternatives: the same conversations packed, by policy and currency (estimates).
    """

    models: tuple[ModelTotals, ...]
    sessions: int
    simulated: int
    other_terms: dict[str, int]
    transitions: tuple[Transition, ...] = field(repr=False)
    marker_savings: dict[str, float]
    skips: dict[str, int]
    skipped: tuple[Skip, ...] = field(repr=False)
    alternatives: tuple[Alternative, ...] = ()

    @property
    def calls(self) -> int:
        """Billed requests, of all models."""
        return sum(model.calls for model in self.models)

    @property
    def usage(self) -> Usage:
        """Their tokens, by class."""
        return sum((model.usage for model in self.models), Usage())

    @property
    def hit_rate(self) -> float:
        """Share of all input tokens that the cache served."""
        return self.usage.cache_read / self.usage.input if self.usage.input else 0.0

    @property
    def compared(self) -> int:
        """Transitions whose cache reads are predicted, where anything was predicted or read."""
        return sum(step.is_compared for step in self.transitions)

    @property
    def exact(self) -> int:
        """Of the compared transitions, those whose predicted cache reads equal the billed ones."""
        return sum(step.is_compared and step.is_exact for step in self.transitions)

    @property
    def unpredicted(self) -> int:
        """Transitions of which nothing is predicted."""
        return sum(step.predicted is None for step in self.transitions)

    @property
    def findings(self) -> tuple[Transition, ...]:
        """Transitions that lost cached tokens, had no cache markers, or broke what the provider promises."""
        return tuple(step for step in self.transitions if step.is_finding)

    @property
    def lost_money(self) -> dict[str, float]:
        """List price of the tokens that misses billed anew, less what reading them would have cost, by currency.

        `lost_exactness` says whether it is an estimate, `lost_unpriced` what is not in it.
        """
        sums: defaultdict[str, float] = defaultdict(float)
        for step in self.transitions:
            if step.is_miss and step.currency:
                sums[step.currency] += step.lost_money
        return dict(sums)

    @property
    def lost_unpriced(self) -> int:
        """Tokens that misses billed anew at models whose price is not known."""
        return sum(step.lost for step in self.transitions if not step.currency)

    @property
    def lost_exactness(self) -> Exactness:
        """ "estimate" where counted tokens are in what any miss lost."""
        misses = (step for step in self.transitions if step.is_miss)
        return "estimate" if any(step.exactness == "estimate" for step in misses) else "exact"

    @property
    def priced(self) -> int:
        """Calls whose list price is known."""
        return sum(model.calls for model in self.models if model.bill is not None)

    @property
    def bills(self) -> dict[str, Bill]:
        """List price of all priced calls, by currency."""
        sums: dict[str, Bill] = {}
        for model in self.models:
            if model.bill is not None:
                add_bill(sums, model.bill.currency, model.bill)
        return sums

    def to_dict(self) -> dict[str, object]:
        """The report as JSON-able values; `schema` names its form."""
        return {
            "schema": SCHEMA,
            "calls": self.calls,
            "priced_calls": self.priced,
            "sessions": self.sessions,
            "simulated_calls": self.simulated,
            "other_terms": self.other_terms,
            "usage": asdict(self.usage) | {"input": self.usage.input},
            "hit_rate": self.hit_rate,
            "bills": {name: money_of(total) for name, total in self.bills.items()},
            "models": [model.to_dict() for model in self.models],
            "transitions": len(self.transitions),
            "compared_transitions": self.compared,
            "exact_transitions": self.exact,
            "unpredicted_transitions": self.unpredicted,
            "findings": [step.to_dict() for step in self.findings],
            "lost_money": self.lost_money,
            "lost_unpriced": self.lost_unpriced,
            "lost_exactness": self.lost_exactness,
            "marker_savings": self.marker_savings,
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
            "skips": self.skips,
            "skipped": [asdict(skip) for skip in self.skipped if skip.reason not in MERGED],
        }


def add_bill(sums: dict[str, Bill], name: str, more: Bill) -> None:
    """Adds to the sum of that name. O(1)."""
    sums[name] = sums[name] + more if name in sums else more
