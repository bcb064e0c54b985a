"""The dated data files as typed rows, and the error where none covers a model.

The files are read once, at the first question, and never change afterwards: every row is frozen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from ctxpack.errors import UnknownModelError
from ctxpack.model_names import known_names

FILES = ("anthropic.json", "openai.json", "volcano_ark.json")

Status = Literal["documented", "package-types", "package-price-table", "third-party", "unknown"]
Family = Literal["breakpoints", "boundaries", "prefix"]
Tier = Literal["tools", "system", "messages"]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every row carries: who says it, where, and when it was read."""

    status: Status
    source: tuple[str, ...]
    as_of: str


class SourceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source that rows of the same file cite by its key."""

    title: str
    where: str


@dataclass(frozen=True, slots=True)
class Step:
    """Prices of the whole request once its input exceeds `above` tokens, per million tokens; None as in Price."""

    above: int
    input: float
    cache_read: float | None
    cache_write: float | None
    cache_write_long: float | None
    output: float


class PriceRow(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model at one seller; currency per million tokens, null where the seller has no such price."""

    provider: str
    model: str
    currency: str
    input: float
    cache_read: float | None
    cache_write: float | None
    cache_write_long: float | None
    output: float
    long_context: tuple[Step, ...] = ()
    aliases: tuple[str, ...] = ()
    note: str = ""


class RuleRow(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The cache rules of the models that match one of the shell patterns in `models`; tokens and seconds."""

    provider: str
    models: tuple[str, ...]
    family: Family
    minimum: int
    granularity: int
    max_breakpoints: int
    lookback: int
    ttl: int | None
    ttl_long: int | None
    best_effort: bool
    collapse_runs: bool = False
    spacing: int | None = None
    first_markers: int | None = None
    latest_markers: int | None = None
    ttl_usual: int | None = None
    ttl_most: int | None = None
    hits: int | None = None
    trials: int | None = None
    note: str = ""


class ParameterRow(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request parameter that is part of the cached prefix, and the first tier that a change of it loses."""

    provider: str
    parameter: str
    tier: Tier
    note: str = ""


class UsageRow(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where one dialect keeps its counters: dotted paths inside the usage record.

    Of several paths to the same counter, as sellers name it, the first that a record has counts; none where the dialect
    has no such counter.

    `terms` are members that may name a price other than the list's, each with its values at which the list price holds.
    """

    dialect: str
    inclusive: bool
    input: str
    cache_read: tuple[str, ...]
    cache_write: tuple[str, ...]
    cache_write_short: tuple[str, ...]
    cache_write_long: tuple[str, ...]
    output: str
    terms: dict[str, tuple[str, ...]] = {}
    note: str = ""


class DataFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One data file."""

    sources: dict[str, SourceRow]
    prices: tuple[PriceRow, ...]
    rules: tuple[RuleRow, ...]
    parameters: tuple[ParameterRow, ...]
    usage: tuple[UsageRow, ...]

    def cite(self, row: _Row) -> str:
        """The titles and places of a row's sources, in one line."""
        return "; ".join(f"{self.sources[key].title} <{self.sources[key].where}>" for key in row.source)


@cache
def data_files() -> tuple[DataFile, ...]:
    """Every data file, in the order of FILES.

    Thread-safety: two threads that ask first may both read; they get equal, frozen rows.
    """
    folder = resources.files("ctxpack.providers") / "data"
    return tuple(msgspec.json.decode((folder / name).read_bytes(), type=DataFile) for name in FILES)


def unknown_model(what: str, model: str, provider: str | None, known: Iterable[str]) -> UnknownModelError:
    """The error that says which data is missing for the model, names the closest rows, and says what to do."""
    seller = f" at {provider!r}" if provider else ""
    close = get_close_matches(known_names(model)[-1], sorted(set(known)), n=3)
    hint = f"; close: {', '.join(close)}" if close else ""
    vendors = ", ".join(dict.fromkeys(row.provider for file in data_files() for row in file.rules))
    return UnknownModelError(
        f"no dated {what} for model {model!r}{seller}{hint}; prices and cache rules are known for models of {vendors}: "
        "for a deployment name the model that it is, for another see docs/providers.md; counting needs neither"
    )
