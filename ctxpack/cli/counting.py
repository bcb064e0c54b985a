"""`count`: the tokens of files."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.cli.failures import Failure
from ctxpack.cli.options import JSON, none_empty, not_empty, print_json
from ctxpack.cli.reading import read
from ctxpack.likeness import likeness
from ctxpack.output import Table, show

if TYPE_CHECKING:
    from typing import Literal

    from ctxpack.tokens import Encoding

    _Special = Literal["text", "allow", "refuse"]

_ENCODING_HELP = (
    "Count with this encoding: one that `ctxpack vocab list` names, or the path of a file, with a directory in it "
    "(./tokenizer.json, ./tokenizer.model). Default o200k_base."
)


@click.command()
@click.argument("files", nargs=-1, callback=none_empty)
@click.option(
    "--model",
    callback=not_empty,
    metavar="MODEL",
    help="Count with the encoding of this model (gpt-5.6-sol, claude-opus-5, qwen3-32b).",
)
@click.option("--encoding", callback=not_empty, metavar="ENCODING", help=_ENCODING_HELP)
@click.option(
    "--special",
    type=click.Choice(["text", "allow", "refuse"]),
    default="text",
    show_default=True,
    help="Take special tokens, such as <|endoftext|>, as plain text, as themselves, or as a failure of their file.",
)
@JSON
def count(
    files: tuple[str, ...],
    model: str | None,
    encoding: str | None,
    special: "_Special",
    as_json: bool,
) -> None:
    """Counts the tokens of text files.

    Of standard input where there are none, and for -. What is not UTF-8 counts as U+FFFD, and standard error says so,
    and whether the file looks like UTF-16 or an archive. Beside the encoding stands whether the counts are exact or, of
    models whose encoding is not known, an estimate; standard error, or "note" in the JSON, then says what is known of
    its error. Exit code 2 where a file cannot be read or has a special token that is refused; the others are counted.

    \b
    Example:
      ctxpack count README.md --model gpt-5.6-sol
      git diff | ctxpack count
      git ls-files -z docs | xargs -0 ctxpack count
      ctxpack count README.md --encoding ./tokenizer.json
      ctxpack count prompt.txt --model qwen3-32b --special allow
      ctxpack count README.md --encoding ./tokenizer.model
    """
    from ctxpack.tokens import exactness as exactness_of
    from ctxpack.tokens import known_error

    if model and encoding:
        raise click.UsageError("give --model or --encoding, not both")
    enc = ctxpack.encoding_for(model) if model else ctxpack.encoding(encoding or "o200k_base")
    exactness, note = (exactness_of(model), known_error(model)) if model else ("exact", "")
    names = files or ("-",)
    counts = list(_counts(enc, names, special))
    if counts:
        _print(enc.name, exactness, note, counts, as_json)
    if len(counts) < len(names):
        raise SystemExit(Failure.exit_code)


def _counts(enc: "Encoding", names: tuple[str, ...], special: "_Special") -> Iterator[tuple[str, int]]:
    """Those of the files that can be counted; standard error names the others, and those that are not UTF-8."""
    for name in names:
        try:
            text = read(name)
            tokens = _count(enc, name, text, special)
        except Failure as failure:
            failure.show()
            continue
        if replaced := _replaced(text):
            said = f"not UTF-8, {replaced} U+FFFD counted in place of bytes{likeness(text)}"
            click.echo(f"Warning: {name}: {said}", err=True)
        yield name, tokens


def _count(enc: "Encoding", name: str, text: bytes, special: "_Special") -> int:
    try:
        return enc.count(text, special=special)
    except ValueError as error:
        raise Failure(f"{name}: {error}") from error


def _replaced(text: bytes) -> int:
    """How many U+FFFD stand for bytes that are not UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode(errors="replace").count("\ufffd") - text.count("\ufffd".encode())
    return 0


def _print(encoding: str, exactness: str, note: str, counts: list[tuple[str, int]], as_json: bool) -> None:
    total = sum(tokens for _, tokens in counts)
    if as_json:
        listed = [{"file": name, "tokens": tokens} for name, tokens in counts]
        found = {"encoding": encoding, "exactness": exactness, "note": note or None, "files": listed, "tokens": total}
        print_json(found)
        return
    rows = (*counts, *([("total", total)] if len(counts) > 1 else []))
    show([Table(f"Tokens ({encoding}, {exactness})", ("file", "tokens"), rows)])
    if note:
        click.echo(f"Note: {exactness}: {note}", err=True)
