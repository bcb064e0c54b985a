"""Times of logs as Unix seconds."""

import re
from datetime import UTC, datetime
from typing import Final

# Numbers above these are no seconds but parts of them: 1e11 seconds are the year 5138, 1e11 milliseconds 1973.
_PARTS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
# A Unix time of this century as text, in s, ms, µs or ns; with other numbers of digits it may be a date.
_NUMBER: Final = re.compile(r"\d{10}(?:\d{3}){0,3}(?:\.\d+)?", re.ASCII)


def seconds(stamp: str | float | None) -> float | None:
    """Unix seconds of an ISO 8601 time, taken for UTC where it names no zone, or of a Unix time in s, ms, µs or ns.

    Either may be text, and the first end in " UTC", as databases write it. None where there is none or it is damaged.
    """
    if isinstance(stamp, str):
        return seconds(float(stamp)) if _NUMBER.fullmatch(stamp) else _iso(stamp)
    if stamp is None:
        return None
    return next((stamp / parts for above, parts in _PARTS if stamp > above), stamp)


def _iso(stamp: str) -> float | None:
    try:
        time = datetime.fromisoformat(stamp.removesuffix(" UTC"))
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
