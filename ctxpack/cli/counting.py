"""`count`: the tokens of files."""

import click

import ctxpack
from ctxpack.cli.options import JSON, PLACE, print_json
from ctxpack.cli.reading import read
from ctxpack.output import Table, show


@click.command()
@click.argument("files", nargs=-1, type=PLACE)
@click.option("--model", help="Count with the encoding of this model.")
@click.option("--encoding", help="Count with this encoding (default o200k_base).")
@JSON
def count(files: tuple[str, ...], model: str | None, encoding: str | None, as_json: bool) -> None:
    """Counts the tokens of text files, or of standard input.

    \b
    Example:
      ctxpack count README.md --model gpt-5.6-sol
      git diff | ctxpack count
    """
    from ctxpack.tokens import exactness

    if model and encoding:
        raise click.UsageError("give --model or --encoding, not both")
    enc = ctxpack.encoding_for(model) if model else ctxpack.encoding(encoding or "o200k_base")
    kind = exactness(model) if model else "exact"
    counts = [(name, enc.count(read(name))) for name in files or ("-",)]
    total = sum(tokens for _, tokens in counts)
    if as_json:
        print_json({"encoding": enc.name, "kind": kind, "files": dict(counts), "tokens": total})
        return
    rows = (*counts, *([("total", total)] if len(counts) > 1 else []))
    show([Table(f"Tokens ({enc.name}, {kind})", ("file", "tokens"), rows)])
