"""`diff` and `forecast`: what one body shares with those before it, and what it will be billed."""

from math import isfinite
from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.cli.options import JSON, MODEL, PLACE, none_empty, not_empty, print_json
from ctxpack.cli.reading import model_of, prompts_of
from ctxpack.output import Cell, Table, money, percent, show

if TYPE_CHECKING:
    from ctxpack.caching import Forecast


def _finite(context: click.Context, option: click.Parameter, value: float) -> float:
    if not isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds", context, option)
    return value


_GAP = click.option(
    "--gap",
    type=click.FloatRange(min=0),
    callback=_finite,
    default=30.0,
    show_default=True,
    help="Seconds between one body and the next.",
)


@click.command()
@click.argument("earlier", type=PLACE, callback=not_empty)
@click.argument("later", type=PLACE, callback=not_empty)
@JSON
def diff(earlier: str, later: str, as_json: bool) -> None:
    """Says where and why a body leaves another's prefix.

    Exit code 0 if LATER continues EARLIER or is the beginning of it, 1 if it leaves it: "relation" in the JSON.

    \b
    Example:
      ctxpack diff turn-7.json turn-8.json
    """
    before, after = prompts_of(earlier)[-1], prompts_of(later)[-1]
    found = ctxpack.diff(before, after)
    ends_early = len(after.blocks) < len(before.blocks)
    relation = "leaves" if found else "is the beginning of" if ends_early else "continues"
    if as_json:
        print_json({"relation": relation, "divergence": found.to_dict() if found else None})
    elif found is None:
        show([Table(f"The later body {relation} the earlier one", (), ())])
    else:
        rows = tuple((name.replace("_", " "), _cell(value)) for name, value in found.to_dict().items())
        show([Table("Divergence", ("what", "value"), rows)])
    raise SystemExit(1 if found else 0)


def _cell(value: object) -> Cell:
    return value if isinstance(value, int) else str(value)


@click.command()
@click.argument("bodies", nargs=-1, required=True, type=PLACE, callback=none_empty)
@MODEL
@_GAP
@JSON
def forecast(bodies: tuple[str, ...], model: str | None, gap: float, as_json: bool) -> None:
    """Forecasts usage and input bill of a body.

    Of the last of BODIES, the ones before it having been sent.

    \b
    Example:
      ctxpack forecast turn-7.json turn-8.json --gap 20
    """
    from ctxpack.caching import cache_model
    from ctxpack.caching import forecast as ahead
    from ctxpack.prefix import fingerprint
    from ctxpack.prompts import BlockCounter
    from ctxpack.providers import cache_rules, price

    prompts = [prompt for name in bodies for prompt in prompts_of(name)]
    name = model or model_of(prompts[-1])
    counter = BlockCounter(name, prompts[-1].dialect)
    cache = cache_model(cache_rules(name))
    prints = [fingerprint(prompt, counter) for prompt in prompts]
    for number, prompt in enumerate(prints[:-1]):
        cache.observe(prompt, number * gap)
    found = ahead(prints[-1], cache, price(name), (len(prints) - 1) * gap)
    if as_json:
        print_json({"model": name} | found.to_dict())
        return
    usage = found.usage
    rows = (
        ("uncached tokens", usage.uncached),
        ("cache read tokens", usage.cache_read),
        ("cache write tokens", usage.cache_write + usage.cache_write_long),
        ("chance of the read", _chance(found)),
        ("input bill", money(found.expected, found.currency)),
        ("without a cache", money(found.without_cache, found.currency)),
    )
    show([Table(f"Forecast for {name} (token counts: {found.exactness})", ("what", "value"), rows)])


def _chance(found: "Forecast") -> str:
    if found.possible:
        return f"unknown: {found.possible:,} tokens may still be held, past the lifetime that is counted on"
    if not found.usage.cache_read:
        return "nothing to read"
    return "unknown" if found.probability is None else percent(found.probability)
