"""The slow, obvious twin of csrc/text: words, scores and the greedy choice, by their definitions."""

import math
import re
import unicodedata
from collections import Counter
from typing import NamedTuple

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
JOINER = "[-_./:@]"
PART = r"[^\s\-_./:@]+"


class Word(NamedTuple):
    term: str
    first: bool  # of its unit
    name: bool
    number: bool


class Unit(NamedTuple):
    text: str
    paragraph: int
    position: int


def words(text: str) -> list[Word]:
    found: list[Word] = []
    letters = "".join(char if is_letter(char) or re.match(JOINER, char) else " " for char in text)
    for chunk in re.findall(rf"{PART}(?:{JOINER}{PART})*", letters):
        runs = [run for part in re.split(JOINER, chunk) for run in re.findall(f"[{UNSPACED}]+|[^{UNSPACED}]+", part)]
        spelled = [run for run in runs if not is_unspaced(run)]
        for run in runs:
            if is_unspaced(run):
                pairs = [run[i : i + 2] for i in range(max(len(run) - 1, 1))]
                found += [Word(pair, False, True, False) for pair in pairs]
            else:
                found.append(Word(singular(run.lower()), not found, is_name(run), has_digit(run)))
        digits = any(map(has_digit, spelled))
        if len(spelled) > 1 and (digits or re.search("[_./:@]", chunk)):
            whole = re.sub(f"[{UNSPACED}]", "", chunk).lower()
            found.append(Word(whole, False, True, digits))
    return found


def is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def is_unspaced(run: str) -> bool:
    return re.match(f"[{UNSPACED}]", run) is not None


def is_name(run: str) -> bool:
    return unicodedata.category(run[0]) in ("Lu", "Lt", "Lo", "Lm", "Nd", "Nl", "No")


def has_digit(run: str) -> bool:
    return any(unicodedata.category(char)[0] == "N" for char in run)


def singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


Weights = dict[str, float]


class Texts:
    """BM25 over the term counts of several texts."""

    def __init__(self, counts: list[Counter[str]]) -> None:
        self.counts = counts
        self.frequency = Counter(term for count in counts for term in count)
        self.mean = max(sum(count.total() for count in counts) / len(counts), 1)

    def weight(self, term: str) -> float:
        frequency = self.frequency[term]
        return math.log(1 + (len(self.counts) - frequency + 0.5) / (frequency + 0.5)) ** 1.5

    def share(self, number: int, term: str) -> float:
        counts = self.counts[number]
        length = counts.total() / self.mean
        return counts[term] * 2.2 / (counts[term] + 1.2 * (0.25 + 0.75 * length))

    def bm25(self, query: Weights) -> list[float]:
        numbers = range(len(self.counts))
        return [
            sum(value * self.weight(term) * self.share(number, term) for term, value in query.items())
            for number in numbers
        ]


def scores(units: list[Unit], query: str, *, article: bool, focus: float = 1) -> list[float]:
    """Scores of an article, whose paragraphs have subjects, or of lines, which have neighbours."""
    spoken = [words(unit.text) for unit in units]
    counts = [Counter(word.term for word in unit) for unit in spoken]
    texts = Texts(counts)
    paragraphs = Texts([sum_of(counts, units, number) for number in range(units[-1].paragraph + 1)])
    known = set(texts.frequency)
    asked = {term: 2 * n / (1 + n) for term, n in Counter(word.term for word in words(query)).items() if term in known}

    def evidence(wanted: Weights) -> list[float]:
        own = to_one(texts.bm25(wanted))
        if article:
            by_paragraph = paragraphs.bm25(wanted)
            around = [by_paragraph[unit.paragraph] for unit in units]
        else:
            around = near(near(own))
        return [one + 0.5 * other for one, other in zip(own, to_one(around), strict=True)]

    def lead(unit: Unit) -> float:
        return 0.5 / (1 + unit.position) if article else 0

    fitting = evidence(asked)
    if max(fitting) > 0:
        leading = [score + lead(unit) for score, unit in zip(fitting, units, strict=True)]
        further = evidence(bridge(texts, spoken, leading, asked))
        fitting = [one + other for one, other in zip(fitting, further, strict=True)]
    new = first_mentions(texts, spoken, units)
    return [
        focus * fits + lead(unit) + 0.05 * mentions + (0 if article else 0.1 * said(unit.text))
        for fits, unit, mentions in zip(fitting, units, new, strict=True)
    ]


def said(text: str) -> float:
    """How much a line says: 1 from 24 bytes of letters and digits on."""
    return min(len(re.sub(r"[^0-9A-Za-z\x80-\xff]", "", text.encode().decode("latin-1"))), 24) / 24


def sum_of(counts: list[Counter[str]], units: list[Unit], paragraph: int) -> Counter[str]:
    return sum((count for count, unit in zip(counts, units, strict=True) if unit.paragraph == paragraph), Counter())


def bridge(texts: Texts, spoken: list[list[Word]], scored: list[float], asked: Weights) -> Weights:
    """The names of the best units that other units share, as a query."""
    found: Weights = {}
    for term in names(spoken) - set(asked):
        if texts.frequency[term] > 1:
            trust = [(score / max(scored)) ** 4 * texts.share(i, term) for i, score in enumerate(scored)]
            found[term] = texts.weight(term) * sum(trust)
    return dict(zip(found, to_one(list(found.values())), strict=True))


def names(spoken: list[list[Word]]) -> set[str]:
    """Terms that are written as names at least every other time, the first words of units left out."""
    uses = [word for unit in spoken for word in unit if not word.first]
    every = Counter(word.term for word in uses)
    as_name = Counter(word.term for word in uses if word.name)
    return {term for term, count in as_name.items() if 2 * count >= every[term]}


def first_mentions(texts: Texts, spoken: list[list[Word]], units: list[Unit]) -> list[float]:
    met: set[str] = set()
    values = []
    for unit, heard in zip(units, spoken, strict=True):
        new = {word.term for word in heard} - met
        met |= new
        values.append(sum(texts.weight(term) for term in new & names(spoken)) / math.sqrt(len(unit.text.encode())))
    return to_one(values)


def near(values: list[float]) -> list[float]:
    return [sum(values[max(i - 12, 0) : i + 13]) for i in range(len(values))]


def to_one(values: list[float]) -> list[float]:
    most = max(values, default=0)
    return [value / most for value in values] if most > 0 else values


def choose(
    scored: list[float], texts: list[str], costs: list[int], budget: int, gap: int, required: list[int]
) -> list[int]:
    """Greedy, every gain worked out anew at every step."""
    spoken = [words(text) for text in texts]
    patterns = [(bool(unit), *(word.term for word in unit if not word.number)) for unit in spoken]
    chosen: set[int] = set()
    refused: set[int] = set()

    def price(number: int) -> int:
        gaps = 1 - (number - 1 in chosen) - (number + 1 in chosen)
        return costs[number] + (gap * gaps if chosen else 0)

    def take(number: int) -> None:
        nonlocal budget
        if price(number) <= budget:
            budget -= price(number)
            chosen.add(number)
        else:
            refused.add(number)

    def gain(number: int) -> float:
        return scored[number] / (1 + sum(patterns[other] == patterns[number] for other in chosen))

    for number in required:
        if number not in chosen:
            take(number)
    refused.clear()
    while rest := set(range(len(texts))) - chosen - refused:
        take(min(rest, key=lambda number: (-gain(number), number)))
    return sorted(chosen)
