"""The command line.

Exit codes: 0 all well, 1 findings (a divergence, cache misses), 2 wrong usage, unreadable input or output that cannot
be written, 130 interrupted.
"""

import click

import ctxpack
from ctxpack.cli.auditing import audit
from ctxpack.cli.caching import diff, forecast
from ctxpack.cli.counting import count
from ctxpack.cli.failures import Commands
from ctxpack.cli.packing import describe_policy, original, pack
from ctxpack.cli.vocabularies import vocab

__all__ = ["main"]


@click.group(
    cls=Commands,
    commands=[count, pack, original, describe_policy, diff, forecast, audit, vocab],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(ctxpack.__version__, prog_name="ctxpack")
def main() -> None:
    """Counts, packs, compares and forecasts LLM requests, and audits what they were billed.

    \b
    Example:
      ctxpack audit examples
    """
