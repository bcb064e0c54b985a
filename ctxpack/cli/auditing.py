"""`audit`: logs, what they were billed, and why."""

import sys
from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.cli.options import JSON, none_empty, print_json
from ctxpack.output import show

if TYPE_CHECKING:
    from ctxpack.auditing import Audit


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True), callback=none_empty)
@click.option("--policy", "policies", multiple=True, help="Policy to compare with (default: lossless and balanced).")
@click.option("--no-packing", is_flag=True, help="Compare with no policy, which takes a fraction of the time.")
@JSON
def audit(paths: tuple[str, ...], policies: tuple[str, ...], no_packing: bool, as_json: bool) -> None:
    """Audits logs: what was billed, and why.

    Tokens, cost, cache misses with their causes, and what packing would have billed.

    PATHS are files or directories of Claude Code transcripts or of JSON records {request, usage}; .gz too. Pipes are
    read as they come, and - is standard input. Exit code 1 where there are findings, 2 where no call could be read.

    \b
    Example:
      ctxpack audit ~/.claude/projects
      ctxpack audit examples --json | jq .hit_rate
      zstdcat log.jsonl.zst | ctxpack audit -
    """
    from ctxpack.auditing.tables import tables

    if policies and no_packing:
        raise click.UsageError("--no-packing leaves nothing to do for --policy")
    found = _audited(paths, () if no_packing else policies or ("lossless", "balanced"))
    if as_json:
        print_json(found.to_dict())
    else:
        show(tables(found))
    raise SystemExit(1 if found.findings else 0)


def _audited(paths: tuple[str, ...], policies: tuple[str, ...]) -> "Audit":
    """The audit, with a progress bar on standard error where that is a terminal, unless all there is are pipes."""
    from ctxpack.auditing.readers import find

    size = sum(file.size for file in find(paths))
    hidden = not size or not sys.stderr.isatty()
    with click.progressbar(length=size, label="reading", file=sys.stderr, hidden=hidden) as bar:
        return ctxpack.audit(paths, policies=policies, on_progress=lambda done: bar.update(done - bar.pos))
