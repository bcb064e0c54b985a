"""Which lines of a session's texts its later turns quote: what a clairvoyant keeps, and no more."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from benchmarks.replaying.messages import Message
from benchmarks.replaying.references import Conversation, Said, conversation, names_and_lines, texts
from ctxpack.tokens import encoding

count = encoding("o200k_base").count


@dataclass
class Text:
    """One text of a session by its lines.

    Attributes:
        said: the text.
        entered: number of the first request that holds it.
        uses: by line, the requests whose answers quote it, in order.
    """

    said: Said
    entered: int
    uses: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def lines(self) -> list[str]:
        return self.said.text.split("\n")

    @cached_property
    def tokens(self) -> int:
        return count(self.said.text)

    @cached_property
    def line_tokens(self) -> dict[int, int]:
        """Tokens of the lines that are quoted at all."""
        return {line: count(self.lines[line] + "\n") for line in self.uses}

    def kept(self, since: int) -> list[int]:
        """Lines that this request's answer or a later one quotes."""
        return sorted(line for line, uses in self.uses.items() if uses[-1] >= since)

    def use(self, reference: str, request: int) -> None:
        """Notes the line that serves a reference: one that is kept anyway, else the shortest that holds it."""
        line = self.serving(reference)
        if line is None:
            holding = (number for number, line in enumerate(self.lines) if reference in line)
            line = min(holding, key=lambda number: len(self.lines[number]))
        self.uses[line].append(request)

    def serving(self, reference: str) -> int | None:
        return next((line for line in self.uses if reference in self.lines[line]), None)


def needs(requests: list[list[Message]], own: bool = False) -> list[Text]:
    """The texts of the last request: results with the lines that later turns refer to.

    With `own`, what the assistant said is held to be of the same kind: only lines that are quoted later stay.

    Raises:
        ValueError: a request does not continue the one before it.
    """
    if any(later[: len(messages)] != messages for messages, later in pairwise(requests)):
        raise ValueError("a request does not continue the one before it")
    found = conversation(requests)
    every = [Text(said, entered) for said, entered in zip(found.said, _entries(requests), strict=True)]
    kept = [text for text in every if text.said.role == "result" or (own and text.said.role == "assistant")]
    for request, references in enumerate(_references(requests) if own else _results_only(found)):
        for reference in references:
            _serve([text for text in kept if text.entered <= request], reference, request)
    return every


def _serve(texts_before: list[Text], reference: str, request: int) -> None:
    """By a line that is kept anyway, else by the newest text that holds it."""
    for text in texts_before:
        if text.serving(reference) is not None:
            return text.use(reference, request)
    for text in reversed(texts_before):
        if reference in text.said.text:
            return text.use(reference, request)
    return None


def _entries(requests: list[list[Message]]) -> Iterable[int]:
    """For each text of the last request, the first request that holds it."""
    before = 0
    for number, messages in enumerate(requests):
        now = sum(len(message["content"]) for message in messages)
        yield from [number] * (now - before)
        before = now


def _results_only(found: Conversation) -> list[list[str]]:
    return [[reference.text for reference in turn if reference.kind != "own"] for turn in found.turns]


def _references(requests: list[list[Message]]) -> list[list[str]]:
    """All that each turn says again and no user said, whatever held it."""
    turns = []
    for messages, following in pairwise(requests):
        user = "\n".join(said.text for said in texts(messages) if said.role == "user")
        turn = "\n".join(said.text for said in texts(following[len(messages) : len(messages) + 1]))
        turns.append([text for _, text in names_and_lines(turn) if text not in user])
    return turns
