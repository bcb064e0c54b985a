"""Turn: one request on its way, and what of it the next one uses again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from ctxpack.packing.branch import Branch
from ctxpack.packing.report import Entry
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.texts import Text, texts
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import BlockCounter, Prompt, Section
from ctxpack.prompts.source import common_prefix


@dataclass(frozen=True, slots=True)
class Written:
    """A message with its rewrites, as it is sent.

    Attributes:
        given: the message as the caller sends it.
        rewrites: what was done to its texts, in order.
        packed: the message as it is sent.
        entries: one for each rewrite.
    """

    given: Section
    rewrites: tuple[Rewrite, ...]
    packed: Section
    entries: tuple[Entry, ...]


@dataclass
class Turn:
    """A request and how it is sent.

    Attributes:
        given: the prompt as the caller sends it.
        texts: its texts.
        packed: the prompt as it is sent.
        written: by index, the messages in which something is rewritten.

    Thread-safety: none; its session locks.
    """

    given: Fingerprint
    texts: list[Text]
    packed: Fingerprint
    written: Mapping[int, Written] = field(default_factory=dict)

    @classmethod
    def start(cls, prompt: Prompt, counter: BlockCounter, pins: Sequence[str], earlier: "Turn | None") -> "Turn":
        """The turn of a prompt before anything is rewritten in it. O(new bytes) where an earlier one began alike."""
        if earlier is None:
            given = fingerprint(prompt, counter)
            return cls(given, texts(prompt, pins), given)
        given = fingerprint(prompt, counter, earlier.given)
        shared = prompt.shared(earlier.given.prompt)
        known = [text for text in earlier.texts if text.block < shared]
        return cls(given, texts(prompt, pins, known), earlier.packed, earlier.written)

    @property
    def dialect(self) -> str:
        """Wire format of the request."""
        return self.given.prompt.dialect

    @cached_property
    def chain(self) -> list[bytes]:
        """Wire hash at the end of each block of the prompt as the caller sends it."""
        return [position.wire for position in self.given.positions]

    def write(self, branch: Branch, counter: BlockCounter) -> Fingerprint:
        """The prompt as the branch's decisions make it; what is given where they change nothing.

        O(blocks), and the bytes of messages in which a decision is new.
        """
        decided: dict[int, list[Text]] = {}
        for text in self.texts:
            if (text.block, text.part) in branch.rewrites:
                decided.setdefault(text.source.message, []).append(text)
        self.written = {message: self._written(message, found, branch) for message, found in decided.items()}
        if not decided:
            self.packed = self.given
            return self.given
        sections = {message: written.packed for message, written in self.written.items()}
        self.packed = fingerprint(self.given.prompt.replaced(sections), counter, self.packed)
        return self.packed

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What was done to each text, in order. O(rewrites)."""
        return tuple(chain.from_iterable(self.written[message].entries for message in sorted(self.written)))

    @property
    def size(self) -> int:
        """Bytes of text that the turn keeps alive: both bodies, and their messages one by one."""
        return 2 * (len(self.given.prompt.dump()) + len(self.packed.prompt.dump()))

    def _written(self, message: int, found: list[Text], branch: Branch) -> Written:
        given = self.given.prompt.messages[message]
        rewrites = tuple(branch.rewrites[text.block, text.part] for text in found)
        before = self.written.get(message)
        if before is not None and before.given is given and before.rewrites == rewrites:
            return before
        pairs = [(text, rewrite) for text, rewrite in zip(found, rewrites, strict=True)]
        packed = given.replaced({text.span: text.write(rewrite.recipe.apply(text.read())) for text, rewrite in pairs})
        return Written(given, rewrites, packed, tuple(_entry(text, rewrite) for text, rewrite in pairs))


def _entry(text: Text, rewrite: Rewrite) -> Entry:
    return Entry(text.source.path, rewrite.action, rewrite.handle, rewrite.tokens_before, rewrite.tokens_after)


class RecentTurns:
    """The latest turns, one per conversation, within a bound of bytes.

    Thread-safety: none; its session locks.
    """

    def __init__(self, most: int, size: int) -> None:
        self._most = most
        self._size = size
        self._turns: list[Turn] = []

    def nearest(self, data: bytes) -> Turn | None:
        """The turn whose body shares most bytes with this one. O(bytes shared with each)."""
        return max(self._turns, key=lambda turn: common_prefix(data, turn.given.prompt.dump()), default=None)

    def add(self, turn: Turn, earlier: Turn | None) -> None:
        """Keeps a turn in place of the one that it was made from."""
        self._turns = [*(kept for kept in self._turns if kept is not earlier), turn][-self._most :]
        while sum(kept.size for kept in self._turns) > self._size:
            del self._turns[0]
