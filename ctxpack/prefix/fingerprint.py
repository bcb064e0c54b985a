"""Fingerprint: one chained hash per block, so that equal hashes mean equal prefixes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import msgspec
from xxhash import xxh3_128_digest

from ctxpack.prompts import Block, BlockCounter, Prompt, Source
from ctxpack.prompts.blocks import TIERS
from ctxpack.providers import prefix_parameters
from ctxpack.providers.catalog import Tier
from ctxpack.tokens.models import Exactness


class Position(msgspec.Struct, frozen=True, gc=False):
    """The end of one block.

    Attributes:
        wire: hash of all bytes up to here that a provider's cache can tell apart (16 bytes).
        tokens: tokens up to here, this block included.
    """

    wire: bytes
    tokens: int


class Breakpoint(NamedTuple):
    """A cache marker: the block it ends on, and its TTL as the body spells it ("1h"), "" for the provider's default."""

    block: int
    ttl: str


@dataclass(frozen=True)
class Fingerprint:
    """The chain of prefix hashes of one prompt.

    Attributes:
        prompt: the prompt it is of.
        positions: one per block, in render order.
        breakpoints: the body's cache markers in render order, the request-level one resolved to its block.
        tokens: tokens of the whole prompt, what belongs to no block included.
        counter: what they were counted with.

    Thread-safety: immutable. Memory: O(blocks) beside the prompt.
    """

    prompt: Prompt
    positions: tuple[Position, ...] = field(repr=False)
    breakpoints: tuple[Breakpoint, ...]
    tokens: int
    counter: BlockCounter = field(repr=False, compare=False)

    @property
    def exactness(self) -> Exactness:
        """ "exact" where the tokens equal the provider's own count, else "estimate"."""
        return self.prompt.exactness_by(self.counter)

    @cached_property
    def values(self) -> tuple[bytes, ...]:
        """Chained hashes of the blocks' canonical values: equal where only white space or key order differ."""
        return tuple(_chain(self.prompt, canonical_parameters, lambda block: canonical(block.value)))

    def shared(self, other: "Fingerprint") -> int:
        """How many leading blocks are the same in another prompt, with all that stands ahead of them. O(blocks)."""
        pairs = enumerate(zip(self.positions, other.positions, strict=False))
        most = min(len(self.positions), len(other.positions))
        return next((block for block, (mine, theirs) in pairs if mine.wire != theirs.wire), most)

    def tokens_until(self, block: int) -> int:
        """Tokens of the blocks ahead of one; for the number of blocks, of them all. O(1)."""
        return self.positions[block - 1].tokens if block else 0

    def block_tokens(self, block: int) -> int:
        """Tokens of one block, its share of the message framing included. O(1)."""
        return self.positions[block].tokens - self.tokens_until(block)


def fingerprint(prompt: Prompt, counter: BlockCounter | None = None, earlier: Fingerprint | None = None) -> Fingerprint:
    """Hashes and counts a prompt; O(bytes), of new blocks only where an earlier fingerprint is given.

    Args:
        prompt: the parsed body.
        counter: counts the blocks; by default one for the body's own model. One that is kept from request to request
            counts only what is new.
        earlier: made with the same counter, of a prompt that this one was parsed to continue.

    Raises:
        UnknownModelError: no counter is given and no encoding is known for the body's model.

    Thread-safety: safe.
    """
    counter = counter or prompt.counter()
    first = 0 if earlier is None else kept(prompt, earlier.prompt)
    positions = [] if earlier is None else list(earlier.positions[:first])
    last = positions[-1] if positions else Position(b"", 0)
    total = last.tokens
    for index, wire in enumerate(_chain(prompt, parameters, _wire, first, last.wire), first):
        total += counter.tokens(prompt.blocks[index], prompt.blocks[index - 1] if index else None)
        positions.append(Position(wire, total))
    return Fingerprint(prompt, tuple(positions), tuple(_breakpoints(prompt)), total + prompt.outside(counter), counter)


