"""Texts: the replaceable texts of a prompt, in render order, each with the call it belongs to."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ctxpack.packing.policy import Policy
from ctxpack.packing.server_edits import cleared, is_compaction
from ctxpack.packing.tool_calls import ToolCall, spelled_once
from ctxpack.packing.tool_names import tool_names
from ctxpack.prefix import Fingerprint
from ctxpack.prompts import Block, Prompt, Span

_NAMES = tool_names()
# Arguments that say best what a call is about, in this order; else the first string.
_SUBJECTS = (*_NAMES.paths, *_NAMES.lines, *_NAMES.subjects)

# Where nothing better is known, and on the safe side for code.
CHARACTERS_PER_TOKEN = 4

# A text by its block and its number in the block.
Key = tuple[int, int]


class Text(msgspec.Struct, frozen=True, gc=False):
    """One text that the model reads.

    Attributes:
        block: index of its block in the prompt.
        part: its number in the block; arguments are number 0 of a tool_use.
        span: its bytes in the block's section.
        call: the call that a result answers, or that arguments belong to.
        source: the block.
        pinned: whether the policy forbids to touch what its tool takes and returns.
        cleared: whether the provider may clear it by itself.
        opens: whether the provider drops all messages in front of it.
    """

    block: int
    part: int
    span: Span
    call: ToolCall
    source: Block
    pinned: bool = False
    cleared: bool = False
    opens: bool = False

    @property
    def key(self) -> Key:
        return self.block, self.part

    @property
    def is_fixed(self) -> bool:
        return self.pinned or self.source.fixed or self.call.by_program

    @property
    def is_seen(self) -> bool:
        """Whether the model sees it, and goes on to."""
        return not (self.cleared or self.call.by_program)

    @property
    def is_result(self) -> bool:
        return self.source.kind == "tool_result"

    @property
    def is_arguments(self) -> bool:
        return self.source.kind == "tool_use"

    def read(self) -> str:
        """The text itself. Arguments come as JSON, also where the dialect wraps them in a string."""
        if self.is_arguments and self.source.source.kind(self.span) == "object":
            return self.source.source.raw(self.span).decode()
        return self.source.source.string(self.span, self.source.path)

    def write(self, text: str) -> bytes:
        """The JSON that puts another text in this one's place."""
        if self.is_arguments and self.source.source.kind(self.span) == "object":
            return text.encode()
        return msgspec.json.encode(text)

    def shown(self, packed: str) -> list[str]:
        """What a reader sees of it where it is sent like this, as texts of lines: the strings in arguments, or all."""
        return list(strings_in(_decoded(packed))) if self.is_arguments else [packed]

    @property
    def label(self) -> str:
        """How a pointer names it."""
        if self.is_result:
            return self.call.label
        return f"your {self.call.label}" if self.is_arguments else f"the {self.source.role} message"


def texts(prompt: Prompt, policy: Policy, known: Sequence[Text] = ()) -> list[Text]:
    """Every text of a prompt in render order. Repeated call ids belong to the latest call before them. O(new blocks).

    Args:
        prompt: the prompt.
        policy: says which tools are pinned.
        known: texts of the leading blocks, if they are known.
    """
    first = known[-1].block + 1 if known else 0
    calls, clearing, opens = _calls(prompt.blocks[:first], known), cleared(prompt), False
    found = list(known)
    for index, block in enumerate(prompt.blocks[first:], first):
        opens = opens or is_compaction(block)
        if block.kind == "tool_use":
            calls[block.call_id] = call = _call(block)
        else:
            call = calls.get(block.call_id, ToolCall()) if block.kind == "tool_result" else ToolCall()
        for part, span in enumerate(_spans(block)):
            pinned, is_cleared = policy.is_pinned(call.name), block.kind in clearing
            found.append(Text(index, part, span, call, block, pinned, is_cleared, opens))
            opens = False
    return found


def tokens_of(texts: Iterable[Text], packed: Fingerprint) -> dict[Key, int]:
    """Tokens that each text has in a packed prompt: those of its block, by its share of the block's text. O(blocks).

    Most tokens of a block with an image are not of its text: that is reckoned by its length then (estimate).
    """
    found: dict[Key, int] = {}
    for block in {text.block for text in texts}:
        source = packed.prompt.blocks[block]
        lengths = [span.stop - span.start for span in _spans(source)]
        tokens, whole = packed.block_tokens(block), sum(lengths)
        if source.media:
            tokens = min(tokens, whole // CHARACTERS_PER_TOKEN)
        found.update(((block, part), tokens * length // whole) for part, length in enumerate(lengths))
    return found


def _spans(block: Block) -> Sequence[Span]:
    if block.kind != "tool_use":
        return block.strings
    return () if block.arguments is None else (block.arguments,)


def _calls(blocks: Sequence[Block], known: Sequence[Text]) -> dict[str, ToolCall]:
    """The latest call of each id in blocks whose texts are known. A call without arguments has no text."""
    calls = {text.block: text.call for text in known if text.is_arguments}
    uses = ((index, block) for index, block in enumerate(blocks) if block.kind == "tool_use")
    return {block.call_id: calls.get(index) or _call(block) for index, block in uses}


def strings_in(value: object) -> Iterator[str]:
    """Every string value in a JSON value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)


def _call(block: Block) -> ToolCall:
    given = None if block.arguments is None else _decoded(Text(0, 0, block.arguments, ToolCall(), block).read())
    arguments = given if isinstance(given, dict) else {}
    worded = {name: text for name in _SUBJECTS if (text := _worded(name, arguments.get(name)))}
    subject = next(iter(worded.values()), next(strings_in(arguments), ""))[:200]
    action = _action(arguments, worded)
    part = tuple(value for value in arguments.values() if type(value) is int)
    return ToolCall(block.name, subject, part, action, bool(block.caller))


def _action(arguments: dict[str, object], worded: dict[str, str]) -> str:
    """The one word beside a path that tells what a tool does to it, as `view`; `append` where a write adds to it."""
    if worded.keys().isdisjoint(_NAMES.paths):
        return ""
    if any(arguments.get(name) == value for name, value in _NAMES.appending):
        return "append"
    return next((worded[name] for name in _NAMES.lines if worded.get(name, "").isidentifier()), "")


def _worded(name: str, argument: object) -> str:
    """An argument that says what a call is about, "" where it does not; a command may be a list of its words."""
    if name in _NAMES.lines and isinstance(argument, list):
        return " ".join(word for word in argument if isinstance(word, str))
    if name in _NAMES.paths and isinstance(argument, str) and argument:
        return spelled_once(argument)
    return argument if isinstance(argument, str) else ""


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
