"""Prompt: a request body as the blocks its provider renders, written back byte for byte."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain
from operator import attrgetter, indexOf, is_

from msgspec.structs import replace

from ctxpack.errors import BodyError, UnknownModelError
from ctxpack.prompts.blocks import Block
from ctxpack.prompts.body import Body, to_bytes
from ctxpack.prompts.counting import BlockCounter
from ctxpack.prompts.dialects import Dialect, detect, named
from ctxpack.prompts.halves import has_halves
from ctxpack.prompts.outline import Outline, continued, outline
from ctxpack.prompts.sections import Fragment, Fragments, Section
from ctxpack.prompts.settings import are_rendered, rendered, value_of
from ctxpack.prompts.source import Source, Span
from ctxpack.providers.rules import vendor
from ctxpack.tokens.models import Exactness

# Members that hold definitions, in one dialect or another.
_DEFINITIONS = ("tools", "functions", "system")
# Members that hold the blocks; every other member of a body is a setting.
_CONTENT = frozenset({"messages", *_DEFINITIONS})


class Prompt:
    """The blocks of a request body in the order the provider renders them.

    Attributes:
        outline: the body, and where its parts stand in it.
        dialect: name of the wire format.
        model: the body's model, "" where it has none.
        provider: whose cache rules count: the model's vendor, or the dialect's where no row covers the model.
        definitions: sections with tools and system texts, as the provider orders them.
        messages: one section per message.
        blocks: the blocks of the definitions, then those of the messages.
        settings: every other top-level member by name, in its own bytes.

    Thread-safety: immutable after parsing, safe to share.
    """

    def __init__(
        self,
        outline: Outline,
        form: Dialect,
        model: str,
        definitions: tuple[Section, ...],
        messages: tuple[Section, ...],
    ) -> None:
        self.outline = outline
        self.dialect: str = form.NAME
        self.model = model
        self.provider: str = vendor(model) or form.PROVIDER
        self.definitions = definitions
        self.messages = messages
        self.blocks: tuple[Block, ...] = _blocks(definitions, messages)
        self.settings: dict[str, bytes] = {name: outline.raw(name) for name in outline.members if name not in _CONTENT}

    def __repr__(self) -> str:
        return f"<Prompt {self.dialect}, {self.model or 'no model'}: {len(self.blocks):,} blocks>"

    @classmethod
    def parse(cls, body: Body, dialect: str | None = None, earlier: "Prompt | None" = None) -> "Prompt":
        """Reads a body; O(bytes), most of it only compared where an earlier prompt began alike.

        Args:
            body: the request as a mapping, or its JSON as str or bytes. A mapping is written as compact JSON first;
                objects with `model_dump` (as SDKs return) may stand in it. It is never changed.
            dialect: `openai.chat` or `anthropic.messages`; by default what the body's shape shows.
            earlier: a prompt that this one may continue. The result is the same without it; leading messages that are
                the same, byte for byte, are the earlier prompt's own objects.

        Raises:
            BodyError: not JSON, no messages, or a member of the wrong shape.
            DialectError: the dialect is unknown, or the shape fits none.
        """
        data = to_bytes(body)
        shared = None if earlier is None else continued(data, earlier.outline)
        if earlier is None or shared is None:
            return cls._read(outline(data), dialect, None, 0)
        return cls._read(shared[0], dialect, earlier, shared[1])

    @classmethod
    def _read(cls, outline: Outline, dialect: str | None, earlier: "Prompt | None", kept: int) -> "Prompt":
        """The prompt of an outline that begins with `kept` messages of an earlier prompt."""
        body = _fragments(outline, earlier, kept)
        form = named(dialect) if dialect else detect(body)
        if not body.messages:
            raise BodyError("messages is empty" if "messages" in body.names else "the body has no messages")
        same = earlier if earlier is not None and earlier.dialect == form.NAME else None
        known = {section.fragment: section for section in same.definitions} if same else {}
        before = same.messages[:kept] if same else ()
        fragments = [body.definitions[name] for name in form.DEFINITIONS if name in body.definitions]
        definitions = (known.get(f) or Section(f, tuple(form.definitions(f))) for f in fragments)
        messages = (_section(form, fragment) for fragment in body.messages[len(before) :])
        return cls(outline, form, body.model, tuple(definitions), (*before, *messages))

    def setting(self, name: str) -> object:
        """The value of a setting; None where there is none. O(its bytes)."""
        return value_of(self.settings, name)

    @cached_property
    def block_tokens(self) -> tuple[int, ...]:
        """Tokens of each block, its share of the message framing included.

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        return self.count(self.counter())

    @cached_property
    def tokens(self) -> int:
        """Tokens of the whole prompt; `exactness` says whether that is exact or an estimate.

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        return sum(self.block_tokens) + self.outside(self.counter())

    @property
    def exactness(self) -> Exactness:
        """ "exact" where the count equals the provider's own for this body, else "estimate".

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        return self.exactness_by(self.counter())

    def counter(self) -> BlockCounter:
        """A counter for the body's own model.

        Raises:
            UnknownModelError: no encoding is known for the body's model.
        """
        if not self.model:
            raise UnknownModelError("the body names no model, so its tokens cannot be counted")
        return BlockCounter(self.model, self.dialect)

    def count(self, counter: BlockCounter) -> tuple[int, ...]:
        """Tokens of each block by a counter of the caller's."""
        return tuple(map(counter.tokens, self.blocks, (None, *self.blocks)))

    def outside(self, counter: BlockCounter) -> int:
        """Tokens that belong to no block, by a counter of the caller's. O(bytes of the settings)."""
        # Every dialect has its tools in front.
        return counter.outside(rendered(self.settings), any(block.kind == "tool" for block in self.blocks[:1]))

    def exactness_by(self, counter: BlockCounter) -> Exactness:
        """ "exact" where a count by a counter of the caller's equals its provider's own, else "estimate"."""
        # A message without blocks costs its framing, which no block carries.
        if are_rendered(self.settings) or len(self.blocks) != len(self.messages):
            return "estimate"
        return counter.exactness(self.blocks)

    def dump(self) -> bytes:
        """The body's bytes, as they were sent."""
        return self.outline.data

    def span(self, block: int) -> Span:
        """Where a block stands in the body: its bytes there. O(sections)."""
        sections = (*self.definitions, *self.messages)
        section = sections[bisect_right(list(accumulate(len(section.blocks) for section in sections)), block)]
        own, message = self.blocks[block].span, section.fragment.message
        at = self.outline.starts[message] if message >= 0 else self.outline.members[section.fragment.path].start
        return Span(at + own.start, at + own.stop)

    def shared(self, other: "Prompt") -> int:
        """How many leading blocks are the very objects of another prompt; see `parse`. O(blocks)."""
        try:
            return indexOf(map(is_, self.blocks, other.blocks), False)
        except ValueError:
            return min(len(self.blocks), len(other.blocks))

    def replaced(self, messages: Mapping[int, Section]) -> "Prompt":
        """The prompt with other sections for some messages, every other byte as it was. O(bytes to copy + blocks).

        Args:
            messages: by index, what `Section.replaced` made of the message.
        """
        outline = self.outline.replaced({index: section.data for index, section in messages.items()})
        return self._changed(
            outline, tuple(messages.get(index, section) for index, section in enumerate(self.messages))
        )

    def section(self, data: bytes, message: int) -> Section:
        """A message of other bytes, or at another place, as this prompt's dialect reads it. O(bytes).

        Raises:
            BodyError: it has the wrong shape.
        """
        fragment = Fragment(Source(data), f"messages[{message}]", message)
        return _section(named(self.dialect), fragment)

    def rearranged(self, messages: Sequence[Section]) -> "Prompt":
        """The prompt with these messages in place of its own, every other byte as it was. O(bytes to copy + blocks).

        Args:
            messages: each read for the place where it stands now.
        """
        return self._changed(self.outline.rearranged([section.data for section in messages]), tuple(messages))

    def _changed(self, outline: Outline, messages: tuple[Section, ...]) -> "Prompt":
        return Prompt(outline, named(self.dialect), self.model, self.definitions, messages)


