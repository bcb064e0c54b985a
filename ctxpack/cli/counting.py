"""`count`: the tokens of files."""

from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.cli.options import JSON, PLACE, print_json
from ctxpack.cli.reading import read
from ctxpack.output import Table, show

if TYPE_CHECKING:
    from ctxpack.tokens import Encoding


@click.command()
@click.argument("files", nargs=-1, type=PLACE)
@click.option("--model", help="Count with the encoding of this model.")
@click.option("--encoding", help="Count with this encoding (default o200k_base).")
@click.option("--sentencepiece", type=click.Path(dir_okay=False), help="Count with this SentencePiece model file.")
@JSON
def count(
    files: tuple[str, ...], model: str | None, encoding: str | None, sentencepiece: str | None, as_json: bool
) -> None:
    """Counts the tokens of text files, or of standard input.

    \b
    Example:
      ctxpack count README.md --model gpt-5.6-sol
      git diff | ctxpack count
      ctxpack count README.md --sentencepiece ./tokenizer.model
    """
    from ctxpack.tokens import exactness

    if len([given for given in (model, encoding, sentencepiece) if given]) > 1:
        raise click.UsageError("give one of --model, --encoding and --sentencepiece")
    enc = _encoding(model, encoding, sentencepiece)
    kind = exactness(model) if model else "exact"
    counts = [(name, enc.count(read(name))) for name in files or ("-",)]
    total = sum(tokens for _, tokens in counts)
    if as_json:
        listed = [{"file": name, "tokens": tokens} for name, tokens in counts]
        print_json({"encoding": enc.name, "kind": kind, "files": listed, "tokens": total})
        return
    rows = (*counts, *([("total", total)] if len(counts) > 1 else []))
    show([Table(f"Tokens ({enc.name}, {kind})", ("file", "tokens"), rows)])


def _encoding(model: str | None, encoding: str | None, sentencepiece: str | None) -> "Encoding":
    from ctxpack.tokens import load_sentencepiece

    if sentencepiece:
        return load_sentencepiece(sentencepiece)
    return ctxpack.encoding_for(model) if model else ctxpack.encoding(encoding or "o200k_base")
