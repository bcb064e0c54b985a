"""Digest: what stays of a long result when it enters: the lines that matter for the query, and names in the rest."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ctxpack.packing.embedded import is_records
from ctxpack.packing.markers import marker
from ctxpack.packing.names import names
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import EntryLimits
from ctxpack.packing.rewrites import Pieces, Rewrite, Shaped, Then
from ctxpack.packing.selection import select
from ctxpack.packing.settings import pairs
from ctxpack.packing.shares import Shares
from ctxpack.packing.tool_calls import ToolCall
from ctxpack.prompts import BlockCounter

# What stands between two kept parts. The note at the end says so once; a note in every gap would cost lines.
GAP = "\n…\n"
# The latest texts say what the work is about, not what of a result it will need: most of that no one has spoken of yet.
FOCUS = 0.05
# How JSON begins, also where its end was cut off; logs begin with [INFO], [12:07:01] or [ 45%].
_JSON = re.compile(r"\s*[\[{]\s*(?:[\[{\"\]}]|(?:-?\d[\d.eE+-]*|true|false|null)\s*,)")


@dataclass(frozen=True, slots=True)
class Digester:
    """Cuts long results to a budget of tokens as they enter.

    Attributes:
        counter: counts texts.
        originals: where the uncut texts are kept.
        rule: the budgets.

    Thread-safety: as its originals.
    """

    counter: BlockCounter
    originals: Originals
    rule: EntryLimits

    def fits(self, text: str, call: ToolCall, tokens: int, shares: Shares) -> bool:
        """Whether a text of so many tokens enters uncut."""
        return tokens <= self._budget(text, call, shares)

    def digest(self, original: str, call: ToolCall, shaped: Shaped | None, query: str, shares: Shares) -> Shaped | None:
        """A result within its budget, or None where it fits or a digest is no shorter. O(characters).

        Args:
            original: the result as the caller sent it.
            call: the call it answers.
            shaped: its lossless form, if that is shorter: the digest is made of that.
            query: what the conversation is about just now.
            shares: how its result divides a limit.
        """
        budget = self._budget(original, call, shares)
        text = original if shaped is None else shaped.text
        long = self.counter.text(text)
        if long <= budget:
            return None
        handle = self.originals.put(original)
        kept = select(text, f"{call.subject}\n{query}", budget, self.counter.encoding, GAP, FOCUS)
        left_out = "\n".join(text[start:stop] for start, stop in kept.left_out)
        found = names(left_out, min(int(self.rule.names * long), budget), self.counter.text)
        cut = Pieces((*kept.parts, f"\n{marker(handle, '… stands for what was left out; names in it')}\n{found}"))
        shown = cut.apply(text)
        after = self.counter.text(shown)
        if after >= long:
            return None
        recipe = cut if shaped is None else Then(shaped.rewrite.recipe, cut)
        rule = f"longer than {budget} tokens"
        return Shaped(Rewrite("clipped", recipe, handle, self.counter.text(original), after, rule=rule), shown)

    def _budget(self, text: str, call: ToolCall, shares: Shares) -> int:
        return shares.most(self._limit(text, call))

    def _limit(self, text: str, call: ToolCall) -> int:
        for name, limit in pairs(self.rule.tools):
            if fnmatchcase(call.name, name):
                return limit
        if is_records(text):
            return self.rule.data
        if call.is_quotable or call.is_delegation:
            return self.rule.reads
        return self.rule.data if _JSON.match(text) else self.rule.commands
