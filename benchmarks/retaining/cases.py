"""Questions, the texts that answer them, and what of a text should survive."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SHORTEST = 40  # characters of a sentence of a meeting; shorter ones stand in many places


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


READERS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "hotpotqa": hotpotqa,
    "musique": musique,
    "qmsum": qmsum,
    "needles": needles,
}
