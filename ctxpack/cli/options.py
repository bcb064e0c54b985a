"""Options and arguments that several commands have, and what `--json` prints."""

import json

import click

MODEL = click.option("--model", help="Model name; by default the one the body names.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON instead of tables.")
PLACE = click.Path(dir_okay=False, allow_dash=True)


def print_json(value: object) -> None:
    """Prints one JSON text on one line."""
    click.echo(json.dumps(value))
