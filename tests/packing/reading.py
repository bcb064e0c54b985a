"""What a patient reader makes of a packed text: pointers looked up, forms read back, and by no code of packing."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import NamedTuple

from tests.reference import json_texts, lines, templates, terminal

NUMBER = re.compile(r"[ \t]*\d{1,7}(?:→|\t|[:|] ?)")
THINNED = re.compile(r"\[ctxpack:[0-9a-f]{8,40} lines (\d+)-(\d+), every 10th numbered\]")
LOG = re.compile(r"\[ctxpack:[0-9a-f]{8,40} \d+ lines as \d+ templates? and (?:its|their) values\]\n")
POINTER = re.compile(
    r"\[ctxpack(?::(?P<handle>[0-9a-f]{8,40}))? lines (?P<ours>\d+-\d+): same(?:"
    r" as above, (?P<label>[^\[\]\n]*?)(?: lines (?P<theirs>\d+-\d+))?"
    r"|(?P<where> as lines|,) (?P<own>\d+-\d+)(?P<many>, over and over)?)?\]"
)
# The number that a line goes by, and what it says without a printed one.
Line = tuple[int, str]


class Shown(NamedTuple):
    """A text that the prompt shows: how a pointer names it, at least at the start, and its lines."""

    label: str
    lines: list[Line]


def shown(label: str, text: str) -> Shown:
    """A text as those further down may point at it; of a log, the lines that are written out."""
    return Shown(label, numbered(templates.restored(text) if LOG.match(text) else text))


def bare(line: str) -> str:
    return NUMBER.sub("", line, count=1)


def numbered(text: str) -> list[Line]:
    """The lines of a text by the numbers that a reader of it sees: printed, or from one."""
    header, *rest = text.split("\n")
    thinned = THINNED.match(header)
    if not thinned:
        return [(number, content) for *_, number, content in lines.lines(text)]
    found, number = [], int(thinned[1])
    for line in rest:
        printed = re.match(rf"[ \t]*{number}(?=\D)", line)
        found.append((number, (bare(line) if printed else line).rstrip("\r")))
        pointer = POINTER.match(line)
        number = int(pointer["ours"].split("-")[1]) + 1 if pointer else number + 1
    return found


def reads_as(sent: str, original: str, above: list[Shown]) -> bool:
    """Whether a text reads as all of the original: as it was, as a terminal shows it, or as the same JSON."""
    if LOG.match(sent):
        return templates.restored(sent) in (original, terminal.shown(original))
    return any(_Walk(sent, form, above).follows() for form in forms(original)) or _is_table(sent, original, above)


def lead(sent: str, original: str, above: list[Shown]) -> bool:
    """Whether the pointers of a text, of which other lines may be gone, lead to the lines that they stand for."""
    return any(_Walk(sent, form, above).leads() for form in forms(original)) or _is_table(sent, original, above)


def forms(text: str) -> Iterator[str]:
    """The forms of a text that have lines: as it is, as a terminal shows it, and with compact JSON in it."""
    yield text
    yield terminal.shown(text)
    for start, stop in json_texts.places(text):
        yield text[:start] + json_texts.compact(text[start:stop]) + text[stop:]


def _is_table(sent: str, original: str, above: list[Shown]) -> bool:
    """Whether a text is the original with JSON in it as columns and rows."""
    ranges = list(json_texts.places(original))
    return bool(ranges) and any(
        _is_table_at(text, original, start, stop) for text in expansions(sent, above) for start, stop in ranges
    )


def _is_table_at(sent: str, original: str, start: int, stop: int) -> bool:
    head, tail = original[:start], original[stop:]
    if not (sent.startswith(head) and sent.endswith(tail)):
        return False
    with suppress(ValueError):
        middle = sent[len(head) : len(sent) - len(tail)]
        return json_texts.table_value(middle) == json_texts.value(original[start:stop])
    return False


class _Walk:
    """Down a text and a form of its original, side by side."""

    def __init__(self, sent: str, form: str, above: list[Shown]) -> None:
        self.sent, self.form = sent.split("\n"), form.split("\n")
        thinned = THINNED.match(self.sent[0])
        if thinned:
            del self.sent[0]
            self.first, self.last = map(int, thinned.groups())
            # Behind the numbered lines the others go on counting.
            contents = [bare(line) if self._is_numbered(at) else line for at, line in enumerate(self.form)]
            self.lines = [(number, content.rstrip("\r")) for number, content in enumerate(contents, self.first)]
        else:
            self.first, self.last = 0, -1
            self.lines = numbered(form)
        self.above, self.sources, self.at = above, list[Shown](), 0

    def _is_numbered(self, at: int) -> bool:
        return self.first + at <= self.last

    def follows(self) -> bool:
        """Whether the text is that form, line by line."""
        return all(map(self._takes, self.sent)) and self.at == len(self.form)

    def leads(self) -> bool:
        """Whether its pointers stand for lines of that form."""
        return all(self._finds(pointer) for pointer in map(POINTER.fullmatch, self.sent) if pointer)

    def _finds(self, pointer: re.Match[str]) -> bool:
        """Whether a pointer stands for lines of that form; numbers may stand twice."""
        first, _ = _range(pointer["ours"])
        before = self.sources
        for place in [at for at, (number, _) in enumerate(self.lines) if number == first]:
            self.at, self.sources = place, before
            if self._jumps(pointer):
                return True
        return False

    def _takes(self, line: str) -> bool:
        pointer = POINTER.fullmatch(line)
        if pointer:
            return self._jumps(pointer)
        wanted = self.form[self.at] if self.at < len(self.form) else None
        number = self.first + self.at
        if wanted and self._is_numbered(self.at) and number != self.first and number % 10:
            wanted = bare(wanted)
        self.at += 1
        return line == wanted

    def _jumps(self, pointer: re.Match[str]) -> bool:
        """Over the lines that a pointer stands for, if they are where it leads."""
        numbers = [number for number, _ in self.lines]
        first, last = _range(pointer["ours"])
        if numbers[self.at : self.at + 1] != [first] or last not in numbers[self.at :]:
            return False
        stop = numbers.index(last, self.at) + 1
        wanted = [content for _, content in self.lines[self.at : stop]]
        self.sources = _sources(pointer, self.above, Shown("", self.lines[: self.at]), self.sources)
        self.sources = [source for source in self.sources if wanted in _targets(pointer, source, len(wanted))]
        self.at = stop
        return bool(self.sources)


def expansions(sent: str, above: list[Shown]) -> Iterator[str]:
    """Every text that one with pointers may stand for, where the lines go by their place."""
    pointers = [POINTER.fullmatch(line) for line in sent.split("\n")]
    sources, choices = list[Shown](), list[list[str]]()
    for line, pointer in zip(sent.split("\n"), pointers, strict=True):
        if not pointer:
            choices.append([line])
            continue
        sources = _sources(pointer, above, Shown("", []), sources)
        first, last = _range(pointer["ours"])
        found = ("\n".join(target) for source in sources for target in _targets(pointer, source, last + 1 - first))
        choices.append(list(dict.fromkeys(found)))
    yield from map("\n".join, product(*choices))


def _sources(pointer: re.Match[str], above: list[Shown], own: Shown, before: list[Shown]) -> list[Shown]:
    """The texts that a pointer may be about, given those that the one in front of it may be about."""
    if pointer["label"] is not None:
        return [source for source in above if pointer["label"].startswith(source.label)]
    if pointer["where"] == " as lines":
        return [own]
    return [source if source.label else own for source in before]


def _targets(pointer: re.Match[str], source: Shown, count: int) -> Iterator[list[str]]:
    """Lines of a text that a pointer leads to, as many as it stands for; numbers may stand twice."""
    first, last = _range(pointer["theirs"] or pointer["own"] or pointer["ours"])
    numbers = [number for number, _ in source.lines]
    for at, number in enumerate(numbers):
        if number == first:
            stop = next((stop for stop in range(at, len(numbers)) if numbers[stop] == last), None)
            period = [content for _, content in source.lines[at : stop + 1]] if stop is not None else []
            if period and (pointer["many"] or len(period) == count):
                yield [period[step % len(period)] for step in range(count)]


def _range(text: str) -> tuple[int, int]:
    first, last = text.split("-")
    return int(first), int(last)
