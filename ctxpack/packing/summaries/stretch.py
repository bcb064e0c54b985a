"""Stretch: the messages that a summary could stand for, and what that would save."""

from dataclasses import dataclass

from ctxpack.packing.exchanges import Exchange, exchanges
from ctxpack.packing.policy import Policy
from ctxpack.packing.spared import written_out
from ctxpack.packing.terms import Saving
from ctxpack.packing.texts import tokens_of
from ctxpack.packing.turn import Decided, Turn
from ctxpack.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages of a body as given, whole exchanges.

    Attributes:
        first: the first message of the first exchange.
        stop: the first after the last.
        dropped: those of them that a summary could stand for.
    """

    first: int
    stop: int
    dropped: tuple[int, ...]

    @property
    def kept(self) -> tuple[int, ...]:
        """Those that must stay."""
        return tuple(sorted(set(range(self.first, self.stop)).difference(self.dropped)))


def stretch(given: Prompt, policy: Policy, keep_turns: int) -> Stretch | None:
    """All exchanges but the latest, where a user's message stands in front of them; None where none may go. O(blocks).

    Exchanges that hold a cache marker, a pinned tool, or instructions of the system or developer stay.

    Args:
        given: the prompt as the caller sends it.
        policy: says which tools are pinned.
        keep_turns: latest exchanges that stay.
    """
    old = exchanges(given)[:-keep_turns]
    if not old or not old[0].first or given.messages[old[0].first - 1].role != "user":
        return None
    going = [exchange for exchange in old if not _must_stay(given, exchange, policy)]
    dropped = tuple(message for exchange in going for message in range(*exchange))
    return Stretch(old[0].first, going[-1].stop, dropped) if going else None


def saving(found: Stretch, decided: Decided, tokens: int) -> Saving:
    """What a summary of that many tokens would save. O(blocks).

    Messages that an earlier summary stands for are gone already, and so is that summary then. What later results point
    to in the others is written out.
    """
    turn, branch = decided
    sizes, dropped, blocks = _sizes(turn), set(found.dropped), turn.packed.prompt.blocks
    ahead = turn.places.index(found.first - 1)
    before = turn.packed.tokens_until(sum(block.message <= ahead for block in blocks))
    gone = sum(size for message, size in zip(turn.places, sizes, strict=True) if message in dropped)
    if turn.summary is not None:
        before, gone = before - turn.summary.tokens_after, gone + turn.summary.tokens_after
    results = [text for text in turn.texts if text.is_result and turn.places[text.source.message] in dropped]
    gone -= written_out(turn.texts, branch, tokens_of(results, turn.packed))
    return Saving(gone - tokens, turn.packed.tokens - gone + tokens, before)


def _must_stay(given: Prompt, exchange: Exchange, policy: Policy) -> bool:
    messages = given.messages[exchange.first : exchange.stop]
    blocks = [block for message in messages for block in message.blocks]
    return any(message.role in ("system", "developer") for message in messages) or any(
        block.markers or block.breakpoint is not None or (block.kind == "tool_use" and policy.is_pinned(block.name))
        for block in blocks
    )


def _sizes(turn: Turn) -> list[int]:
    """Tokens of each message of the packed prompt."""
    sizes, before = [0] * len(turn.places), 0
    for block, position in zip(turn.packed.prompt.blocks, turn.packed.positions, strict=True):
        if block.message >= 0:
            sizes[block.message] += position.tokens - before
        before = position.tokens
    return sizes
