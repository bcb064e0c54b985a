"""Dated list prices, and the bill of a usage."""

from dataclasses import dataclass
from functools import cache

from ctxpack.errors import UnknownModelError
from ctxpack.model_names import check_name, has_own_price, known_names
from ctxpack.providers.catalog import DataFile, PriceRow, Status, Step, data_files, unknown_model
from ctxpack.providers.usage import Usage

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """What a token of each class costs in one request, in the price's currency (not per million, as prices are)."""

    input: float
    cache_read: float
    cache_write: float
    cache_write_long: float
    output: float

    def rewriting(self, tokens: int, is_long: bool) -> float:
        """Money for writing tokens anew, with the long lifetime or the short one, beyond reading them."""
        return tokens * ((self.cache_write_long if is_long else self.cache_write) - self.cache_read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """List prices of one model at one seller, in the seller's own currency per million tokens.

    A price that is None does not exist: tokens read are then billed as plain input, and so are tokens written where
    writing is free; a long write without a price of its own costs as much as a short one.

    One of your own says what differs: `dataclasses.replace(price("gpt-5.1"), input=1.0)`; made anew it needs no more
    than `input` and `output`.

    Thread-safety: immutable.

    Attributes:
        provider: the seller: "anthropic", "openai", "volcano-ark", or a reseller ("gateway"); "" where it is your own.
        model: the row's own name of the model, which may differ from the spelling asked for.
        currency: "USD" or "CNY".
        cache_write: price of a write with the short lifetime.
        cache_write_long: price of a write with the long lifetime.
        long_context: steps in rising order of `above`; the highest one exceeded re-prices the whole request.
        source: titles and addresses of what the prices were read from.
        as_of: date of the source, "YYYY-MM-DD" or "YYYY-MM"; "" where there is none.
        status: how good the source is, see docs/providers.md.
    """

    provider: str = ""
    model: str = ""
    currency: str = "USD"
    input: float
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_long: float | None = None
    output: float
    long_context: tuple[Step, ...] = ()
    source: str = ""
    as_of: str = ""
    status: Status = "unknown"

    def rates(self, input_tokens: int) -> Rates:
        """What its tokens cost a request of that many input tokens, cached ones included."""
        tier: Price | Step = self
        for step in self.long_context:
            if input_tokens > step.above:
                tier = step
        return _rates(tier)


@dataclass(frozen=True, slots=True)
class Bill:
    """Money of one usage, class by class, in `currency` (not in millionths of it).

    Thread-safety: immutable.
    """

    currency: str
    uncached: float
    cache_read: float
    cache_write: float
    cache_write_long: float
    output: float

    @property
    def input(self) -> float:
        """Money for the prompt."""
        return self.uncached + self.cache_read + self.cache_write + self.cache_write_long

    @property
    def total(self) -> float:
        """Money for prompt and answer."""
        return self.input + self.output

    def __add__(self, other: "Bill") -> "Bill":
        if self.currency != other.currency:
            raise ValueError(f"a bill in {other.currency} cannot be added to one in {self.currency}")
        return Bill(
            self.currency,
            self.uncached + other.uncached,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
            self.cache_write_long + other.cache_write_long,
            self.output + other.output,
        )


def price(model: str, provider: str | None = None) -> Price:
    """The list price of a model; without a provider, the vendor's own rather than a reseller's.

    The name may be an alias, carry a snapshot date or "-latest", or what sellers write around it ("openai/",
    "us.anthropic."), as for `ctxpack.tokens.encoding_for`. What is sold at a price of its own, such as a fine-tuned
    model, needs a row of its own.

    Raises:
        UnknownModelError: no row covers the model at that seller; names the sellers that there are, or the closest
            models.
        TypeError: the model is no str.

    Thread-safety: safe.
    """
    check_name(model)
    index = _index()
    names = known_names(model)[: 1 if has_own_price(model) else None]
    for name in names:
        if found := index.get((provider, name)):
            return found
    if sellers := sorted({seller for seller, name in index if seller and name in names}):
        raise UnknownModelError(f"no dated price for model {model!r} at {provider!r}, but at {', '.join(sellers)}")
    raise unknown_model("price", model, provider, (name for seller, name in index if seller == provider))


def prices() -> tuple[Price, ...]:
    """Every price row, vendor by vendor."""
    return tuple(_price(file, row) for file in data_files() for row in file.prices)


def bill(usage: Usage, price: Price) -> Bill:
    """What one request's usage costs at a price.

    Usage of several requests must be billed request by request where `price.long_context` is not empty, because steps
    look at the input of one request.

    Thread-safety: safe.
    """
    rates = price.rates(usage.input)
    return Bill(
        price.currency,
        usage.uncached * rates.input,
        usage.cache_read * rates.cache_read,
        usage.cache_write * rates.cache_write,
        usage.cache_write_long * rates.cache_write_long,
        usage.output * rates.output,
    )


def _rates(tier: Price | Step) -> Rates:
    read = tier.input if tier.cache_read is None else tier.cache_read
    write = tier.input if tier.cache_write is None else tier.cache_write
    long = write if tier.cache_write_long is None else tier.cache_write_long
    return Rates(*(one / _MILLION for one in (tier.input, read, write, long, tier.output)))


@cache
def _index() -> dict[tuple[str | None, str], Price]:
    """(provider, name) -> price; provider None is the first seller in the files, which is the vendor."""
    index: dict[tuple[str | None, str], Price] = {}
    for file in data_files():
        for row in file.prices:
            found = _price(file, row)
            for name in (row.model, *row.aliases):
                index.setdefault((None, name), found)
                index[row.provider, name] = found
    return index


def _price(file: DataFile, row: PriceRow) -> Price:
    return Price(
        provider=row.provider,
        model=row.model,
        currency=row.currency,
        input=row.input,
        cache_read=row.cache_read,
        cache_write=row.cache_write,
        cache_write_long=row.cache_write_long,
        output=row.output,
        long_context=row.long_context,
        source=file.cite(row),
        as_of=row.as_of,
        status=row.status,
    )
