"""Journal: a session's decisions in its store, so that they outlive it."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

import msgspec
from xxhash import xxh3_64_hexdigest

from ctxpack.errors import StoreError
from ctxpack.packing.branch import Branch
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import Policy
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.turn import Decided, Turn

_Kept = TypeVar("_Kept", bound=msgspec.Struct)
# Changes read one after the other before all decisions are written down anew.
_LONGEST = 64
# Blocks of a body up to whose ends it counts as sent: the last ones may be notes that no later body repeats.
_ENDS = 4


class Change(msgspec.Struct, frozen=True):
    """What one request decided. It never changes, so that later ones can build on it.

    Attributes:
        before: handle of the change that it builds on, "" for none.
        rewrites: (block, number in the block, decision) of each text decided anew.
        rent: money, as `Branch.rent`.
        summary_rent: money, as `Branch.summary_rent`.
    """

    before: str
    rewrites: tuple[tuple[int, int, Rewrite], ...]
    rent: float
    summary_rent: float = 0.0


class Note(msgspec.Struct, frozen=True):
    """What is known of a block's end: a body was sent up to there, when, and with the decisions of which change.

    Those are about blocks behind it, too, where the body went on. It was sent as it is where the change is "".
    """

    change: str
    sent: float


class Journal:
    """Decisions by the chained hash of the body that they were made for.

    A body finds what was decided for the longest of its beginnings that was ever sent, whichever session sent it: the
    hash covers everything up to there, the model included.

    Thread-safety: as its store.
    """

    def __init__(self, originals: Originals, scope: str) -> None:
        self._originals = originals
        # Decisions of another policy may have lost what this one promises to keep.
        self._scope = scope

    def write(self, decided: Decided, before: Branch, now: float) -> None:
        """Keeps the decisions of a turn. O(rewrites), and the bytes of new ones.

        Args:
            decided: a turn about to be sent; what its decisions are `saved` under is noted in the branch.
            before: the branch as it was before the turn.
            now: unix seconds.

        Raises:
            StoreError: the store cannot be written.
        """
        turn, branch = decided
        change = _change(branch, before)
        branch.saved = self._originals.put(dumped(change))
        branch.changes = branch.changes + 1 if change.before else 1
        blocks = len(turn.chain)
        first = min(max(len(before.chain), blocks - _ENDS), blocks - 1)
        packed = [position.wire for position in turn.packed.positions[first:]]
        notes = dict.fromkeys(packed, "") | dict.fromkeys(turn.chain[first:], branch.saved)
        for wire, saved in notes.items():
            self._originals.note(self._key(turn.dialect, wire), dumped(Note(saved, now)))

    def find(self, turn: Turn, beyond: int) -> Branch | None:
        """The branch that a turn continues, where the store knows of more than its first `beyond` blocks.

        O(blocks), and the bytes of the blocks that are found.

        Raises:
            StoreError: the store cannot be read.
        """
        found = self._originals.noted([self._key(turn.dialect, wire) for wire in reversed(turn.chain[beyond:])])
        if found is None:
            return None
        try:
            note = loaded(found[1], Note)
            branch = self._branch(note, len(turn.chain) - found[0])
        except (StoreError, ValueError, msgspec.ValidationError):
            # Dropped to keep the store's bounds, damaged, or written by another version: then it is decided anew.
            return None
        branch.adopt(turn.texts, turn.chain[: len(turn.chain) - found[0]])
        return branch

    def _branch(self, note: Note, blocks: int) -> Branch:
        """A branch with the decisions about the first blocks of the body that a note is about."""
        branch = Branch(sent=note.sent, saved=note.change)
        changes = list(islice(self._changes(note.change), _LONGEST + 1))
        if len(changes) > _LONGEST:
            raise StoreError("the changes build on more than are ever written, or on themselves")
        for change in reversed(changes):
            branch.rewrites |= {(block, part): rewrite for block, part, rewrite in change.rewrites}
        branch.changes = len(changes)
        if changes:
            branch.rent, branch.summary_rent = changes[0].rent, changes[0].summary_rent
        known = len(branch.rewrites)
        branch.rewrites = {key: rewrite for key, rewrite in branch.rewrites.items() if key[0] < blocks}
        if len(branch.rewrites) < known:
            # What comes next builds on fewer decisions than any change holds.
            branch.saved, branch.changes = "", 0
        return branch

    def _changes(self, handle: str) -> Iterator[Change]:
        """A change and those that it builds on, the latest first."""
        while handle:
            change = self._read(handle)
            yield change
            handle = change.before

    def _read(self, handle: str) -> Change:
        return loaded(self._originals.get(handle), Change)

    def _key(self, dialect: str, wire: bytes) -> str:
        return f"{self._scope}:{dialect}:{wire.hex()}"


def scope(model: str, policy: Policy) -> str:
    """What the notes of one session are kept under: a body may name no model, or one name stand for several."""
    return xxh3_64_hexdigest(repr((model, policy)).encode())


def _change(branch: Branch, before: Branch) -> Change:
    """What a branch decided anew, or all it decided where that is not just more."""
    builds_on = branch.saved if branch.changes < _LONGEST and before.rewrites.keys() <= branch.rewrites.keys() else ""
    known = before.rewrites if builds_on else {}
    new = (item for item in branch.rewrites.items() if known.get(item[0]) is not item[1])
    return Change(builds_on, tuple((*key, rewrite) for key, rewrite in new), branch.rent, branch.summary_rent)


def dumped(value: msgspec.Struct) -> str:
    """JSON that may hold lone surrogates, as texts do."""
    return json.dumps(msgspec.to_builtins(value), separators=(",", ":"))


def loaded(text: str, kind: type[_Kept]) -> _Kept:
    """What `dumped` was given.

    Raises:
        ValueError, msgspec.ValidationError: the text is damaged, or was written by another version.
    """
    try:
        return msgspec.convert(json.loads(text), kind)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
