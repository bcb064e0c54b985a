"""The tables of an audit, for people and pipes."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from ctxpack.auditing.report import Audit
from ctxpack.auditing.transitions import Transition
from ctxpack.output import Cell, Table, money, percent


def tables(audit: Audit) -> list[Table]:
    """Totals, cost by class and model, misses by cause and one by one, the packed alternative, skips."""
    return [
        _totals(audit),
        Table("Cost by class (list price)", ("currency", "class", "tokens", "cost"), tuple(_classes(audit))),
        Table("By model", ("model", "calls", "input tokens", "read", "output tokens", "cost"), tuple(_models(audit))),
        *_by_cause(audit),
        Table("Cache misses and wrong predictions", _FINDING_COLUMNS, tuple(_findings(audit))),
        *_packed(audit),
        Table("Left out", ("reason", "count", "first"), tuple(_skips(audit))),
    ]


_FINDING_COLUMNS = ("session", "time (UTC)", "gap s", "predicted read", "billed read", "tokens lost", "cause", "detail")
_ALTERNATIVE_COLUMNS = (
    *("policy", "calls", "left out", "tokens without", "tokens with", "input without", "input with", "change"),
)
# Records without a time have their place in the log for one; nobody sent a prompt before 1973.
_EARLIEST = 1e8
_CLASSES = ("uncached", "cache_read", "cache_write", "cache_write_long", "output")


def _totals(audit: Audit) -> Table:
    simulated = f"{audit.simulated} of {audit.calls} calls are simulated, not billed" if audit.simulated else "billed"
    rows: list[tuple[Cell, ...]] = [
        ("calls", audit.calls),
        ("conversations", audit.sessions),
        ("usage", simulated),
        ("input tokens", audit.usage.input),
        ("output tokens", audit.usage.output),
        ("hit rate", percent(audit.hit_rate)),
        ("list price", _list_price(audit)),
        *((f"not at list price: {terms}", f"{count} calls") for terms, count in audit.other_terms.items()),
        *_predictions(audit),
        ("lost to misses", _lost(audit)),
    ]
    if audit.marker_savings:
        rows.append(("cache markers would have saved", f"{_sums(audit.marker_savings)} (estimate)"))
    return Table("Audit", ("what", "value"), tuple(rows))


def _predictions(audit: Audit) -> Iterator[tuple[str, Cell]]:
    """How many reads are predicted exactly of those that tell anything, and how many do not."""
    share = f" ({percent(audit.exact / audit.compared)})" if audit.compared else ""
    yield "reads predicted exactly", f"{audit.exact} of {audit.compared}{share}"
    if nothing := len(audit.transitions) - audit.compared - audit.unpredicted:
        yield "no read predicted, none billed", nothing
    if audit.unpredicted:
        yield "reads not predicted", audit.unpredicted


def _list_price(audit: Audit) -> str:
    """The sums by currency, and of how many calls they are where that is not all."""
    total = _sums({name: bill.total for name, bill in audit.bills.items()})
    share = f" ({audit.priced} of {audit.calls} calls)" if audit.priced < audit.calls else ""
    return f"{total}{share}" if total else "unknown"


def _lost(audit: Audit) -> str:
    """The sums by currency, and the tokens whose price nobody knows."""
    tokens = (f"{audit.lost_unpriced} tokens of unknown price",) if audit.lost_unpriced else ()
    lost = ", ".join((*_amounts(audit.lost_money), *tokens))
    mark = " (estimate)" if audit.lost_exactness == "estimate" else ""
    return f"{lost}{mark}" if lost else "nothing"


def _sums(amounts: dict[str, float]) -> str:
    return ", ".join(_amounts(amounts))


def _amounts(amounts: dict[str, float]) -> Iterator[str]:
    return (money(amount, currency) for currency, amount in amounts.items())


def _classes(audit: Audit) -> Iterator[tuple[str, str, int, str]]:
    for currency, bill in audit.bills.items():
        priced = [model.usage for model in audit.models if model.bill is not None and model.bill.currency == currency]
        for name in _CLASSES:
            tokens = sum(getattr(usage, name) for usage in priced)
            yield currency, name.replace("_", " "), tokens, money(getattr(bill, name), currency)


def _models(audit: Audit) -> Iterator[tuple[str, int, int, str, int, str]]:
    for model in audit.models:
        usage = model.usage
        cost = money(model.bill.total, model.bill.currency) if model.bill else "no price known"
        share = percent(usage.cache_read / usage.input) if usage.input else "-"
        yield model.model, model.calls, usage.input, share, usage.output, cost


def _by_cause(audit: Audit) -> Iterator[Table]:
    """What each cause lost in all, the worst first; nothing where there are no findings."""
    found: defaultdict[str, list[Transition]] = defaultdict(list)
    for step in audit.findings:
        found[step.cause or ""].append(step)
    rows = [
        (cause, len(steps), sum(step.lost for step in steps), _lost(replace(audit, transitions=tuple(steps))))
        for cause, steps in found.items()
    ]
    if rows:
        worst = sorted(rows, key=lambda row: -row[2])
        yield Table("By cause", ("cause", "findings", "tokens lost", "lost to misses"), tuple(worst))


def _findings(audit: Audit) -> Iterator[tuple[str, str, int, int | str, int, int, str, str]]:
    for step in audit.findings:
        yield (
            step.session,
            _when(step.time),
            round(step.gap),
            "unknown" if step.predicted is None else step.predicted,
            step.billed,
            step.lost,
            step.cause or "",
            step.detail,
        )


def _when(time: float) -> str:
    """A time in UTC; the number itself where it cannot be unix seconds: a place in the log, or damaged."""
    if time < _EARLIEST:
        return f"{time:.0f}"
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{time:.0f}"


def _packed(audit: Audit) -> Iterator[Table]:
    """Nothing where it was left out."""
    if audit.alternatives:
        yield Table("With packing (estimate, same conversations)", _ALTERNATIVE_COLUMNS, tuple(_alternatives(audit)))


def _alternatives(audit: Audit) -> Iterator[tuple[str, int, int, int, int, str, str, str]]:
    for other in audit.alternatives:
        before, after = other.expected_before, other.expected_after
        compared = (money(before, other.currency), money(after, other.currency), percent(other.change))
        yield (
            other.policy,
            other.calls,
            other.left_out,
            other.tokens_before,
            other.tokens_after,
            *(compared if other.calls else ("",) * 3),
        )


def _skips(audit: Audit) -> Iterator[tuple[str, int, str]]:
    """Each reason with the place where it was met first, and what was wrong there."""
    first = {skip.reason: skip for skip in reversed(audit.skipped)}
    for reason, count in audit.skips.items():
        yield reason, count, ": ".join(filter(None, (first[reason].place, first[reason].detail)))