def _fragments(outline: Outline, earlier: Prompt | None, kept: int) -> Fragments:
    """What a body is made of, where it stood in an earlier prompt the very same objects."""
    before = () if earlier is None else earlier.messages[:kept]
    known = {} if earlier is None else {section.fragment.path: section.fragment for section in earlier.definitions}
    definitions = {name: Fragment(Source(outline.raw(name)), name) for name in _DEFINITIONS if name in outline.members}
    return Fragments(
        names=outline.members.keys(),
        model=_model(outline),
        definitions={
            name: old if (old := known.get(name)) and old.source == fragment.source else fragment
            for name, fragment in definitions.items()
        },
        messages=(
            *(section.fragment for section in before),
            *(
                Fragment(Source(outline.message(index)), f"messages[{index}]", index)
                for index in range(kept, len(outline.stops))
            ),
        ),
    )


def _section(form: Dialect, message: Fragment) -> Section:
    """A message as a dialect reads it. Its bytes with half a surrogate pair, which are not read as sent, stay."""
    blocks = tuple(form.message(message))
    if has_halves(message.source.data):
        blocks = tuple(replace(block, fixed=block.fixed or has_halves(block.raw)) for block in blocks)
    return Section(message, blocks)


def _blocks(definitions: tuple[Section, ...], messages: tuple[Section, ...]) -> tuple[Block, ...]:
    return tuple(chain.from_iterable(map(attrgetter("blocks"), (*definitions, *messages))))


def _model(outline: Outline) -> str:
    if "model" not in outline.members:
        return ""
    source = Source(outline.raw("model"))
    return "" if source.kind(source.whole) == "null" else source.string(source.whole, "model")
