"""Mechanical summary: what a stretch of a conversation said and did, in its own words, within a budget of tokens."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ctxpack._native.text import Document
from ctxpack.packing.names import first_names
from ctxpack.packing.selection import select
from ctxpack.packing.summaries import commands, files
from ctxpack.packing.summaries.open_items import open_items
from ctxpack.packing.summaries.transcript import Transcript
from ctxpack.packing.summaries.wording import harmless, is_tag, quoted
from ctxpack.tokens import Encoding

_TITLE = "Summary of the messages left out here, in their own words."
# Parts of the budget that the sections may take at most, in the order in which they get them. What one leaves is names.
_REQUEST, _OPEN, _ERRORS, _FILES, _CONCLUDED, _ASKED, _RECURRING = 0.2, 0.05, 0.1, 0.2, 0.1, 0.1, 0.05
_COMMANDS, _WRITTEN, _SAID = 0.1, 0.3, 0.1
_NAMES = "\nNames:\n"


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a summary: a heading, its lines, and the share of the budget that they may take."""

    heading: str
    lines: list[str]
    share: float


def summarised(script: Transcript, query: str, budget: int, encoding: Encoding, put: Callable[[str], str]) -> str:
    """A summary of a transcript, or "" where the budget holds none.

    It quotes and counts and says nothing of its own. Most urgent first: the latest request, open items, errors that
    did not go away, the last state of each file, conclusions, earlier requests, commands and their outcomes, remarks;
    then names. Each section is cut to its share by `select`.

    Args:
        script: what to summarise.
        query: what the conversation is about just now.
        budget: tokens that it may have, exactly.
        encoding: counts texts.
        put: keeps a text and gives its handle.

    Complexity: O(n log n) in characters. Deterministic; thread-safe if `put` is.
    """
    parts = [_TITLE]
    left = budget - encoding.count(_TITLE)
    for section in _sections(script, put):
        text = _fitted(section, query, min(int(section.share * budget), left), encoding)
        if text:
            parts.append(text)
            left -= encoding.count("\n" + text)
    return _with_names("\n".join(parts), "\n".join(script.words), budget, encoding.count)


def _with_names(body: str, words: str, budget: int, count: Callable[[str], int]) -> str:
    """A summary with names that it lacks, as far as the budget goes; "" where it is too long without any."""
    room = budget - count(body + _NAMES)
    while room > 0:
        found = harmless(first_names(words, room, count, body))
        if not found:
            break
        text = body + _NAMES + found
        over = count(text) - budget
        if over <= 0:
            return text
        # The whole may have a few tokens more than its parts.
        room -= over
    return body if count(body) <= budget else ""


def _sections(script: Transcript, put: Callable[[str], str]) -> Iterator[_Section]:
    *earlier, latest = script.asked or [""]
    yield _Section("The user's latest request:", quoted([latest]), _REQUEST)
    yield _Section("Open:", quoted(open_items(script)), _OPEN)
    found = commands.outcomes(script.uses)
    failed = [outcome for outcome in found if outcome.error]
    yield _Section("Errors, not seen to go away:", _latest(commands.described(one, put) for one in failed), _ERRORS)
    yield _Section("Files:", _latest(files.described(state, put) for state in files.files(script.uses)), _FILES)
    yield _Section("You concluded:", _latest(quoted(map(_first_unit, script.concluded))), _CONCLUDED)
    yield _Section("The user said before:", _latest(quoted(earlier)), _ASKED)
    yield _Section("You wrote again and again:", _latest(quoted(commands.recurring(script.uses))), _RECURRING)
    went_well = [outcome for outcome in found if not outcome.error]
    yield _Section("Calls and their outcome:", _latest(commands.described(one, put) for one in went_well), _COMMANDS)
    yield _Section("You put into files:", _latest(files.written(script.uses)), _WRITTEN)
    yield _Section("You said:", _latest(quoted(script.said)), _SAID)


def _latest(lines: Iterable[str]) -> list[str]:
    """Lines with the latest first: where all are worth the same, those that stand first stay."""
    return list(lines)[::-1]


def _first_unit(text: str) -> str:
    """The first sentence of prose, or the first line of anything else, tags apart."""
    units = (text[start:stop] for start, stop in Document(text).units)
    return next((unit for unit in units if not is_tag(unit)), "")


def _fitted(section: _Section, query: str, budget: int, encoding: Encoding) -> str:
    """A section within a budget, or "" where nothing of it fits."""
    lines = harmless("\n".join(section.lines))
    room = budget - encoding.count(section.heading + "\n")
    if not lines or room <= 0:
        return ""
    kept = select(lines, query, room, encoding).text
    return f"{section.heading}\n{kept}" if kept.strip() else ""
