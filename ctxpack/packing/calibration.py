"""Calibration: what was predicted against what the provider billed."""

from dataclasses import dataclass

from ctxpack.providers import Usage


@dataclass(frozen=True, slots=True)
class Calibration:
    """Sums over the recorded requests of a session.

    Attributes:
        requests: requests recorded.
        exact_reads: requests whose billed cache reads equalled the forecast within 1 %, in tokens as this request was
            billed: a count that is too low everywhere is no wrong forecast.
        counted: input tokens by our count.
        billed: input tokens by the provider's.
    """

    requests: int = 0
    exact_reads: int = 0
    counted: int = 0
    billed: int = 0

    @property
    def ratio(self) -> float:
        """Billed tokens per counted token; 1.0 until something was recorded."""
        return self.billed / self.counted if self.counted else 1.0

    def updated(self, predicted: Usage, billed: Usage, counted: int) -> "Calibration":
        """With one more request."""
        read = predicted.cache_read * (billed.input / counted if counted else 1.0)
        near = abs(read - billed.cache_read) <= 0.01 * max(billed.cache_read, read)
        return Calibration(
            self.requests + 1, self.exact_reads + near, self.counted + counted, self.billed + billed.input
        )
