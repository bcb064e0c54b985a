"""`vocab`: lists, adds, removes and checks vocabularies."""

from typing import TYPE_CHECKING

import click

from ctxpack.cli.options import JSON, print_json
from ctxpack.output import Table, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxpack.tokens.library import Listed, Refused


@click.group()
def vocab() -> None:
    """Lists, adds, removes and checks vocabularies.

    \b
    Example:
      ctxpack vocab list
    """


@vocab.command("list")
@JSON
def list_vocabularies(as_json: bool) -> None:
    """Lists the vocabularies, and files that are refused.

    Bundled, added, and those that a package ships, which is not read for that; then what is refused, with the reasons.

    \b
    Example:
      ctxpack vocab list --json | jq -r .vocabularies[].name
    """
    from ctxpack.tokens.library import Listed, Refused, entries

    found = list(entries())
    listed = [entry for entry in found if isinstance(entry, Listed)]
    refused = [entry for entry in found if isinstance(entry, Refused)]
    if as_json:
        print_json({"vocabularies": _dicts(listed), "refused": _dicts(refused)})
    else:
        show([_table("Vocabularies", listed), *([_table("Refused", refused)] if refused else [])])


@vocab.command("add")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option(
    "--like",
    metavar="ENCODING",
    help="Split text as this encoding does, and take its special tokens (a .tiktoken file has neither).",
)
@click.option("--licence", default="", help="What to note as the licence of the data.")
@JSON
def add_vocabulary(name: str, file: str | None, like: str | None, licence: str, as_json: bool) -> None:
    """Adds the vocabulary in FILE under NAME.

    FILE is a .tiktoken file, a Tekken file or a Hugging Face tokenizer.json.
    Without FILE, the installed package that ships the vocabulary is looked for. It goes to $CTXPACK_VOCABULARIES, or to
    ctxpack/vocabularies in the user's data directory, in place of one that was added under NAME before.

    \b
    Example:
      ctxpack vocab add mine ./tokenizer.json
      ctxpack vocab add mine ./mine.tiktoken --like cl100k_base
      ctxpack vocab add llama3 --json | jq -r .vocabularies[].place
    """
    from ctxpack.tokens.library import add, added_file

    before = added_file(name)
    added = [add(name, file, like, licence)]
    if before:
        click.echo(f"{name}: replaced the vocabulary that was added under that name before", err=True)
    if as_json:
        print_json({"vocabularies": _dicts(added)})
    else:
        show([_table("Vocabularies", added)])


@vocab.command("remove")
@click.argument("name")
@JSON
def remove_vocabulary(name: str, as_json: bool) -> None:
    """Removes the vocabulary that was added under NAME.

    \b
    Example:
      ctxpack vocab remove mine
    """
    from ctxpack.tokens.library import remove

    place = remove(name)
    if as_json:
        print_json({"removed": {name: place}})
    else:
        show([Table("Removed", ("name", "place"), ((name, place),))])


@vocab.command("check")
@click.argument("name", required=False)
@JSON
def check_vocabularies(name: str | None, as_json: bool) -> None:
    """Checks vocabulary files.

    All, or the one of NAME: whole, loadable, tokens as noted. Exit code 1 if one is not; the JSON has null for each
    that is, else what is wrong.

    \b
    Example:
      ctxpack vocab check
    """
    from ctxpack.tokens.library import check

    found = dict(check(name))
    if as_json:
        print_json({"vocabularies": {key: problem or None for key, problem in found.items()}})
    else:
        rows = tuple((key, problem or "ok") for key, problem in found.items())
        show([Table("Vocabularies", ("name", "state"), rows)])
    raise SystemExit(1 if any(found.values()) else 0)


def _dicts(found: "Sequence[Listed | Refused]") -> list[dict[str, object]]:
    return [entry._asdict() for entry in found]


def _table(title: str, found: "Sequence[Listed | Refused]") -> Table:
    rows = (tuple("-" if cell is None else cell for cell in row) for row in found)
    return Table(title, found[0]._fields, tuple(rows))
