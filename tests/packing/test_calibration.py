"""What was billed for each token counted, and whether reads came as forecast."""

import pytest

from ctxpack.packing import Session
from ctxpack.packing.calibration import Calibration
from ctxpack.providers import Usage


@pytest.mark.parametrize("ratio", [0.9, 1.0, 1.4])
def test_reads_are_compared_in_tokens_as_billed(ratio: float) -> None:
    predicted = Usage(uncached=1000, cache_read=9000)
    billed = Usage(uncached=int(1000 * ratio), cache_read=int(9000 * ratio))
    found = Calibration().updated(predicted, billed, 10_000)
    assert (found.requests, found.exact_reads) == (1, 1)
    assert found.ratio == pytest.approx(ratio)


@pytest.mark.parametrize("read", [0, 8000, 9200])
def test_another_read_is_another(read: int) -> None:
    predicted = Usage(uncached=1000, cache_read=9000)
    assert Calibration().updated(predicted, Usage(uncached=10_000 - read, cache_read=read), 10_000).exact_reads == 0


def test_nothing_counted_is_compared_as_it_is() -> None:
    assert Calibration().updated(Usage(), Usage(uncached=5), 0) == Calibration(1, 1, 0, 5)


def test_a_session_reports_its_ratio() -> None:
    session = Session("claude-opus-5-5")
    packed = session.pack(
        {"model": "claude-opus-5-5", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}
    )
    assert session.calibration.ratio == 1.0
    counted = packed.report.tokens_after
    assert session.record(packed, Usage(uncached=2 * counted)).ratio == 2.0
    assert session.calibration.ratio == 2.0
