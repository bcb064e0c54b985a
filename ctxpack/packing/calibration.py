"""Calibration: what was predicted against what the provider billed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ctxpack.errors import UsageError
from ctxpack.providers import Usage, read_usage

# Reads that a rate measured elsewhere, mostly on another model, is worth: fewer than it was measured on.
_PRIOR = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Sums over the recorded requests of a session.

    Attributes:
        requests: requests recorded.
        exact_reads: requests whose billed cache reads equalled the forecast within 1 %, in tokens as this request was
            billed: a count that is too low everywhere is no wrong forecast.
        counted: input tokens by our count.
        usage: tokens by the provider's, by class.
        reads: requests for which a read was forecast.
        served: how many of those reads were served; one in part counts by its share, in tokens as billed.
    """

    requests: int = 0
    exact_reads: int = 0
    counted: int = 0
    usage: Usage = field(default=Usage())
    reads: int = 0
    served: float = 0.0

    @property
    def billed(self) -> int:
        """Input tokens by the provider's count."""
        return self.usage.input

    @property
    def ratio(self) -> float:
        """Billed tokens per counted token; 1.0 until something was recorded."""
        return self.billed / self.counted if self.counted else 1.0

    def hit_rate(self, measured: float | None) -> float | None:
        """Share of the reads forecast that are served, as far as is known: the mean of a Beta distribution. O(1).

        Args:
            measured: the rate before anything was recorded, worth 10 reads. Where nobody measured (None), every rate
                is as likely as another from the first read on.
        """
        if not self.reads:
            return measured
        rate, worth = (0.5, 2) if measured is None else (measured, _PRIOR)
        return (rate * worth + self.served) / (worth + self.reads)

    def updated(self, predicted: Usage, billed: Usage, counted: int) -> "Calibration":
        """With one more request."""
        read = predicted.cache_read * (billed.input / counted if counted else 1.0)
        near = abs(read - billed.cache_read) <= 0.01 * max(billed.cache_read, read)
        return Calibration(
            self.requests + 1,
            self.exact_reads + near,
            self.counted + counted,
            self.usage + billed,
            self.reads + (read > 0),
            self.served + (min(billed.cache_read / read, 1.0) if read else 0.0),
        )


def billed_usage(usage: object, dialect: str) -> Usage:
    """What a response says was billed.

    Args:
        usage: the response's own usage, as a mapping or an SDK object, or a Usage.
        dialect: whose usage it is.

    Raises:
        UsageError: it is none of these, or lacks the counters of its dialect.
    """
    if isinstance(usage, Usage):
        return usage
    if isinstance(usage, Mapping):
        return read_usage(usage, dialect)
    dump = getattr(usage, "model_dump", None)
    if dump is None:
        raise UsageError(f"a usage is a mapping, an SDK object or a Usage, not {type(usage).__name__}")
    return read_usage(dump(), dialect)
