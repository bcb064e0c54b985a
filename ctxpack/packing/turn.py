"""Turn: one request on its way, and what of it the next one uses again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from typing import NamedTuple

from ctxpack.packing.branch import Branch
from ctxpack.packing.policy import Policy
from ctxpack.packing.report import Entry
from ctxpack.packing.rewrites import REASONS, Rewrite
from ctxpack.packing.summaries.summary import Condensed, Summary, condensed
from ctxpack.packing.texts import Text, texts
from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Block, BlockCounter, Section
from ctxpack.prompts.source import common_prefix


@dataclass(frozen=True, slots=True)
class Written:
    """A message with its rewrites, as it is sent.

    Attributes:
        given: the message as it stands in the base.
        rewrites: what was done to its texts, in order.
        packed: the message as it is sent.
        entries: one for each rewrite.
        blocks: the block of each in the base.
    """

    given: Section
    rewrites: tuple[Rewrite, ...]
    packed: Section
    entries: tuple[Entry, ...]
    blocks: tuple[int, ...]


@dataclass
class Turn:
    """A request and how it is sent.

    Attributes:
        given: the prompt as the caller sends it.
        base: the same with the summary, if there is one, in place of what it stands for. Decisions are about this one.
        texts: the texts of that.
        packed: the prompt as it is sent.
        summary: stands for a stretch of the messages given.
        written: by index, the messages of the base in which something is rewritten.
        left_whole: why new results were not shaped, "" where nothing stood against it.

    Thread-safety: none; its session locks.
    """

    given: Fingerprint
    base: Fingerprint
    texts: list[Text] = field(repr=False)
    packed: Fingerprint
    summary: Summary | None = field(default=None, repr=False)
    written: Mapping[int, Written] = field(default_factory=dict, repr=False)
    left_whole: str = ""

    @classmethod
    def start(
        cls,
        given: Fingerprint,
        counter: BlockCounter,
        policy: Policy,
        earlier: "Turn | None" = None,
        summary: Summary | None = None,
    ) -> "Turn":
        """The turn of a prompt before anything is rewritten in it. O(new bytes) where an earlier one began alike.

        Args:
            given: the prompt as the caller sends it.
            counter: counts blocks.
            policy: says which tools are pinned.
            earlier: a turn that this one may continue.
            summary: made for a prompt that began like this one.
        """
        base = given
        if summary is not None:
            same = earlier is not None and earlier.summary == summary
            before = Condensed(earlier.given.prompt, earlier.base.prompt) if earlier is not None and same else None
            prompt = condensed(given.prompt, summary, before)
            base = fingerprint(prompt, counter, earlier.base if earlier else None)
        if earlier is None:
            return cls(given, base, texts(base.prompt, policy), base, summary)
        shared = base.prompt.shared(earlier.base.prompt)
        known = [text for text in earlier.texts if text.block < shared]
        return cls(given, base, texts(base.prompt, policy, known), earlier.packed, summary, earlier.written)

    @property
    def dialect(self) -> str:
        """Wire format of the request."""
        return self.given.prompt.dialect

    @cached_property
    def chain(self) -> list[bytes]:
        """Wire hash at the end of each block of the base."""
        return [position.wire for position in self.base.positions]

    @cached_property
    def places(self) -> tuple[int, ...]:
        """For each message of the base, which one it is of the body as given."""
        messages = len(self.given.prompt.messages)
        return tuple(range(messages)) if self.summary is None else self.summary.places(messages)

    def path(self, block: Block) -> str:
        """Where a block of the base, or of the packed prompt, stands in the body as given."""
        if block.message < 0:
            return block.path
        return f"messages[{self.places[block.message]}]" + block.path.removeprefix(f"messages[{block.message}]")

    def is_answered(self, blocks: int) -> bool:
        """Whether an assistant speaks in the first blocks of the base. O(blocks in front of that)."""
        return any(block.role == "assistant" for block in self.base.prompt.blocks[:blocks])

    @property
    def ends(self) -> list[bytes]:
        """Wire hash at the end of each block of the body as given for which the summary holds. O(blocks)."""
        stop = -1 if self.summary is None else self.summary.stop
        pairs = zip(self.given.prompt.blocks, self.given.positions, strict=True)
        return [position.wire for block, position in pairs if block.message >= stop]

    def write(self, branch: Branch, counter: BlockCounter) -> Fingerprint:
        """The prompt as the branch's decisions make it; the base where they change nothing.

        O(blocks), and the bytes of messages in which a decision is new.
        """
        decided: dict[int, list[Text]] = {}
        for text in self.texts:
            if text.key in branch.rewrites:
                decided.setdefault(text.source.message, []).append(text)
        self.written = {message: self._written(message, found, branch) for message, found in decided.items()}
        if not decided:
            self.packed = self.base
            return self.base
        sections = {message: written.packed for message, written in self.written.items()}
        self.packed = fingerprint(self.base.prompt.replaced(sections), counter, self.packed)
        return self.packed

    @property
    def done(self) -> tuple[tuple[Entry, ...], tuple[int, ...], tuple[int, ...] | None]:
        """What was done, in order, the summary first; the block of each; and `Items.places`. O(rewrites)."""
        written = [self.written[message] for message in sorted(self.written)]
        entries, blocks = (
            chain.from_iterable(w.entries for w in written),
            chain.from_iterable(w.blocks for w in written),
        )
        if self.summary is None:
            return tuple(entries), tuple(blocks), None
        places = self._block_places(self.summary)
        return (_summarised(self.summary), *entries), (places.index(-1), *blocks), places

    def _block_places(self, summary: Summary) -> tuple[int, ...]:
        """For each block of the base, which one it is of the prompt as given; -1 for the summary's own. O(blocks)."""
        given = self.given.prompt
        starts = [0, *accumulate(len(section.blocks) for section in (*given.definitions, *given.messages))]
        defined = len(given.definitions)
        found = list(range(starts[defined]))
        for message, section in zip(self.places, self.base.prompt.messages, strict=True):
            start, stop = starts[defined + message : defined + message + 2]
            own = len(section.blocks) - (message == summary.first - 1)
            found += [*range(start, stop)[:own], *([-1] if message == summary.first - 1 else [])]
        return tuple(found)

    @property
    def size(self) -> int:
        """Bytes of text that the turn keeps alive: its bodies, and their messages one by one."""
        bodies = [self.given, self.packed] if self.summary is None else [self.given, self.base, self.packed]
        return 2 * sum(len(body.prompt.dump()) for body in bodies)

    def _written(self, message: int, found: list[Text], branch: Branch) -> Written:
        given = self.base.prompt.messages[message]
        rewrites = tuple(branch.rewrites[text.key] for text in found)
        blocks = tuple(text.block for text in found)
        before = self.written.get(message)
        # A message that stays may stand after others that do not.
        if before is not None and before.given is given and (before.rewrites, before.blocks) == (rewrites, blocks):
            return before
        pairs = [(text, rewrite) for text, rewrite in zip(found, rewrites, strict=True)]
        packed = given.replaced({text.span: text.write(branch.packed(text)) for text in found})
        entries = tuple(_entry(self.path(text.source), text, rewrite) for text, rewrite in pairs)
        return Written(given, rewrites, packed, entries, blocks)


class Decided(NamedTuple):
    """A turn, and the decisions that make its packed prompt."""

    turn: Turn
    branch: Branch

    @property
    def tokens(self) -> int:
        """Tokens of the packed prompt."""
        return self.turn.packed.tokens


def _entry(path: str, text: Text, rewrite: Rewrite) -> Entry:
    """What was done to a text that stands there in the body as given."""
    tokens = rewrite.tokens_before, rewrite.tokens_after
    return Entry(path, text.call.name, rewrite.action, rewrite.reason, rewrite.handle, *tokens)


def _summarised(summary: Summary) -> Entry:
    tokens = summary.tokens_before, summary.tokens_after
    return Entry(summary.path, "", "summarised", REASONS["summarised"], summary.handle, *tokens)


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
