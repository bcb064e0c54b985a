"""How much of what a question needs survives when a text is cut to a share of its tokens.

    python -m benchmarks.retention [--method ctxpack --method llmslim] [--part even] [--json]

Four sets: HotpotQA (answers, supporting sentences), MuSiQue (answers; for each hop a sentence of its paragraph that
holds the hop's answer), QMSum (characters of the turns that are relevant to a query) and key-value needles. Tokens are
o200k_base's. Beside ctxpack stand slow twins of the usual ways and libraries (benchmarks/retaining/peers.py), where
they are installed. What survives is looked for in the text that each method returns, verbatim. Columns: tokens (the
share of them that was kept), fits (how often that was within the budget), what survived, milliseconds of CPU time.
"""

import argparse
import json
import statistics
import sys
import time
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.data import DATA
from benchmarks.retaining.cases import READERS, Case
from benchmarks.retaining.peers import PEERS, Method
from benchmarks.retaining.twins import at_random, by_bm25, head_and_tail, textrank
from ctxpack.packing.selection import select
from ctxpack.tokens import encoding

SHARES = (0.10, 0.25, 0.50)

ENCODING = encoding("o200k_base")
count = ENCODING.count


def ours(text: str, query: str, budget: int) -> str:
    return select(text, query, budget, ENCODING).text


OWN: dict[str, Method] = {
    "ctxpack": ours,
    "BM25": by_bm25,
    "BM25+feedback": partial(by_bm25, expanded=True),
    "head+tail": head_and_tail,
    "random": at_random,
    "TextRank": textrank,
}


def method(name: str) -> tuple[str, Method]:
    """A method and its name with its version. Raises ImportError where its library is not installed."""
    if name in OWN:
        return name, OWN[name]
    package, make = PEERS[name]
    return f"{name} ({version(package)})", make()


def survival(case: Case, kept: str, budget: int) -> dict[str, float]:
    """What of the case is in a text, from 0 to 1."""
    folded = kept.casefold()
    found = {"tokens": count(kept) / count(case.text), "fits": float(count(kept) <= budget)}
    if case.answers:
        found["answer"] = float(any(answer.casefold() in folded for answer in case.answers))
    if case.supports:
        found["supports"] = float(all(any(support in kept for support in group) for group in case.supports))
    if case.relevant:
        total = sum(map(len, case.relevant))
        found["relevant"] = sum(len(piece) for piece in case.relevant if piece in kept) / total
    return found


def measure(cases: list[Case], method: Method, share: float) -> dict[str, float]:
    """Means over the cases in percent, and milliseconds for each."""
    found, spent = [], 0.0
    for case in cases:
        budget = int(share * count(case.text))
        started = time.process_time()
        kept = method(case.text, case.query, budget)
        spent += time.process_time() - started
        found.append(survival(case, kept, budget))
    names = dict.fromkeys(name for one in found for name in one)
    means = {name: 100 * statistics.mean(one[name] for one in found if name in one) for name in names}
    return {**means, "ms": 1000 * spent / len(cases)}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hotpotqa", type=Path, default=DATA / "qa/hotpotqa.json", help="JSON list of questions")
    parser.add_argument("--musique", type=Path, default=DATA / "qa/musique.json", help="JSON list of questions")
    parser.add_argument("--qmsum", type=Path, default=DATA / "qmsum/val.jsonl", help="one meeting a line")
    parser.add_argument(
        "--needles",
        type=Path,
        default=DATA / "qa/kv-retrieval-75_keys.jsonl.gz",
        help="of lost-in-the-middle; each tenth",
    )
    parser.add_argument("--method", action="append", choices=[*OWN, *PEERS], help="only this one; may be repeated")
    parser.add_argument(
        "--part", choices=["all", "even", "odd"], default="all", help="cases of even or odd number only"
    )
    parser.add_argument("--every", type=int, default=1, help="every so manieth case only: for slow methods")
    parser.add_argument("--set", action="append", choices=list(READERS), help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    return parser.parse_args()


def show(row: dict[str, str | float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row), flush=True)
        return
    cells = (f"{name} {value:6.2f}" for name, value in row.items() if isinstance(value, float))
    print(f"{row['set']:9} {row['method']:26} " + "  ".join(cells), flush=True)


def main() -> None:
    given = arguments()
    part = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}[given.part]
    for name in given.set or READERS:
        path = getattr(given, name)
        if not path.exists():
            print(f"{name}: skipped, there is no {path}")
            continue
        cases = list(READERS[name](path))[part][:: given.every]
        for one in given.method or [*OWN, *PEERS]:
            try:
                label, cut = method(one)
            except (ImportError, PackageNotFoundError) as error:
                print(f"{one}: {error}", file=sys.stderr)
                continue
            for share in SHARES:
                row = {"set": name, "method": label, "share": share, **measure(cases, cut, share)}
                show(row, as_json=given.json)


if __name__ == "__main__":
    main()
