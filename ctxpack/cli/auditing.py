"""`audit`: logs, what they were billed, and why."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.cli.options import JSON, none_empty, print_json
from ctxpack.output import show

if TYPE_CHECKING:
    from ctxpack.auditing import Audit


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(), callback=none_empty)
@click.option("--policy", "policies", multiple=True, help="Policy to compare with (default: lossless and balanced).")
@JSON
def audit(paths: tuple[str, ...], policies: tuple[str, ...], as_json: bool) -> None:
    """Audits logs: tokens, cost, cache misses with their causes, and what packing would have billed.

    PATHS are files or directories of Claude Code transcripts or of JSONL records {request, usage}; .gz too.
    Exit code 1 where there are misses.

    \b
    Example:
      ctxpack audit ~/.claude/projects
      ctxpack audit examples --json | jq .hit_rate
    """
    from ctxpack.auditing.tables import tables

    found = _audited(paths, policies or ("lossless", "balanced"))
    if as_json:
        print_json(found.to_dict())
    else:
        show(tables(found))
    raise SystemExit(1 if found.findings else 0)


def _audited(paths: tuple[str, ...], policies: tuple[str, ...]) -> "Audit":
    """The audit, with a progress bar on standard error where that is a terminal."""
    from ctxpack.auditing.readers import find

    size = sum(Path(file.path).stat().st_size for file in find(paths))
    with click.progressbar(length=size, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        return ctxpack.audit(paths, policies=policies, on_progress=lambda done: bar.update(done - bar.pos))
