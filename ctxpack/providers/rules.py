"""How each provider's prompt cache decides what is a hit, and which request parameters are part of the prefix."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType

from ctxpack.model_names import LONGEST, check_name, known_names
from ctxpack.providers.catalog import DataFile, Family, RuleRow, Status, Tier, data_files, unknown_model

_DURATION = re.compile(r"([0-9]{1,9})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class CacheRules:
    """The cache rules of a model at a provider; lengths in tokens, lifetimes in seconds.

    Thread-safety: immutable.

    Attributes:
        provider: whose cache it is.
        family: "breakpoints" - entries exist exactly at the request's own markers (Anthropic); "boundaries" - entries
            exist at markers and at message endings that the provider picks (OpenAI from GPT-5.6); "prefix" - the
            longest common prefix, rounded down to `granularity` (OpenAI before, Ark).
        minimum: tokens below which nothing is cached.
        granularity: cached tokens are a multiple of this; 1 = exact.
        max_breakpoints: entries that one request can write; 0 where there are no markers.
        lookback: positions checked backward from a marker, itself included ("breakpoints"), or message endings checked
            in addition to the markers ("boundaries"); 0 = none.
        ttl: lifetime of an entry, which every hit restarts; None where the provider publishes none.
        ttl_long: lifetime of the longer class that a request can ask for, None where there is none; the most that it
            can be where `ttl_usual` is given.
        best_effort: True where a live entry can still miss.
        hit_rate: measured share of byte-identical repeats that hit, None where nobody measured.
        source: titles and addresses of what the rules were read from.
        as_of: date of the source, "YYYY-MM-DD" or "YYYY-MM".
        status: how good the source is, see docs/providers.md.
        collapse_runs: True where a run of tool_use blocks, or of tool_result blocks, is one position of the lookback.
        spacing: tokens between the positions where an entry can end, counted from the start of the provider's hidden
            system content; None where it equals `granularity`.
        first_markers: how many of the first explicit markers are looked up, None = all.
        latest_markers: how many of the latest explicit markers are looked up, None = all.
        ttl_usual: lifetime that the provider calls usual for the longer class, None where it promises `ttl_long`.
        ttl_most: the most that an entry of the shorter class may live by what the provider states, None where it is
            `ttl`, or not stated.
    """

    provider: str
    family: Family
    minimum: int
    granularity: int
    max_breakpoints: int
    lookback: int
    ttl: int | None
    ttl_long: int | None
    best_effort: bool
    hit_rate: float | None
    source: str
    as_of: str
    status: Status = "unknown"
    collapse_runs: bool = False
    spacing: int | None = None
    first_markers: int | None = None
    latest_markers: int | None = None
    ttl_usual: int | None = None
    ttl_most: int | None = None

    def is_long(self, ttl: object) -> bool:
        """Whether a TTL, as a request spells it ("1h"), asks for the longer class of lifetime."""
        spelled = _DURATION.fullmatch(ttl) if isinstance(ttl, str) else None
        return spelled is not None and int(spelled[1]) * _SECONDS[spelled[2]] == self.ttl_long

    def lifetime(self, is_long: bool) -> int | None:
        """Seconds that an entry of a class lives after its last use; None where the provider publishes none."""
        return (self.ttl_usual or self.ttl_long) if is_long else self.ttl

    def longest(self, ttl: object) -> int | None:
        """The most seconds that an entry may live by what the provider states; None where that is nothing.

        Args:
            ttl: as a request spells it, None where it does not: with `ttl_usual` either class may be the default then.
        """
        is_long = self.is_long(ttl) or (ttl is None and self.ttl_usual is not None)
        return self.ttl_long if is_long else self.ttl_most or self.ttl


def cache_rules(model: str, provider: str | None = None) -> CacheRules:
    """The cache rules of a model; the name may be spelled as for `price`, also a fine-tuned model's.

    Raises:
        UnknownModelError: no row covers the model at that provider; names the closest ones.
        TypeError: the model is no str.

    Thread-safety: safe.
    """
    check_name(model)
    names = known_names(model)
    for file, row in _rows():
        if provider in (None, row.provider) and _covers(row, names):
            return _rules(file, row)
    known = (pattern for _, row in _rows() for pattern in row.models)
    raise unknown_model("cache rule", model, provider, known)


def vendor(model: str) -> str:
    """The provider whose cache rules are the model's, "" where no row covers it.

    Thread-safety: safe.
    """
    return _vendor(model) if len(model) <= LONGEST else ""


@lru_cache(64)
def _vendor(model: str) -> str:
    names = known_names(model)
    return next((row.provider for _, row in _rows() if _covers(row, names)), "")


@lru_cache(64)
def prefix_parameters(provider: str) -> Mapping[str, Tier]:
    """The request parameters that are part of a provider's cached prefix.

    Returns:
        parameter (dotted where nested) -> the first tier that a change of it loses, in the order "tools", "system",
        "messages"; "tools" means that everything is lost. Empty for an unknown provider.

    Thread-safety: safe.
    """
    rows = (row for file in data_files() for row in file.parameters)
    return MappingProxyType({row.parameter: row.tier for row in rows if row.provider == provider})


def _rows() -> Iterator[tuple[DataFile, RuleRow]]:
    return ((file, row) for file in data_files() for row in file.rules)


def _covers(row: RuleRow, names: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in row.models for name in names)


def _rules(file: DataFile, row: RuleRow) -> CacheRules:
    return CacheRules(
        provider=row.provider,
        family=row.family,
        minimum=row.minimum,
        granularity=row.granularity,
        max_breakpoints=row.max_breakpoints,
        lookback=row.lookback,
        ttl=row.ttl,
        ttl_long=row.ttl_long,
        best_effort=row.best_effort,
        hit_rate=row.hits / row.trials if row.hits is not None and row.trials else None,
        source=file.cite(row),
        as_of=row.as_of,
        status=row.status,
        collapse_runs=row.collapse_runs,
        spacing=row.spacing,
        first_markers=row.first_markers,
        latest_markers=row.latest_markers,
        ttl_usual=row.ttl_usual,
        ttl_most=row.ttl_most,
    )
