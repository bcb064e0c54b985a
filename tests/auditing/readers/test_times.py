"""Times of records, in every way that logs spell them."""

import time
from pathlib import Path

import pytest

from .logs import record, run_bytes


def test_an_iso_time_is_read(tmp_path: Path) -> None:
    (call,) = run_bytes(tmp_path, record(time="1970-01-01T00:01:00Z"))
    assert call.time == 60


@pytest.mark.parametrize("name", ["time", "timestamp", "created_at", "startTime"])
@pytest.mark.parametrize(
    "stamp",
    [
        *(1732406400.5, 1732406400500, 1732406400500000, 1732406400500000000),
        *("2024-11-24T00:00:00.500Z", "2024-11-24T00:00:00.5", "2024-11-24T01:00:00.5+01:00", "20241124T000000.5"),
        "2024-11-24 00:00:00.5 UTC",
        *("1732406400.5", "1732406400500", "1732406400500000", "1732406400500000000"),
    ],
)
def test_times_are_known_by_their_size_and_without_a_zone_are_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stamp: float | str
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        (call,) = run_bytes(tmp_path, record(**{name: stamp}))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert call.time == pytest.approx(1732406400.5, abs=1e-3)


def test_numbers_that_may_be_dates_are_no_unix_times(tmp_path: Path) -> None:
    (call,) = run_bytes(tmp_path, record(time="1711112211234"))
    assert call.time == 1711112211.234, "22 November 1711 at 12:34 for a parser of dates"
    (skip,) = run_bytes(tmp_path, record(time="20241124000000"))
    assert skip.reason == "time not understood"