def wire_chain(prompt: Prompt, first: int = 0) -> Iterator[bytes]:
    """Chained wire hash at the end of each block from the `first` on, blind to those before; O(bytes), no counting.

    Request parameters that a provider renders into the prompt enter the chain where their tier begins.
    """
    return _chain(prompt, parameters, _wire, first)


def kept(prompt: Prompt, earlier: Prompt) -> int:
    """How many leading blocks are an earlier prompt's own objects, after the same parameters. O(blocks)."""
    if prompt.dialect != earlier.dialect or any(
        parameters(prompt, tier) != parameters(earlier, tier) for tier in TIERS
    ):
        return 0
    return prompt.shared(earlier)


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no white space."""
    return msgspec.json.encode(value, order="sorted")


def parameters(prompt: Prompt, tier: Tier) -> dict[str, bytes]:
    """The request parameters that are part of the prefix from a tier on, in their own bytes."""
    names = (name for name, first in sorted(prefix_parameters(prompt.provider).items()) if first == tier)
    found = {name: raw for name in names if (raw := _setting(prompt, name)) is not None}
    return {"model": msgspec.json.encode(prompt.model), **found} if tier == "tools" else found


def canonical_parameters(prompt: Prompt, tier: Tier) -> dict[str, bytes]:
    """The request parameters that are part of the prefix from a tier on, blind to white space and key order."""
    sources = ((name, Source(raw)) for name, raw in parameters(prompt, tier).items())
    return {name: canonical(source.value(source.whole)) for name, source in sources}


def _setting(prompt: Prompt, name: str) -> bytes | None:
    """A setting's own bytes, by dotted name."""
    head, *rest = name.split(".")
    raw = prompt.settings.get(head)
    for key in rest:
        if raw is None or not raw.startswith(b"{"):
            return None
        source = Source(raw)
        span = source.members(source.whole, head).get(key)
        raw = None if span is None else source.raw(span)
    return raw


def _wire(block: Block) -> bytes:
    return block.wire


def _chain(
    prompt: Prompt,
    seeds: Callable[[Prompt, Tier], dict[str, bytes]],
    own: Callable[[Block], bytes],
    first: int = 0,
    chain: bytes = b"",
) -> Iterator[bytes]:
    """The chain at the end of each block from the `first` on, where `chain` is what the blocks before it end in."""
    tier = TIERS.index(prompt.blocks[first - 1].tier) if first else -1
    for block in prompt.blocks[first:]:
        while tier < TIERS.index(block.tier):
            tier += 1
            chain = xxh3_128_digest(chain + _seed(TIERS[tier], seeds(prompt, TIERS[tier])))
        chain = xxh3_128_digest(chain + _frame(block) + own(block))
        yield chain


def _seed(tier: Tier, values: dict[str, bytes]) -> bytes:
    return tier.encode() + b"".join(b"\0%b=%b" % (name.encode(), raw) for name, raw in values.items())


def _frame(block: Block) -> bytes:
    """What sets a block apart beside its own bytes: who speaks, in which message, to which call."""
    return f"{block.role}\0{block.message}\0{block.call_id if block.kind == 'tool_result' else ''}\0".encode()


def _breakpoints(prompt: Prompt) -> Iterator[Breakpoint]:
    marked = [Breakpoint(i, block.breakpoint) for i, block in enumerate(prompt.blocks) if block.breakpoint is not None]
    yield from marked
    automatic = _automatic(prompt)
    if automatic is not None and automatic.block not in {mark.block for mark in marked}:
        yield automatic


def _automatic(prompt: Prompt) -> Breakpoint | None:
    """Anthropic's request-level marker: it stands on the last block that can carry one."""
    marker = prompt.setting("cache_control")
    if marker is None:
        return None
    ttl = marker.get("ttl") if isinstance(marker, dict) else None
    backward = range(len(prompt.blocks) - 1, -1, -1)
    last = next((index for index in backward if _can_carry_marker(prompt.blocks[index])), None)
    return None if last is None else Breakpoint(last, ttl if isinstance(ttl, str) else "")


def _can_carry_marker(block: Block) -> bool:
    is_empty = block.kind in ("text", "system") and all(block.source.raw(span) == b'""' for span in block.strings)
    return block.kind != "thinking" and not is_empty
