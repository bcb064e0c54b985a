"""How much of what a question needs survives when a text is cut to a share of its tokens.

Four sets: HotpotQA (answers, supporting sentences), MuSiQue (answers; for each hop a sentence of its paragraph that
holds the hop's answer), QMSum (characters of the turns that are relevant to a query) and key-value needles. Tokens are
o200k_base's. Beside ctxpack stand slow twins of the usual ways (head and tail, BM25, BM25 with feedback) and, where
they are installed, llmslim and furl-ctx. What survives is looked for in the text that each method returns, verbatim.
Peers that keep to no budget are measured all the same: "tokens" is the share of them that each kept.
"""

import argparse
import gzip
import json
import math
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from ctxpack.packing.selection import select
from ctxpack.tokens import encoding

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
SHARES = (0.10, 0.25, 0.50)
SHORTEST = 40  # characters of a sentence of a meeting; shorter ones stand in many places

count = encoding("o200k_base").count

Method = Callable[[str, str, int], str]
Query = dict[str, float]  # terms and what each counts


@dataclass(frozen=True)
class Case:
    """A text, a query, and what should survive.

    Attributes:
        answers: strings of which one should survive; empty where the answer is not in the text ("yes").
        supports: groups of strings; of each group one should survive.
        relevant: strings whose surviving share is measured by characters.
    """

    text: str
    query: str
    answers: tuple[str, ...] = ()
    supports: tuple[tuple[str, ...], ...] = ()
    relevant: tuple[str, ...] = ()


def hotpotqa(path: Path) -> Iterator[Case]:
    for record in json.loads(path.read_text("utf-8")):
        facts = {(title, number) for title, number in record["supporting_facts"]}
        paragraphs = record["context"]
        supports = [(s.strip(),) for title, found in paragraphs for i, s in enumerate(found) if (title, i) in facts]
        answers = () if record["answer"] in ("yes", "no") else (record["answer"],)
        text = "\n\n".join(f"{title}\n{''.join(found)}" for title, found in paragraphs)
        yield Case(text, record["question"], answers, tuple(supports))


def musique(path: Path) -> Iterator[Case]:
    for record in json.loads(path.read_text("utf-8")):
        paragraphs = record["paragraphs"]
        text = "\n\n".join(f"{paragraph['title']}\n{paragraph['paragraph_text']}" for paragraph in paragraphs)
        answers = (record["answer"], *record["answer_aliases"])
        hops = record["question_decomposition"]
        supports = [holding(paragraphs[h["paragraph_support_idx"]]["paragraph_text"], h["answer"]) for h in hops]
        yield Case(text, record["question"], answers, tuple(supports))


def holding(paragraph: str, answer: str) -> tuple[str, ...]:
    """The sentences that hold an answer; where it runs over an end, the answer as it stands there."""
    found = tuple(s for s in sentences(paragraph) if answer.casefold() in s.casefold())
    at = paragraph.casefold().find(answer.casefold())
    return found or (paragraph[at : at + len(answer)],)


def qmsum(path: Path) -> Iterator[Case]:
    for line in path.read_text("utf-8").splitlines():
        meeting = json.loads(line)
        turns = [f"{turn['speaker']}: {turn['content']}" for turn in meeting["meeting_transcripts"]]
        for asked in meeting["specific_query_list"]:
            spans = [(int(first), int(last) + 1) for first, last in asked["relevant_text_span"]]
            found = (s for first, last in spans for turn in turns[first:last] for s in sentences(turn))
            yield Case("\n".join(turns), asked["query"], relevant=tuple(s for s in found if len(s) >= SHORTEST))


def needles(path: Path, every: int = 10) -> Iterator[Case]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % every == 0:
                record = json.loads(line)
                text = json.dumps(dict(record["ordered_kv_records"]), indent=0)
                yield Case(text, f'What is the value of the key "{record["key"]}"?', (record["value"],))


def sentences(text: str) -> list[str]:
    return [piece.strip() for piece in re.split(r"(?<=[.!?])\s+|\n+", text) if piece.strip()]


def ours(text: str, query: str, budget: int) -> str:
    return select(text, query, budget, count).text


def fill(pieces: list[str], order: list[int], budget: int) -> str:
    """The pieces in that order, as long as they fit; in the order of the text."""
    kept = []
    for number in order:
        tokens = count(pieces[number] + "\n")
        if tokens <= budget:
            budget -= tokens
            kept.append(number)
    return "\n".join(pieces[number] for number in sorted(kept))


