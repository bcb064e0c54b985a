"""Summary: one text in place of a stretch of messages, and the prompt that it makes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from ctxpack.prompts import Prompt, Section

WrittenBy = Literal["mechanical", "summarizer"]


class Summary(msgspec.Struct, frozen=True):
    """A frozen decision: the messages [first, stop) but for a few are one text, after the message in front of them.

    Attributes:
        first: the first message that it may stand for.
        stop: the first after them.
        kept: messages in between that stay.
        text: what stands for the others; the last part of message `first - 1`, which is a user's.
        handle: gives the messages back, in their own bytes, one a line, and is named in the text. Those of an earlier
            summary are behind its marker there, and what the retrieval tool returned is behind markers, too.
        by: who wrote it.
        reason: why a summarizer's text was not taken, "" where it was or none was asked.
        tokens_before: tokens of the messages as given.
        tokens_after: tokens of the text.
    """

    first: int
    stop: int
    kept: tuple[int, ...]
    text: str
    handle: str
    by: WrittenBy
    reason: str
    tokens_before: int
    tokens_after: int

    @property
    def marker(self) -> str:
        """The marker at the top of its text."""
        return self.text.split("\n", 1)[0]

    @property
    def path(self) -> str:
        """The messages that it stands for, as they stand in the body: `messages[1:9,13:41]`."""
        edges = [self.first - 1, *self.kept, self.stop]
        ranges = [f"{before + 1}:{after}" for before, after in pairwise(edges) if before + 1 < after]
        return f"messages[{','.join(ranges)}]"

    def fits(self, messages: int) -> bool:
        """Whether it is about messages of a body with so many: what a store gives back may be about none. O(kept)."""
        edges = [1, self.first, *self.kept, self.stop, messages]
        return edges == sorted(edges)

    def stays(self, message: int) -> bool:
        """Whether a message of the body as given is still one of the prompt."""
        return not self.first <= message < self.stop or message in self.kept

    def places(self, messages: int) -> tuple[int, ...]:
        """The messages of a body as given that stay, in order. O(messages)."""
        return (*range(self.first), *self.kept, *range(self.stop, messages))


class Condensed(NamedTuple):
    """A prompt as given, and with a summary in place of what it stands for."""

    given: Prompt
    prompt: Prompt


def condensed(given: Prompt, summary: Summary, earlier: Condensed | None = None) -> Prompt:
    """A prompt with a summary in place of the messages that it stands for. O(messages), and the bytes of new ones.

    Args:
        given: the prompt as the caller sends it.
        summary: made for a prompt that began like this one.
        earlier: the same of an earlier prompt and the same summary: messages that are the very same stay so.

    Raises:
        BodyError: the message in front of the summary has no content that a part could follow.
    """
    known: dict[int, Section] = {}
    if earlier is not None:
        places = summary.places(len(earlier.given.messages))
        pairs = zip(places, earlier.prompt.messages, strict=True)
        known = {message: section for message, section in pairs if _is_same(given, earlier.given, message)}
    return given.rearranged(list(_sections(given, summary, known)))


def _is_same(given: Prompt, earlier: Prompt, message: int) -> bool:
    return message < len(given.messages) and given.messages[message] is earlier.messages[message]


def _sections(given: Prompt, summary: Summary, known: dict[int, Section]) -> Iterator[Section]:
    for place, message in enumerate(summary.places(len(given.messages))):
        own = given.messages[message]
        if message in known:
            yield known[message]
        elif message == summary.first - 1:
            yield given.section(own.with_text(summary.text), place)
        else:
            yield own if place == message else given.section(own.data, place)
