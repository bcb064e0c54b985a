"""One session, read once, and its replay through any policy."""

import time
from collections.abc import Callable
from functools import cached_property, lru_cache

import msgspec

from benchmarks.replaying.bounds import bounds
from benchmarks.replaying.messages import Message, strings
from benchmarks.replaying.policies import Packs
from benchmarks.replaying.recovery import PEER_HANDLE, recovered
from benchmarks.replaying.references import NAME, Conversation, Reference, conversation, texts
from benchmarks.replaying.score import Score
from benchmarks.replaying.sessions import Session
from ctxpack.auditing import Replay
from ctxpack.packing.markers import MARKER
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Usage
from ctxpack.tokens import encoding

DIALECT = "anthropic.messages"
# Most tokens of a lost block that are fetched again.
FETCHED = 2000

ENCODING = encoding("o200k_base")
count = ENCODING.count


class Recorded:
    """A session: its requests, what its turns refer to, and its bill without packing."""

    def __init__(self, session: Session) -> None:
        self.messages = session.requests
        self.bodies = [body(messages, session.model) for messages in session.requests]
        self.model = session.model
        billed = Billed(session.model)
        self.usage, self.broken_pairs = [], []
        for sent in self.bodies:
            self.usage.append(billed.send(sent))
            self.broken_pairs.append(broken_pairs(billed.prompt))

    @cached_property
    def conversation(self) -> Conversation:
        return conversation(self.messages)

    def bounds(self) -> dict[str, dict[str, float]]:
        """The bill of each lower bound under each price, in input tokens, without the constant block."""
        said = [sum(count(text.text) for text in texts(messages)) for messages in self.messages]
        return bounds(self.messages, [usage.input - known for usage, known in zip(self.usage, said, strict=True)])

    def replay(self, pack: Packs) -> Score:
        """Packs and bills every request, and checks what each turn refers to."""
        score = Score(sessions=1, requests=len(self.bodies))
        billed = Billed(self.model)
        lost: set[int] = set()
        turns = [*self.conversation.turns, []]
        for at, (sent, references) in enumerate(zip(self.bodies, turns, strict=True)):
            given = pack.read(sent)
            start = time.process_time()
            packed = pack.pack(given)
            score.seconds += time.process_time() - start
            written = pack.write(packed)
            usage = billed.send(written)
            score.before += self.usage[at]
            score.after += usage
            score.broken_pairs += max(broken_pairs(billed.prompt) - self.broken_pairs[at], 0)
            missing = self._note(score, written, references, pack.original) if references else set()
            for holder in missing - lost:
                tokens = min(count(self.conversation.results[holder].text), FETCHED)
                left = len(self.bodies) - at - 1
                score.refetched += Usage(0, usage.input + left * tokens, tokens)
                score.fetches += 1
            lost |= missing
        score.breaks = billed.breaks
        score.unrecovered = pack.unrecovered(self.bodies[-1])
        return score

    def _note(self, score: Score, sent: bytes, references: list[Reference], original: Callable[[str], str]) -> set[int]:
        """Notes what is left of a turn's references; the results that held the lost ones."""
        messages = msgspec.json.decode(sent)["messages"]
        parts = list(strings([message["content"] for message in messages]))
        shown, unnamed = "\n".join(parts), "\n".join(map(without_names, parts))
        packed = {said.key: said.text for said in texts(messages) if said.role == "result"}
        behind: str | None = None
        lost = set()
        for reference in references:
            visible = reference.text in shown
            behind = recovered(shown, original) if behind is None and not visible else behind
            held = (packed.get(self.conversation.results[holder].key, "") for holder in reference.holders)
            recoverable = reference.text in (behind or "") or any(map(PEER_HANDLE.search, held))
            score.note(reference, visible, reference.text in unnamed, recoverable)
            if reference.is_of_results and not visible:
                lost.add(reference.holders[-1])
        refers = any(reference.is_of_results for reference in references)
        score.turns += refers
        score.whole += refers and not lost
        return lost


class Billed:
    """What the requests of a session are billed, without a constant block.

    Attributes:
        breaks: how many of them did not begin with the one before.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._counter, self._replay = BlockCounter(model, DIALECT), Replay()
        self._print: Fingerprint | None = None
        self.breaks = 0

    def send(self, sent: bytes) -> Usage:
        earlier = self._print
        prompt = Prompt.parse(sent, DIALECT, earlier.prompt if earlier else None)
        self._print = fingerprint(prompt, self._counter, earlier)
        if earlier is not None:
            self.breaks += self._print.shared(earlier) < len(earlier.positions)
        return self._replay.send(self._print, 0)

    @property
    def prompt(self) -> Prompt:
        """The latest one."""
        assert self._print is not None
        return self._print.prompt


def body(messages: list[Message], model: str) -> bytes:
    # The marker without which nothing would be cached that the bill says is read.
    mark = {"type": "ephemeral"}
    return msgspec.json.encode({"model": model, "max_tokens": 1, "cache_control": mark, "messages": messages})


@lru_cache(maxsize=10_000)
def without_names(text: str) -> str:
    """The text without ctxpack's lists of names: lines behind a marker that hold nothing else."""
    if MARKER.search(text) is None:
        return text
    lines = text.split("\n")
    marked = [False, *(MARKER.search(line) is not None for line in lines)]
    return "\n".join(line for line, behind in zip(lines, marked, strict=False) if not (behind and _only_names(line)))


def _only_names(line: str) -> bool:
    return bool(line) and all(NAME.fullmatch(word) for word in line.split())


def broken_pairs(prompt: Prompt) -> int:
    """Results without a call before them, and calls without a result."""
    calls: set[str] = set()
    broken = 0
    for block in prompt.blocks:
        if block.kind == "tool_use":
            calls.add(block.call_id)
        elif block.kind == "tool_result":
            broken += block.call_id not in calls
    answered = {block.call_id for block in prompt.blocks if block.kind == "tool_result"}
    return broken + len(calls - answered)
