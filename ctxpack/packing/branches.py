"""Branches: the lines of history that a session has seen, and what of them came back."""

from collections import OrderedDict
from collections.abc import Iterator

from ctxpack.packing.branch import Branch
from ctxpack.packing.journal import Journal
from ctxpack.packing.turn import Decided, Turn

# Histories kept at once: many conversations, their subagents and rewinds. Finding one costs O(log blocks) each.
_BRANCHES = 256
# Lines and blocks that these may have in all, some 100 bytes each; the latest history is kept whatever its size.
_SIZE = 1 << 22
# Prefixes recognised when a packed body comes back as input.
_SENT = 65_536


class Branches:
    """The latest branches of a session, and the prompts that were sent with their decisions.

    Memory: bounded, see `Branch`. Thread-safety: none; its session locks.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._branches: list[Branch] = []
        self._sent: OrderedDict[bytes, float] = OrderedDict()

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._branches)

    def continued_by(self, turn: Turn) -> Branch:
        """The branch that a body continues, a fork of one, or a new one; the latest from now on.

        O(log blocks) a branch, O(blocks) for the store, and the bytes of blocks whose decisions part.

        Raises:
            StoreError: the store cannot be read.
        """
        chain = turn.chain
        branch = max(self._branches, key=lambda branch: branch.nearness(chain), default=Branch())
        shared = branch.shared(chain)
        returned = next((i for i, wire in enumerate(chain) if wire not in self._sent), len(chain))
        # Another session, or one before a restart, may have sent more of it.
        if saved := self._journal.find(turn, max(shared, returned)):
            branch = saved
        elif returned > shared:
            branch = self._returned(turn, returned, branch if shared else Branch())
        elif not shared:
            branch = Branch()
        elif shared < len(branch.chain):
            branch = self._forked(turn, shared, branch)
        if not turn.is_answered(len(branch.chain)):
            # Tools and instructions that conversations share do not say when this one was sent.
            branch.sent = None
        self._keep(branch)
        return branch

    def sent_off(self, decided: Decided, now: float) -> None:
        """Takes note that a packed prompt is sent, at `now` in unix seconds. O(blocks)."""
        decided.branch.sent = now
        for position in decided.turn.packed.positions:
            self._sent[position.wire] = now
            self._sent.move_to_end(position.wire)
        while len(self._sent) > _SENT:
            self._sent.popitem(last=False)
        self._keep(decided.branch)

    def _forked(self, turn: Turn, blocks: int, parent: Branch) -> Branch:
        """A branch of the first blocks of another one.

        Where a body was sent up to there, it has what was decided then: that is in the cache, and what was taken out
        later was not old yet. The rent goes with it: what was paid once buys one compaction. Another conversation
        with the same tools and instructions has paid none.
        """
        has_less = any(rewrite.lasting for (block, _), rewrite in parent.rewrites.items() if block < blocks)
        fork = (has_less and self._journal.find(turn, blocks - 1)) or parent.fork(turn.texts, blocks)
        if not turn.is_answered(blocks):
            fork.rent = fork.summary_rent = 0.0
            return fork
        fork.rent, fork.summary_rent = min(fork.rent, parent.rent), min(fork.summary_rent, parent.summary_rent)
        parent.rent = parent.summary_rent = 0.0
        return fork

    def _returned(self, turn: Turn, blocks: int, paid: Branch) -> Branch:
        """A branch of blocks that come back as they were sent: they are in the cache as they are."""
        sent = self._sent[turn.chain[blocks - 1]]
        branch = Branch(rent=paid.rent, summary_rent=paid.summary_rent, sent=sent)
        branch.adopt(turn.texts, turn.chain[:blocks])
        return branch

    def _keep(self, branch: Branch) -> None:
        others = [other for other in self._branches if other is not branch]
        self._branches = [*others[1 - _BRANCHES :], branch]
        while len(self._branches) > 1 and sum(kept.size for kept in self._branches) > _SIZE:
            del self._branches[0]
