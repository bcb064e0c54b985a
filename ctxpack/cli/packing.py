"""`pack`, `original` and `policy`: packed bodies, what was taken out of them, and what a policy does to them."""

import json
import sys
from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.cli.options import JSON, MODEL, PLACE, not_empty, print_json
from ctxpack.cli.reading import model_of, prompts_of
from ctxpack.output import Table, show

if TYPE_CHECKING:
    from ctxpack.packing import Report


@click.command()
@click.argument("body", type=PLACE, callback=not_empty)
@MODEL
@click.option("--policy", default="lossless", show_default=True, help="lossless, balanced or tight.")
@click.option("--budget", type=int, help="Most tokens the packed prompt may have.")
@click.option(
    "--store",
    callback=not_empty,
    type=click.Path(dir_okay=False),
    help="SQLite file to keep the originals of removed text in.",
)
@click.option(
    "-o",
    "--output",
    type=PLACE,
    default="-",
    show_default=True,
    callback=not_empty,
    help="Where the packed body goes.",
)
@JSON
def pack(
    body: str, model: str | None, policy: str, budget: int | None, store: str | None, output: str, as_json: bool
) -> None:
    """Packs a request body.

    The packed body goes to standard output; what was done, why and what it saves to standard error. BODY is a JSON
    file, or a JSONL file of the bodies of one conversation, oldest first; - reads standard input.

    Handles in the packed body stand for text that `ctxpack original` gives back from the --store. Without one nothing
    does, and standard error says so.

    \b
    Example:
      ctxpack pack request.json --policy balanced --store originals.db -o packed.json
    """
    from ctxpack.packing.report_tables import tables

    prompts = prompts_of(body)
    session = ctxpack.Session(model or model_of(prompts[0]), policy, store=store, budget=budget)
    packed = [session.pack(prompt.dump()) for prompt in prompts]
    with click.open_file(output, "wb") as sink:
        sink.write(b"\n".join(item.dump() for item in packed) + b"\n")
    reports = [item.report for item in packed]
    if as_json:
        click.echo(json.dumps([report.to_dict() for report in reports]), err=True)
    else:
        show(tables(reports), sys.stderr)
    if store is None:
        _warn_of_handles([item.data for item in packed], reports)


def _warn_of_handles(bodies: "list[bytes]", reports: "list[Report]") -> None:
    """Says that what is kept in memory ends with this process."""
    named = {entry.handle for report in reports for entry in report.entries if entry.handle}
    lost = sum(any(handle.encode() in body for body in bodies) for handle in named)
    if lost:
        said = "1 handle in the packed body stands" if lost == 1 else f"{lost} handles in the packed body stand"
        click.echo(f"Warning: nothing gives back what {said} for: give --store FILE to keep it", err=True)


@click.command()
@click.argument("handle")
@click.option(
    "--store",
    required=True,
    callback=not_empty,
    type=click.Path(exists=True, dir_okay=False),
    help="SQLite file that `pack` kept it in.",
)
def original(handle: str, store: str) -> None:
    """Gives back the text that HANDLE stands for, byte for byte.

    HANDLE is what follows `[ctxpack:` in a packed body; a whole such marker will do, too.

    \b
    Example:
      ctxpack original 3708f499 --store originals.db
    """
    from ctxpack.packing.markers import handle_in
    from ctxpack.packing.originals import SQLiteOriginals
    from ctxpack.packing.originals.content import encoded

    click.echo(encoded(SQLiteOriginals(store).get(handle_in(handle))), nl=False)


@click.command("policy")
@click.argument("name", required=False, callback=not_empty)
@JSON
def describe_policy(name: str | None, as_json: bool) -> None:
    """Says what a packing policy does and may lose.

    Of the preset NAME, or of each.

    \b
    Example:
      ctxpack policy balanced
    """
    from ctxpack.packing.describing import describe
    from ctxpack.packing.policy import PRESETS

    found = {preset: describe(preset) for preset in ([name] if name else PRESETS)}
    if as_json:
        print_json({preset: [effect._asdict() for effect in effects] for preset, effects in found.items()})
    else:
        show([Table(preset, ("does", "may lose"), effects) for preset, effects in found.items()])
