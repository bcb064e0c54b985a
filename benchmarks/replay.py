"""Replays agent sessions through packing policies: input bill against knowledge kept.

    python -m benchmarks.replay PATH ... [--policy lossless --policy "cliff 40k"] [--constant 6000] [--bounds] [--each]

PATH is a transcript or a directory of them (Claude Code, or anything that `ctxpack audit` reads), a .jsonl of pi, a
.json of tau-bench, a .traj of SWE-agent, or a directory of rendered traces (mini-swe-agent, magentic style). Policies
are ctxpack's own presets (without --policy, these), plain comparators, clairvoyants, and libraries where installed
(benchmarks/replaying/peers.py); `--policy all` takes every one that can be imported.

Every request of a session (between two compactions, at least 10 requests) is packed in order. Equal leading blocks of
neighbouring prompts are billed at the read price, the rest at the write price, with a constant block of system text in
front. Same trajectory assumed; output, thinking and expiry are ignored: input-side, behaviour-free.

A row for each path and policy, all its sessions together, or each with --each. Columns, in percent unless said: sent,
and the input bill under 5m, 1h and flat write prices, as changes; dearest: the 5m change of the worst session; refetch:
5m with each lost block fetched once (2,000 tokens at most, kept from then on, and a request more); breaks (how often a
prompt did not begin with the one before); CPU milliseconds a request. Of the references of turns to results
(benchmarks/replaying/references.py): visible in the packed prompt, by kind, elsewhere than in a list of names,
weighted, by age in turns; recoverable (visible, or behind a handle); own, the same for what user and assistant said;
turns that refer to results, those that lost nothing. Clairvoyants and bounds need sessions whose requests continue one
another, which magentic style's do not.

Peers whose needs conflict run one by one: `--json` rows that were kept in files join those of this run with `--rows`,
and `--markdown` and `--plot` show all of them.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pathlib import Path

from benchmarks.replaying.policies import NAMES, labelled, policy, sees_constant
from benchmarks.replaying.replayed import Recorded
from benchmarks.replaying.score import PRICES, Score
from benchmarks.replaying.sessions import Session, sessions
from benchmarks.replaying.tables import Row, tables
from benchmarks.replaying.traces import lines
from ctxpack.errors import ReaderError
from ctxpack.packing.policy import PRESETS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument("--policy", action="append", choices=["all", *NAMES], help="may be given several times")
    parser.add_argument("--constant", type=int, action="append", help="tokens of the constant block (default 6000)")
    parser.add_argument("--bounds", action="store_true", help="the lower bounds, too")
    parser.add_argument("--each", action="store_true", help="a row for each session, too")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--rows", metavar="FILE", action="append", default=[], help="JSON lines of an earlier run")
    parser.add_argument("--markdown", action="store_true", help="a table for each path instead")
    parser.add_argument("--plot", metavar="FILE", help="bill against survival, as SVG or PNG (needs matplotlib)")
    options = parser.parse_args()
    rows = [json.loads(row) for file in options.rows for row in lines(Path(file))]
    for row in replayed(options):
        rows.append(row)
        if not options.markdown:
            print(json.dumps(row) if options.json else line(row), flush=True)
    if options.markdown:
        print(*tables(rows), sep="\n\n")
    if options.plot:
        import_module("benchmarks.replaying.plot").draw(rows, options.plot)


def replayed(options: argparse.Namespace) -> Iterator[Row]:
    constants = options.constant or [6000]
    names = NAMES if options.policy == ["all"] else options.policy or list(PRESETS)
    for path in options.paths:
        try:
            recorded = [(session, Recorded(session)) for session in sessions(path)]
        except (ReaderError, OSError) as error:
            sys.exit(str(error))
        if not recorded:
            sys.exit(f"{path}: no session of 10 requests or more")
        for name in names:
            for row in rows_of(name, recorded, constants, options.each):
                yield {"path": path, "policy": labelled(name), **row}
        if options.bounds:
            yield from ({"path": path, **row} for row in lower_bounds(recorded, constants))


def rows_of(name: str, recorded: list[tuple[Session, Recorded]], constants: list[int], each: bool) -> Iterator[Row]:
    """A policy's row for each constant block; none where its library is not installed."""
    scores: dict[str, Score] = {}
    for constant in constants:
        try:
            if not scores or sees_constant(name):
                scores = {one.name: replay.replay(policy(name, one, constant)) for one, replay in recorded}
        except ImportError as error:
            print(f"{labelled(name)}: {error}", file=sys.stderr)
            return
        about: Row = {"constant": constant}
        for session, score in scores.items() if each else ():
            yield {**about, "session": session, **score.to_dict(constant)}
        dearest = max(score.bill("5m", constant) for score in scores.values())
        yield {**about, "session": "all", **sum(scores.values(), Score()).to_dict(constant), "dearest": dearest}


def lower_bounds(recorded: list[tuple[Session, Recorded]], constants: list[int]) -> Iterator[Row]:
    """The bounds as changes of the bill in percent."""
    found = [replay.bounds() for _, replay in recorded]
    plain = sum((replay.replay(policy("nothing", one, 0)) for one, replay in recorded), Score())
    for constant, bound in product(constants, found[0]):
        row: Row = {"policy": f"lower bound, {bound}", "session": "all", "constant": constant}
        for prices, (write, read) in PRICES.items():
            standing = constant * (write * plain.sessions + read * (plain.requests - plain.sessions))
            before = write * plain.before.cache_write + read * plain.before.cache_read + standing
            row[prices] = 100 * ((sum(one[bound][prices] for one in found) + standing) / before - 1)
        yield row


def line(row: Row) -> str:
    figures = {key: f"{value:.1f}" if isinstance(value, float) else value for key, value in row.items()}
    return "  ".join(f"{key} {'-' if value is None else value}" for key, value in figures.items())


if __name__ == "__main__":
    main()
