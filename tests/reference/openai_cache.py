"""OpenAI's two caching rules, written out slowly: whole prefixes as keys, one list of past requests, no shared code."""

from typing import NamedTuple


class Message(NamedTuple):
    """`key`: its text; `marked`: whether an explicit breakpoint stands on it."""

    role: str
    key: str
    tokens: int
    marked: bool = False


def upto(messages: list[Message], index: int) -> int:
    return sum(message.tokens for message in messages[: index + 1])


def prefix(messages: list[Message], index: int) -> tuple[tuple[str, str], ...]:
    return tuple((message.role, message.key) for message in messages[: index + 1])


class AutomaticPrefix:
    """Before GPT-5.6: the longest common prefix with any request that is still remembered, reported in steps."""

    def __init__(self, ttl: float, minimum: int = 1024, step: int = 128, spacing: int = 1) -> None:
        self.past, self.ttl, self.minimum, self.step, self.spacing = [], ttl, minimum, step, spacing

    def send(self, messages: list[Message], now: float) -> int:
        shared = [0]
        for time, earlier in self.past:
            if now - time <= self.ttl:
                both = range(min(len(messages), len(earlier)))
                shared += [upto(messages, i) for i in both if prefix(earlier, i) == prefix(messages, i)]
        self.past.append((now, messages))
        if max(shared) < self.minimum:
            return 0
        return max(shared) // self.spacing * self.spacing // self.step * self.step


class Boundaries:
    """From GPT-5.6 on: entries exist only at markers and at the message endings that the provider picks."""

    def __init__(self, ttl: float = 1800, minimum: int = 1024) -> None:
        self.entries, self.ttl, self.minimum = {}, ttl, minimum

    def send(self, messages: list[Message], now: float, explicit: bool) -> tuple[int, int]:
        """(read, written) tokens."""
        marks = [index for index, message in enumerate(messages) if message.marked]
        endings = [index for index in range(len(messages)) if self.is_ending(messages, index)]
        opening = self.opening(messages)
        looked_up = set(marks[:2]) | set(marks[-50:])
        written = set(marks[-4:])
        if not explicit:
            looked_up |= set(endings[-21:]) | opening
            written = set(marks[-3:]) | set(endings[-1:])
            written |= opening if len(written) < 4 else set()
        written = {index for index in written if upto(messages, index) >= self.minimum}
        hits = {index for index in looked_up if self.entries.get(prefix(messages, index), -1) >= now}
        read = max((upto(messages, index) for index in hits), default=0)
        end = max((upto(messages, index) for index in written), default=0)
        for index in written | hits:
            self.entries[prefix(messages, index)] = now + self.ttl
        return read, max(end - read, 0)

    def is_ending(self, messages: list[Message], index: int) -> bool:
        last = index + 1 == len(messages)
        if messages[index].role == "tool":
            return last or messages[index + 1].role != "tool"
        return messages[index].role == "user"

    def opening(self, messages: list[Message]) -> set[int]:
        found = set()
        for index, message in enumerate(messages):
            if message.role not in ("system", "developer"):
                break
            found = {index}
        return found
