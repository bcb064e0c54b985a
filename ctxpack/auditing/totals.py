"""Totals: what the calls of one model add up to."""

from dataclasses import asdict, dataclass

from ctxpack.providers import Bill, Usage


@dataclass(frozen=True, slots=True)
class ModelTotals:
    """One model's calls.

    Attributes:
        model: as logged.
        calls: billed requests.
        usage: their tokens.
        bill: their list price; None where no price row covers the model.
    """

    model: str
    calls: int
    usage: Usage
    bill: Bill | None

    def to_dict(self) -> dict[str, object]:
        """The totals as JSON-able values."""
        billed = None if self.bill is None else money_of(self.bill)
        return {"model": self.model, "calls": self.calls, "usage": asdict(self.usage), "bill": billed}


def money_of(total: Bill) -> dict[str, object]:
    """A bill as JSON-able values."""
    return asdict(total) | {"input": total.input, "total": total.total}
