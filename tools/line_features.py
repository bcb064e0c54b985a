"""What is known of a tool result's lines when it enters a conversation, and which of them later turns quote."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.replaying.references import Reference, conversation
from benchmarks.replaying.replayed import DIALECT, body, count
from benchmarks.replaying.sessions import Session
from ctxpack._native.lines import reports
from ctxpack._native.text import Document
from ctxpack.packing.numbering import GUTTER
from ctxpack.packing.policy import Policy
from ctxpack.packing.texts import texts
from ctxpack.packing.tool_calls import ToolCall
from ctxpack.prompts import Prompt

Column = np.ndarray

PLAIN = Policy("plain")
# Characters of the latest text that count as what the work is about, as in ctxpack.packing.branch.
QUERY = 2000
# The latest texts of the agent that count as what it is just now at.
RECENT = 6
# Shorter lines are no sign of where they come from.
TELLING = 12
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_DEFINITION = re.compile(
    r"(?:export |pub |public |private |static |async |default )*"
    r"(?:def|defp|defmodule|class|function|fn|func|interface|type|enum|struct|impl|trait|module|describe|it|test)\b"
)
_IMPORT = re.compile(r"(?:import|from|use|using|require|include|#include|alias|package)\b")
_COMMENT = re.compile(r"#|//|\*|/\*|--|<!--|\"\"\"|@doc|@moduledoc")


@dataclass(frozen=True, eq=False)
class Result:
    """A tool result as it enters, and what later turns quote of it.

    Attributes:
        agent, session: where it comes from.
        call: the call it answers.
        text: the result.
        query: the end of the latest text of user or assistant.
        user, own: what the user said so far; what the agent said and put into calls.
        earlier: the results before it, with their calls.
        references: what later turns quote of it, and of no later result.
    """

    agent: str
    session: str
    call: ToolCall
    text: str
    query: str
    user: tuple[str, ...]
    own: tuple[str, ...]
    earlier: tuple[tuple[ToolCall, str], ...]
    references: tuple[Reference, ...]

    @property
    def kind(self) -> str:
        return "reads" if self.call.is_quotable else "commands"

    @cached_property
    def document(self) -> Document:
        return Document(self.text)

    @cached_property
    def units(self) -> list[str]:
        return [self.text[start:stop] for start, stop in self.document.units]

    @cached_property
    def costs(self) -> list[int]:
        return [count(unit.rstrip()) for unit in self.units]

    @cached_property
    def lines(self) -> list[str]:
        """The units without printed line numbers and what ends them."""
        return [GUTTER.sub("", unit, count=1).rstrip() if GUTTER.match(unit) else unit.rstrip() for unit in self.units]

    @cached_property
    def words(self) -> list[set[str]]:
        return [set(_WORD.findall(line)) for line in self.lines]

    @cached_property
    def rarity(self) -> dict[str, float]:
        """How much a word tells, by the number of units that have it."""
        found, n = Counter(word for words in self.words for word in words), len(self.units)
        return {word: math.log(1 + (n - k + 0.5) / (k + 0.5)) for word, k in found.items()}

    @cached_property
    def labels(self) -> Column:
        """For each unit, whether a later turn quotes it; what stands in several is shared among them."""
        labels = np.zeros(len(self.units))
        for reference in self.references:
            holding = [number for number, unit in enumerate(self.units) if reference.text in unit]
            for number in holding:
                labels[number] = max(labels[number], 1 / len(holding))
        return labels

    @cached_property
    def features(self) -> np.ndarray:
        """A row for each unit, a column for each of FEATURES, all of them from 0 to 1."""
        return np.stack([feature(self) for feature in FEATURES.values()], axis=1)


def results(session: Session, agent: str) -> Iterator[Result]:
    """Every result of a session, in order. O(turns * characters)."""
    quoted: dict[int, list[Reference]] = defaultdict(list)
    for turn in conversation(session.requests).turns:
        for reference in turn:
            if reference.is_of_results:
                quoted[reference.holders[-1]].append(reference)
    said: dict[str, list[str]] = {"user": [], "own": []}
    earlier: list[tuple[ToolCall, str]] = []
    query = ""
    for text in texts(Prompt.parse(body(session.requests[-1], session.model), DIALECT), PLAIN):
        shown = text.read()
        if text.is_result:
            known = tuple(said["user"]), tuple(said["own"]), tuple(earlier), tuple(quoted[len(earlier)])
            yield Result(agent, session.name, text.call, shown, query, *known)
            earlier.append((text.call, shown))
            continue
        said["own" if text.is_arguments or text.source.role == "assistant" else "user"] += text.shown(shown)
        query = query if text.is_arguments else shown[-QUERY:]


def _scaled(values: Collection[float]) -> Column:
    found = np.asarray(values, float)
    return found / found.max() if found.size and found.max() > 0 else found


def _near(values: Column, radius: int) -> Column:
    """The mean of the values up to `radius` away."""
    return np.convolve(values, np.ones(2 * radius + 1), "full")[radius : radius + len(values)] / (2 * radius + 1)


def _per_line(told: Callable[[str], float]) -> Callable[[Result], Column]:
    return lambda result: np.array([float(told(line)) for line in result.lines])


def _shared(result: Result, said: Collection[str]) -> Column:
    """How much the words tell that each line shares with what was said."""
    known = {word for text in said for word in _WORD.findall(text)}
    return _scaled([sum(result.rarity[word] for word in words & known) for words in result.words])


def _stands_in(result: Result, known: Collection[str]) -> Column:
    stripped = (line.strip() for line in result.lines)
    return np.array([float(len(line) >= TELLING and line in known) for line in stripped])


def _spoken(result: Result) -> Column:
    said = "\n".join(result.own)
    stripped = (line.strip() for line in result.lines)
    return np.array([float(len(line) >= TELLING and line in said) for line in stripped])


def _lines_of(found: Collection[tuple[ToolCall, str]]) -> set[str]:
    return {line.strip() for _, text in found for line in text.split("\n")}


def _hits(result: Result) -> Column:
    found = [(call, text) for call, text in result.earlier if call.is_search]
    return _stands_in(result, {line.split(":", 2)[-1].strip() for line in _lines_of(found)})


def _repeated(result: Result) -> Column:
    found = Counter(line.strip() for line in result.lines)
    return np.array([1 - 1 / found[line.strip()] for line in result.lines])


def _mean_rarity(result: Result) -> Column:
    return _scaled([sum(map(result.rarity.__getitem__, words)) / max(len(words), 1) for words in result.words])


def _numbers(result: Result) -> Column:
    return np.arange(len(result.units), dtype=float)


def _indentation(line: str) -> float:
    return min(len(line) - len(line.lstrip()), 16) / 16


FEATURES: dict[str, Callable[[Result], Column]] = {
    "fits the query": lambda result: _scaled(result.document.scores(result.query)),
    "fits the call": lambda result: _scaled(result.document.scores(result.call.subject)),
    "new names": lambda result: _scaled(result.document.scores("")),
    "24 letters": _per_line(lambda line: min(sum(map(str.isalnum, line)), 24) / 24),
    "length": _per_line(lambda line: min(len(line), 120) / 120),
    "30 characters": _per_line(lambda line: len(line.strip()) >= 30),
    "place": lambda result: _numbers(result) / len(result.units),
    "near the top": lambda result: np.exp(-_numbers(result) / 10),
    "near the end": lambda result: np.exp(-_numbers(result)[::-1] / 10),
    "indentation": _per_line(_indentation),
    "definition": _per_line(lambda line: _DEFINITION.match(line.lstrip()) is not None),
    "import": _per_line(lambda line: _IMPORT.match(line.lstrip()) is not None),
    "comment": _per_line(lambda line: _COMMENT.match(line.lstrip()) is not None),
    "report": _per_line(reports),
    "repeated here": _repeated,
    "rare words": _mean_rarity,
    "user's words": lambda result: _shared(result, result.user),
    "own words": lambda result: _shared(result, result.own[-RECENT:]),
    "own words around": lambda result: _near(_shared(result, result.own[-RECENT:]), 6),
    "said before": _spoken,
    "shown before": lambda result: _stands_in(result, _lines_of(result.earlier)),
    "found by a search": _hits,
}
