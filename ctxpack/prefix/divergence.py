"""Divergence: where a prompt stops sharing the prefix of an earlier one, why, and what that loses."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from ctxpack.prefix.fingerprint import canonical, canonical_parameters, kept, parameters, wire_chain
from ctxpack.prompts import Block, Body, Prompt
from ctxpack.prompts.blocks import TIERS
from ctxpack.prompts.source import common_prefix
from ctxpack.providers.catalog import Tier
from ctxpack.tokens.models import Exactness

Cause = Literal[
    "model changed",
    "parameter changed",
    "same value, different bytes",
    "tools reordered",
    "tool added",
    "tool removed",
    "tool changed",
    "system text changed",
    "volatile text changed",
    "history removed",
    "history rewritten",
]

_Read = Callable[[Prompt, Tier], dict[str, bytes]]

# Text that clients put into prompts and that differs at every request.
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_VOLATILE = re.compile(
    r"\d{4}-\d\d-\d\d|\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?|\d{10,}"
    rf"|\b{_MONTH} \d\d?,? \d{{4}}|\d\d? {_MONTH} \d{{4}}|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
)


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where and why the later of two prompts leaves the earlier one's prefix.

    Attributes:
        block: index of the first block that differs, in render order of the later prompt.
        path: where that block stands in the later body.
        byte: offset in the later body of the first byte that differs; where the block itself is the same and what
            stands around it differs (model, parameter, role), of the block.
        cause: what happened.
        detail: names involved (tools, parameters), never prompt text.
        tokens_lost: tokens of the earlier prompt from that block on, which its cache cannot serve.
        exactness: "exact" or "estimate", of `tokens_lost`.
    """

    block: int
    path: str
    byte: int
    cause: Cause
    detail: str
    tokens_lost: int
    exactness: Exactness

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON values."""
        return asdict(self)


def diff(earlier: Body | Prompt, later: Body | Prompt) -> Divergence | None:
    """Compares two prompts; None where one simply continues the other.

    O(bytes), of new blocks only where the later prompt was parsed to continue the earlier one.

    Raises:
        BodyError: a body cannot be parsed.
        UnknownModelError: the prompts part, and no encoding is known for the earlier one's model.

    Thread-safety: safe.
    """
    a, b = _parsed(earlier), _parsed(later)
    block = _first_difference(a, b)
    if block is None:
        return None
    cause, detail = _cause(a, b, block)
    byte = b.span(block).start + _shared_bytes(a.blocks[block], b.blocks[block])
    return Divergence(block, b.blocks[block].path, byte, cause, detail, sum(a.block_tokens[block:]), a.exactness)


def _parsed(body: Body | Prompt) -> Prompt:
    return body if isinstance(body, Prompt) else Prompt.parse(body)


def _first_difference(a: Prompt, b: Prompt) -> int | None:
    first = kept(b, a)
    pairs = zip(wire_chain(a, first), wire_chain(b, first), strict=False)
    return next((index for index, (one, other) in enumerate(pairs, first) if one != other), None)


def _shared_bytes(earlier: Block, later: Block) -> int:
    """How many leading bytes two blocks share; 0 where they share all: then what stands around them differs."""
    return common_prefix(earlier.raw, later.raw) if earlier.raw != later.raw else 0


def _cause(a: Prompt, b: Prompt, block: int) -> tuple[Cause, str]:
    if a.model != b.model:
        return "model changed", f"{a.model or 'no model'} -> {b.model or 'no model'}"
    tiers = TIERS[: TIERS.index(b.blocks[block].tier) + 1]
    if changed := _changed(a, b, tiers, canonical_parameters):
        return "parameter changed", ", ".join(changed)
    if respelled := _changed(a, b, tiers, parameters):
        return "same value, different bytes", ", ".join(respelled)
    one, other = a.blocks[block], b.blocks[block]
    if _same_place(one, other) and canonical(one.value) == canonical(other.value):
        return "same value, different bytes", one.path
    if "tool" in (one.kind, other.kind):
        return _tool_cause(a, b)
    if _is_volatile(one, other):
        return "volatile text changed", other.path
    if _is_system(one) or _is_system(other):
        return "system text changed", other.path
    return _history_cause(a, b, block)


def _changed(a: Prompt, b: Prompt, tiers: tuple[Tier, ...], read: _Read) -> list[str]:
    """Parameters of some tiers that differ."""
    pairs = [(read(a, tier), read(b, tier)) for tier in tiers]
    return [name for one, other in pairs for name in sorted(one | other) if one.get(name) != other.get(name)]


def _same_place(one: Block, other: Block) -> bool:
    return (one.role, one.message, one.call_id) == (other.role, other.message, other.call_id)


def _tool_cause(a: Prompt, b: Prompt) -> tuple[Cause, str]:
    ours, theirs = _tools(a), _tools(b)
    counts = [Counter({name: len(same) for name, same in tools.items()}) for tools in (ours, theirs)]
    if removed := sorted(counts[0] - counts[1]):
        return "tool removed", ", ".join(removed)
    if added := sorted(counts[1] - counts[0]):
        return "tool added", ", ".join(added)
    if changed := sorted(name for name, same in ours.items() if theirs[name] != same):
        return "tool changed", ", ".join(changed)
    return "tools reordered", ", ".join(theirs)


def _tools(prompt: Prompt) -> dict[str, list[bytes]]:
    """The definitions by name, of which a prompt may have several."""
    found: dict[str, list[bytes]] = {}
    for block in prompt.blocks:
        if block.kind == "tool":
            found.setdefault(block.name, []).append(block.wire)
    return {name: sorted(same) for name, same in found.items()}


def _is_system(block: Block) -> bool:
    return block.role in ("system", "developer")


def _is_volatile(one: Block, other: Block) -> bool:
    """Whether the blocks differ only in dates, times, UUIDs or long numbers."""
    if not _same_place(one, other) or one.kind != other.kind or one.text == other.text:
        return False
    return _VOLATILE.sub("", one.text) == _VOLATILE.sub("", other.text)


def _history_cause(a: Prompt, b: Prompt, block: int) -> tuple[Cause, str]:
    """Removed where the later prompt goes on with blocks that the earlier one had further back."""
    target = b.blocks[block].wire
    removed = any(candidate.wire == target for candidate in a.blocks[block + 1 :])
    return ("history removed" if removed else "history rewritten"), b.blocks[block].path
