"""What assistant turns refer to, and what of it a packed prompt still shows.

A reference is text of an assistant turn (prose or a value of a call's arguments) that stands in an earlier tool result
and in nothing that user or assistant said before: a name (path, dotted, snake or camel name, mixed or long number, at
least 5 characters) or a whole line of at least 30. "own" is what was last seen in what user or assistant said.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.replaying.messages import Message, strings

# A reference that stands in more results than this is no sign of any of them: only weighted shares count it.
MOST_RESULTS = 5
AGES = {"<=2": 2, "3-10": 10, "11-50": 50, ">50": 10**9}
NAME = re.compile(
    r"[\w@~.-]*/[\w@~./-]*\w|\w+(?:[._]\w+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|\w*\d\w*", re.ASCII
)
SHORTEST_NAME, SHORTEST_LINE = 5, 30


@dataclass(frozen=True)
class Reference:
    """One reference of one turn.

    Attributes:
        kind: "id" or "line" of a tool result, "own" of what user or assistant said.
        text: what was said again.
        turns: assistant turns between the latest text that holds it and this one.
        holders: numbers of the results that hold it, in order; none for "own".
    """

    kind: str
    text: str
    turns: int
    holders: tuple[int, ...] = ()

    @property
    def age(self) -> str:
        return next(name for name, most in AGES.items() if self.turns <= most)

    @property
    def is_rare(self) -> bool:
        return len(self.holders) <= MOST_RESULTS

    @property
    def is_of_results(self) -> bool:
        """Whether it is one that shares count: to results, and rare."""
        return bool(self.holders) and self.is_rare

    @property
    def weight(self) -> float:
        return 1 / len(self.holders)


@dataclass
class Said:
    """One text of a conversation: a tool result, or what user or assistant said.

    Attributes:
        turn: assistant turns before it.
        role: "result", "user" or "assistant".
        key: of a result, its call's id and how many results of that id stand before it.
    """

    turn: int
    role: str
    text: str
    key: tuple[str, int] = ("", 0)


@dataclass
class Conversation:
    """The texts of a session, and what each turn that a later request shows refers to.

    Attributes:
        said: every text of the last request, in order.
        turns: references of the turn that answers each request but the last.
    """

    said: list[Said] = field(default_factory=list)
    turns: list[list[Reference]] = field(default_factory=list)

    @property
    def results(self) -> list[Said]:
        return [text for text in self.said if text.role == "result"]


def conversation(requests: list[list[Message]]) -> Conversation:
    """Of a session's requests, each given as its messages. O(turns * characters)."""
    found = Conversation(list(texts(requests[-1])))
    for messages, following in pairwise(requests):
        earlier = list(texts(messages))
        turn = texts(following[len(messages) : len(messages) + 1])
        found.turns.append(list(_references("\n".join(text.text for text in turn), earlier)))
    return found


def texts(messages: list[Message]) -> Iterator[Said]:
    turns, seen = 0, Counter[str]()
    for message in messages:
        for part in message["content"]:
            if part["type"] == "tool_result":
                call = part["tool_use_id"]
                yield Said(turns, "result", "\n".join(strings(part.get("content", ""))), (call, seen[call]))
                seen[call] += 1
            else:
                given = part["text"] if part["type"] == "text" else "\n".join(strings(part["input"]))
                yield Said(turns, message["role"], given)
        turns += message["role"] == "assistant"


def _references(turn: str, earlier: list[Said]) -> Iterator[Reference]:
    now = earlier[-1].turn if earlier else 0
    results = [text for text in earlier if text.role == "result"]
    own = [text for text in earlier if text.role != "result"]
    for kind, name in names_and_lines(turn):
        said = [text.turn for text in own if name in text.text]
        holders = tuple(number for number, text in enumerate(results) if name in text.text)
        last = results[holders[-1]].turn if holders else -1
        if holders and not said:
            yield Reference(kind, name, now - last, holders)
        elif said and said[-1] >= last:
            yield Reference("own", name, now - said[-1])


def names_and_lines(text: str) -> list[tuple[str, str]]:
    names = {("id", match[0]) for match in NAME.finditer(text) if len(match[0]) >= SHORTEST_NAME}
    lines = {("line", line.strip()) for line in text.splitlines() if len(line.strip()) >= SHORTEST_LINE}
    return sorted(names | lines)