def head_and_tail(text: str, query: str, budget: int) -> str:
    pieces = sentences(text)
    front = fill(pieces, list(range(len(pieces))), budget // 2)
    return front + "\n" + fill(pieces, list(reversed(range(len(pieces)))), budget - count(front))


def by_bm25(text: str, query: str, budget: int, *, expanded: bool = False) -> str:
    pieces = sentences(text)
    documents = [Counter(terms(piece)) for piece in pieces]
    asked: Query = dict(Counter(terms(query)))
    if expanded:
        asked = expand(asked, documents)
    scores = bm25(asked, documents)
    return fill(pieces, sorted(range(len(pieces)), key=lambda number: -scores[number]), budget)


def terms(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def weights(documents: list[Counter[str]]) -> dict[str, float]:
    frequencies = Counter(term for document in documents for term in document)
    return {term: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for term, n in frequencies.items()}


def bm25(asked: Query, documents: list[Counter[str]]) -> list[float]:
    weight = weights(documents)
    mean = statistics.mean(document.total() for document in documents)
    return [
        sum(
            n * weight[term] * document[term] * 2.2 / (document[term] + 1.2 * (0.25 + 0.75 * document.total() / mean))
            for term, n in asked.items()
            if term in document
        )
        for document in documents
    ]


def expand(asked: Query, documents: list[Counter[str]], best: int = 5, added: int = 15) -> Query:
    """Rocchio's feedback: the weightiest terms of the best documents, at half the weight of the query's own."""
    scores, weight = bm25(asked, documents), weights(documents)
    gains: Query = dict.fromkeys(weight, 0.0)
    for number in sorted(range(len(documents)), key=lambda number: -scores[number])[:best]:
        for term in documents[number]:
            gains[term] += scores[number] * weight[term]
    top = sorted(gains, key=lambda term: -gains[term])[:added]
    return asked | {term: asked.get(term, 0) + 0.5 * gains[term] / (gains[top[0]] or 1) for term in top}


def methods(names: list[str]) -> dict[str, Method]:
    known: dict[str, Method] = {
        "ctxpack": ours,
        "head+tail": head_and_tail,
        "bm25": by_bm25,
        "bm25+feedback": partial(by_bm25, expanded=True),
    }
    with suppress(ImportError):
        llmslim = import_module("llmslim")

        def use_llmslim(text: str, query: str, budget: int) -> str:
            return str(llmslim.compress(text, budget / count(text), query=query).compressed_text)

        known["llmslim"] = use_llmslim
    with suppress(ImportError):
        furl_ctx = import_module("furl_ctx")

        def use_furl(text: str, query: str, budget: int) -> str:
            call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
            asked = [{"role": "user", "content": query}, {"role": "assistant", "content": None, "tool_calls": [call]}]
            result = furl_ctx.compress_to([*asked, {"role": "tool", "tool_call_id": "1", "content": text}], budget)
            return str(result.messages[-1]["content"])

        known["furl-ctx"] = use_furl
    return {name: known[name] for name in names or known}


def survival(case: Case, kept: str) -> dict[str, float]:
    """What of the case is in a text, from 0 to 1."""
    folded = kept.casefold()
    found: dict[str, float] = {"tokens": count(kept) / count(case.text)}
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
        started = time.perf_counter()
        kept = method(case.text, case.query, budget)
        spent += time.perf_counter() - started
        found.append(survival(case, kept))
    names = dict.fromkeys(name for one in found for name in one)
    means = {name: 100 * statistics.mean(one[name] for one in found if name in one) for name in names}
    return {**means, "ms": 1000 * spent / len(cases)}


READERS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "hotpotqa": hotpotqa,
    "musique": musique,
    "qmsum": qmsum,
    "needles": needles,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hotpotqa", type=Path, default=SHARED / "qa/hotpotqa.json", help="JSON list of questions")
    parser.add_argument("--musique", type=Path, default=SHARED / "qa/musique.json", help="JSON list of questions")
    parser.add_argument("--qmsum", type=Path, default=SHARED / "qmsum/val.jsonl", help="one meeting a line")
    parser.add_argument(
        "--needles",
        type=Path,
        default=SHARED / "qa/kv-retrieval-75_keys.jsonl.gz",
        help="of lost-in-the-middle; each tenth",
    )
    parser.add_argument("--method", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument(
        "--part", choices=["all", "even", "odd"], default="all", help="cases of even or odd number only"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    return parser.parse_args()


def show(row: dict[str, str | float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row), flush=True)
        return
    cells = (f"{name} {value:6.2f}" for name, value in row.items() if isinstance(value, float))
    print(f"{row['set']:9} {row['method']:14} " + "  ".join(cells), flush=True)


def main() -> None:
    given = arguments()
    part = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}[given.part]
    for name, reader in READERS.items():
        path = getattr(given, name)
        if not path.exists():
            print(f"{name}: skipped, there is no {path}")
            continue
        cases = list(reader(path))[part]
        for label, method in methods(given.method).items():
            for share in SHARES:
                row: dict[str, str | float] = {
                    "set": name,
                    "method": label,
                    "share": share,
                    **measure(cases, method, share),
                }
                show(row, as_json=given.json)


if __name__ == "__main__":
    main()
