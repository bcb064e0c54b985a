"""Tokens of blocks: the text the model reads, plus the framing its provider puts around it."""

from collections.abc import Callable, Iterator

import msgspec
from xxhash import xxh3_128_digest

from ctxpack.prompts.blocks import Block
from ctxpack.prompts.media import MediaCounter
from ctxpack.prompts.settings import Rendered
from ctxpack.tokens import Encoding, encoding_for, exactness
from ctxpack.tokens.framing import Framing, framing
from ctxpack.tokens.functions import definition
from ctxpack.tokens.images import image_rule
from ctxpack.tokens.models import Exactness
from ctxpack.tokens.provider_texts import ProviderText, provider_text

# Blocks and long texts whose counts are kept: some hundred long conversations.
MEMO_LIMIT = 100_000
# Characters from which on a text is counted slower than its hash is found: who shapes a result asks for what its block
# has in it, and the block for what the result became.
_LONG = 1000

# Who speaks in a system text among the messages.
_SYSTEM = ("system", "developer")
# Members that hold what was thought.
_THOUGHTS = ("thinking", "text", "summary")


class BlockCounter:
    """Counts blocks for one model in one dialect.

    Raises:
        UnknownModelError: no encoding is known for the model.
        DialectError: the dialect is not known.

    Thread-safety: safe to share. Complexity: linear in the text of a block not counted before; a hash of its bytes for
    one that was. Memory: at most MEMO_LIMIT hashes.
    """

    def __init__(self, model: str, dialect: str) -> None:
        self.encoding: Encoding = encoding_for(model)
        self.framing: Framing = framing(model, dialect)
        self._provider_text: ProviderText = provider_text(model)
        self._exact_encoding = exactness(model) == "exact"
        self._media = MediaCounter(self.text, self.framing.media, image_rule(model))
        self._memo: dict[bytes, int] = {}

    def tokens(self, block: Block, before: Block | None) -> int:
        """Tokens of one block after another; the first of a message, or of the tools, carries their framing."""
        key = xxh3_128_digest(block.kind.encode() + b"\0" + block.raw)
        return self._opening(block, before) + self._remembered(key, lambda: self._content(block))

    def text(self, text: str) -> int:
        """Tokens of a text alone."""
        if len(text) < _LONG:
            return self.encoding.count(text)
        # No kind of block is empty, so that no text is taken for a block.
        key = xxh3_128_digest(b"\0" + text.encode("utf-8", "surrogatepass"))
        return self._remembered(key, lambda: self.encoding.count(text))

    @property
    def primer(self) -> int:
        """Tokens that open the reply."""
        return self.framing.primer

    def outside(self, settings: Rendered, has_tools: bool) -> int:
        """Tokens that belong to no block: those that open the reply, and what settings bring into the prompt."""
        own, tokens = self._provider_text, self.primer
        if has_tools and settings.is_forced:
            tokens += own.forced - own.tools
        if settings.thinks:
            tokens += own.thinking
        if settings.schema is not None:
            tokens += own.schema + self.text(_text(settings.schema))
        return tokens

    def exactness(self, blocks: tuple[Block, ...]) -> Exactness:
        """ "exact" where every part of the count is known to equal the provider's: messages of one text each."""
        plain = all(block.kind == "text" and block.role in self.framing.exact_roles for block in blocks)
        plain = plain and len({block.message for block in blocks}) == len(blocks)
        return "exact" if plain and self._exact_encoding and self.framing.exactness == "exact" else "estimate"

    def _remembered(self, key: bytes, count: Callable[[], int]) -> int:
        found = self._memo.get(key)
        if found is None:
            found = count()
            if len(self._memo) >= MEMO_LIMIT:
                self._memo.clear()
            self._memo[key] = found
        return found

    def _opening(self, block: Block, before: Block | None) -> int:
        if block.kind == "tool":
            return self._provider_text.tools if before is None else 0
        added = self.framing.adds.get(block.adds, 0)
        if block.message < 0 or (before is not None and before.message == block.message):
            return added
        if self.framing.joined and before is not None and before.kind == "tool" and block.role in _SYSTEM:
            added += self._joining(block.text)
        return added + self.framing.per_message + self.encoding.count(block.role)

    def _joining(self, text: str) -> int:
        """Tokens of a line's end after a system text, less those of a message, for it is one with the tools."""
        end = text[-1:]  # which a line's end may be one token with
        return self.encoding.count(end + "\n") - self.encoding.count(end) - self.framing.joined

    def _content(self, block: Block) -> int:
        if block.kind == "media":
            return self._media.tokens(block.value)
        texts = sum(self.text(block.source.string(span, block.path)) for span in block.strings)
        if block.media:
            return texts + sum(map(self._media.tokens, _unread(block.value)))
        if block.strings or block.kind == "tool_result":
            return texts
        if block.kind == "thinking":
            return sum(map(self.text, _thoughts(block.value)))
        if block.kind == "tool" and self.framing.functions == "typescript":
            return self.text(definition(block.value))
        if block.kind == "tool_use" and self.framing.call is not None and block.arguments is not None:
            arguments = block.source.value(block.arguments)
            return self.framing.call + self.text(block.name) + self.text(_text(arguments))
        return self.text(_text(block.value))


def _text(value: object) -> str:
    """A string, or the JSON of another value: providers render it whatever white space and escapes it was sent with."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _unread(result: object) -> Iterator[object]:
    """Parts of a tool result that are no text."""
    content = result.get("content") if isinstance(result, dict) else None
    for part in content if isinstance(content, list) else []:
        if not isinstance(part, dict) or not isinstance(part.get("text"), str):
            yield part


def _thoughts(value: object) -> Iterator[str]:
    """The texts of thinking. Signatures and encrypted thoughts are no part of what the model reads."""
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield from (text for name in _THOUGHTS if isinstance(text := item.get(name), str))
