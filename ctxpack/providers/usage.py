"""What a provider says it billed, in five exclusive classes of tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ctxpack.errors import UsageError
from ctxpack.providers.catalog import UsageRow, data_files

# More tokens than any call has; what is larger is no count, and may be no float.
_MOST = 1 << 53


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, or of many added up, each token in exactly one class.

    Thread-safety: immutable.

    Attributes:
        uncached: input tokens billed at the plain price.
        cache_read: input tokens read from the cache.
        cache_write: input tokens written to the cache with the short lifetime (5 minutes at Anthropic).
        cache_write_long: input tokens written with the long lifetime (1 hour at Anthropic, 12 hours at OpenAI).
        output: output tokens, reasoning included.
    """

    uncached: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_long: int = 0
    output: int = 0

    @property
    def input(self) -> int:
        """Tokens of the whole prompt, cached or not."""
        return self.uncached + self.cache_read + self.cache_write + self.cache_write_long

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.uncached + other.uncached,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
            self.cache_write_long + other.cache_write_long,
            self.output + other.output,
        )


def read_usage(raw: Mapping[str, object], dialect: str) -> Usage:
    """Normalize a provider's own usage record (the `usage` object of a response) to exclusive classes.

    A missing cache counter counts as nothing cached: providers leave it out where they do not report the class. Of a
    counter that sellers of one dialect name differently each name is known. Tokens billed outside the top-level
    counters (Anthropic's compaction and advisor iterations) are not included.

    Args:
        raw: the record as decoded from JSON; read, never kept.
        dialect: whose usage record it is, one of `usage_dialects()`.

    Raises:
        UsageError: unknown dialect; input or output counter missing; a counter that is negative, above 2^53 or no
            integer; a total smaller than the parts it includes. The message names the field, in dotted notation.
    """
    fields = _usage_rows().get(dialect)
    if fields is None:
        raise UsageError(f"no usage fields known for dialect {dialect!r}; known: {', '.join(_usage_rows())}")
    read = _optional(raw, _told(raw, fields.cache_read)) or 0
    short, long = _writes(raw, fields)
    return Usage(_uncached(raw, fields, read + short + long), read, short, long, _required(raw, fields.output))


def read_terms(raw: Mapping[str, object], dialect: str) -> tuple[str, ...]:
    """What a usage record names that is not billed at the list price, such as "service_tier batch"; mostly nothing.

    Args:
        raw: the record as decoded from JSON. OpenAI names the tier beside it, in the response: put it in first.
        dialect: whose usage record it is; of one that is not known nothing is named.
    """
    fields = _usage_rows().get(dialect)
    named = ((name, raw.get(name), usual) for name, usual in (fields.terms if fields else {}).items())
    return tuple(
        f"{name} {value}" for name, value, usual in named if isinstance(value, str) and value not in ("", *usual)
    )


def usage_dialects() -> tuple[str, ...]:
    """The dialects whose usage records `read_usage` understands."""
    return tuple(_usage_rows())


@cache
def _usage_rows() -> dict[str, UsageRow]:
    return {row.dialect: row for file in data_files() for row in file.usage}


def _uncached(raw: Mapping[str, object], fields: UsageRow, cached: int) -> int:
    count = _required(raw, fields.input)
    if not fields.inclusive:
        return count
    if cached > count:
        raise UsageError(f"{fields.input} is {count}, less than the {cached} cached tokens it includes")
    return count - cached


def _writes(raw: Mapping[str, object], fields: UsageRow) -> tuple[int, int]:
    """Tokens written with the short and with the long lifetime; what no detail claims is short."""
    detailed_short = _optional(raw, _told(raw, fields.cache_write_short)) or 0
    long = _optional(raw, _told(raw, fields.cache_write_long)) or 0
    path = _told(raw, fields.cache_write)
    total = _optional(raw, path)
    if total is None:
        return detailed_short, long
    if detailed_short + long > total:
        raise UsageError(f"{path} is {total}, less than the {detailed_short + long} in its details")
    return total - long, long


def _told(raw: Mapping[str, object], paths: tuple[str, ...]) -> str | None:
    """Of the paths to one counter the first that the record has."""
    return next((path for path in paths if _optional(raw, path) is not None), None)


def _required(raw: Mapping[str, object], path: str) -> int:
    count = _optional(raw, path)
    if count is None:
        raise UsageError(f"{path} is missing")
    return count


def _optional(raw: Mapping[str, object], path: str | None) -> int | None:
    if path is None:
        return None
    value: object = raw
    for key in path.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise UsageError(f"{path}: expected an object around {key!r}, not {type(value).__name__}")
        value = value.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{path} must be an integer, not {type(value).__name__}")
    if abs(value) > _MOST:
        raise UsageError(f"{path} is no number of tokens: it has {value.bit_length()} bits")
    if value < 0:
        raise UsageError(f"{path} is negative: {value}")
    return value
