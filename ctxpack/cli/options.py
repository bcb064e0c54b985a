"""Options and arguments that several commands have, and what `--json` prints."""

import json

import click


def not_empty(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The value of an option: an empty one, as of a variable that is not set, does not mean the default."""
    if value == "":
        raise click.BadParameter("it is empty", context, option)
    return value


def none_empty(context: click.Context, argument: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """As not_empty, of an argument that may be given several times."""
    for value in values:
        not_empty(context, argument, value)
    return values


MODEL = click.option("--model", callback=not_empty, help="Model name; by default the one the body names.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON instead of tables.")
PLACE = click.Path(dir_okay=False, allow_dash=True)


def print_json(value: object) -> None:
    """Prints one JSON text on one line."""
    click.echo(json.dumps(value))
