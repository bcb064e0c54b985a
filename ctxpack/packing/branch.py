"""Branch: one line of a conversation with its frozen decisions."""

from dataclasses import dataclass, field, replace

from ctxpack.packing.lines import LineIndex, split
from ctxpack.packing.rewrites import Rewrite, Shaped, Then
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.shares import ALONE, Shares, shares
from ctxpack.packing.texts import Key, Text

# Characters of the latest user or assistant text that say what the conversation is about just now.
_QUERY = 2000


@dataclass(slots=True)
class Branch:
    """Decisions about the texts of one conversation, each made once and kept.

    Attributes:
        chain: wire hash at the end of each block of the body as the caller sends it.
        rewrites: frozen decisions by text.
        index: lines that the packed prompt shows.
        rent: money spent on re-reading what a compaction could have removed, since the last one, less what that spared,
            in the currency of the session's price.
        summary_rent: the same of a summary.
        sent: unix seconds of its last request; None before the first.
        query: the end of the latest user or assistant text.
        saved: where the journal keeps these decisions, "" where it does not yet.
        changes: how many of its entries they are made of.
        made: texts as the newest decisions make them, until they are sent.

    Memory: O(blocks + lines), hashes and recipes, no text that was sent. Thread-safety: none; its session locks.
    """

    chain: list[bytes] = field(default_factory=list)
    rewrites: dict[Key, Rewrite] = field(default_factory=dict, repr=False)
    index: LineIndex = field(default_factory=LineIndex)
    rent: float = 0.0
    summary_rent: float = 0.0
    sent: float | None = None
    query: str = field(default="", repr=False)
    saved: str = ""
    changes: int = 0
    made: dict[Key, Shaped] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Lines and blocks that it remembers."""
        return len(self.index) + len(self.chain)

    def shared(self, chain: list[bytes]) -> int:
        """How many leading blocks a body shares with this branch. O(log blocks): hashes are chained."""
        low, high = 0, min(len(chain), len(self.chain))
        while low < high:
            middle = (low + high + 1) // 2
            if self.chain[middle - 1] == chain[middle - 1]:
                low = middle
            else:
                high = middle - 1
        return low

    def nearness(self, chain: list[bytes]) -> tuple[int, bool]:
        """How near a body is: blocks shared, then whether it continues all of this branch. As `shared`.

        A fork that was made for a body that was not sent then, because something was asked first or did not fit, is
        nearer than what it was forked from, and has its rent.
        """
        shared = self.shared(chain)
        return shared, shared == len(self.chain)

    def fork(self, texts: list[Text], blocks: int) -> "Branch":
        """A branch with the decisions of the first blocks only. O(bytes of those blocks)."""
        kept = {key: rewrite for key, rewrite in self.rewrites.items() if key[0] < blocks}
        branch = Branch(rewrites=kept, rent=self.rent, summary_rent=self.summary_rent, sent=self.sent)
        branch.adopt(texts, self.chain[:blocks])
        return branch

    def saved_state(self) -> "Branch":
        """What `back_to` goes back to; it reads the lines again. O(rewrites)."""
        return replace(self, rewrites=dict(self.rewrites))

    def back_to(self, state: "Branch", texts: list[Text]) -> None:
        """Undoes all that was decided since a state was saved. O(bytes of the blocks known then).

        Where that fails half-way, the branch has no blocks, and nothing continues it.
        """
        self.chain, self.rewrites, self.index, self.made = [], dict(state.rewrites), LineIndex(), {}
        self.rent, self.summary_rent, self.sent = state.rent, state.summary_rent, state.sent
        self.query, self.saved, self.changes = state.query, state.saved, state.changes
        self.adopt(texts, state.chain)

    def extend(self, texts: list[Text], chain: list[bytes], shaper: Shaper) -> None:
        """Shapes the blocks that are new and freezes what was decided. O(bytes of the new blocks)."""
        new = [text for text in texts if text.block >= len(self.chain)]
        divided = shares(new, shaper.count)
        for text in new:
            self._enter(text, shaper, divided.get(text.key, ALONE))
        self.chain = list(chain)

    def adopt(self, texts: list[Text], chain: list[bytes]) -> None:
        """Takes in the blocks that are new as they are. O(bytes of the new blocks)."""
        for text in texts:
            if len(self.chain) <= text.block < len(chain):
                self.show(text)
        self.chain = list(chain)

    def reshape(self, texts: list[Text], removed: dict[Key, Rewrite], shaper: Shaper) -> None:
        """Replaces history from the first removed text on: removed texts stay removed, the rest is shaped anew.

        Pointers must not lead to lines that are gone, so everything after the cut, which the provider bills as written
        anyway, is decided again. What entered whole stays whole: of a late result that pointed to removed lines nothing
        is cut. O(bytes).
        """
        whole, before = replace(shaper, digester=None), self.rewrites
        first = min(removed, default=(0, 0))
        kept = {key: rewrite for key, rewrite in self.rewrites.items() if key < first or rewrite.lasting}
        self.rewrites, self.index, self.rent = kept | removed, LineIndex(), 0.0
        divided = shares(texts, shaper.count)
        for text in texts:
            if text.key < first or text.key in self.rewrites:
                self.show(text)
            else:
                known = before.get(text.key)
                own = shaper if known is not None and known.action == "clipped" else whole
                self._enter(text, own, divided.get(text.key, ALONE))

    def show(self, text: Text) -> None:
        """Takes the lines of a text, as packed, into the index."""
        self._begin(text)
        self._show(text, text.read())

    def packed(self, text: Text) -> str:
        """A text as it is sent."""
        return self._packed(text, text.read())

    def _enter(self, text: Text, shaper: Shaper, divided: Shares) -> None:
        self._begin(text)
        given = text.read()
        if text.is_result and not text.is_fixed:
            shaped = shaper.shape(given, text.call, self.index, self.query, divided)
            if shaped is not None:
                self.rewrites[text.key] = shaped.rewrite
                self.made[text.key] = shaped
        self._show(text, given)

    def _begin(self, text: Text) -> None:
        if text.opens:
            self.index = LineIndex()

    def _show(self, text: Text, given: str) -> None:
        if not text.is_seen:
            return
        rewrite = self.rewrites.get(text.key)
        if rewrite is not None and rewrite.action == "templated":
            # A reader finds the lines of a log after its templates, in their order.
            logged = rewrite.recipe.first.apply(given) if isinstance(rewrite.recipe, Then) else given
            self.index.add(text.label, split(logged))
        else:
            for shown in text.shown(self._packed(text, given)):
                self.index.add(text.label, split(shown))
        if text.source.kind == "text":
            self.query = given[-_QUERY:]

    def _packed(self, text: Text, given: str) -> str:
        rewrite, made = self.rewrites.get(text.key), self.made.get(text.key)
        if rewrite is None:
            return given
        return made.text if made and made.rewrite is rewrite else rewrite.recipe.apply(given)
