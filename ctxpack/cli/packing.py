"""`pack` and `policy`: packed bodies, and what a policy does to them."""

import json
import sys

import click

import ctxpack
from ctxpack.cli.options import JSON, MODEL, PLACE, print_json
from ctxpack.cli.reading import model_of, prompts_of
from ctxpack.output import Table, show


@click.command()
@click.argument("body", type=PLACE)
@MODEL
@click.option("--policy", default="lossless", show_default=True, help="lossless, balanced or tight.")
@click.option("--budget", type=int, help="Most tokens the packed prompt may have.")
@click.option("--store", type=click.Path(dir_okay=False), help="SQLite file to keep the originals of removed text in.")
@click.option("-o", "--output", type=PLACE, default="-", show_default=True, help="Where the packed body goes.")
@JSON
def pack(
    body: str, model: str | None, policy: str, budget: int | None, store: str | None, output: str, as_json: bool
) -> None:
    """Packs a request body: the packed body to standard output, what was done, why and what it saves to standard error.

    BODY is a JSON file, or a JSONL file of the bodies of one conversation, oldest first; - reads standard input.

    \b
    Example:
      ctxpack pack request.json --policy balanced -o packed.json
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


@click.command("policy")
@click.argument("name", required=False)
@JSON
def describe_policy(name: str | None, as_json: bool) -> None:
    """Says what the packing policy NAME, or each preset, does and what that may lose.

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
