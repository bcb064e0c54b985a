"""Gate of summaries: one is made only where that is expected to lower the bill, as compactions are."""

from dataclasses import dataclass

from ctxpack.packing.policy import Summaries
from ctxpack.packing.summaries.stretch import saving, stretch
from ctxpack.packing.summaries.writer import Writer
from ctxpack.packing.terms import Terms, pays
from ctxpack.packing.turn import Decided


@dataclass(frozen=True, slots=True)
class SummaryGate:
    """Decides when old messages are summarised.

    Attributes:
        rule: how many turns stay, how long the summary may be, how patient to be.
        terms: what to reckon with.
        asks: whether a summarizer writes the text, at a cost.
    """

    rule: Summaries
    terms: Terms
    asks: bool

    def passed(self, decided: Decided, writer: Writer, alive: bool) -> Decided | None:
        """The turn with a summary and the decisions about it; None where it is not due or saves too little. O(bytes).

        Args:
            decided: the request and the decisions about it; the branch's rent grows by this request's.
            writer: writes the summary.
            alive: whether the provider may still hold what the branch sent last.

        Raises:
            SummaryWanted: the summarizer is to be asked first.
        """
        rule, terms, (turn, branch) = self.rule, self.terms, decided
        packed = turn.packed
        found = stretch(turn.given.prompt, writer.condenser.policy, rule.keep_turns)
        if found is None:
            return None
        gain = saving(found, decided, rule.tokens)
        branch.summary_rent += terms.rent(gain, packed)
        extra = terms.asking(packed, rule.tokens, alive) if self.asks else 0.0
        if not pays(gain, branch.summary_rent, packed, alive, terms, rule.patience, extra):
            return None
        if summary := writer.summary(turn, found, branch.query, rule.tokens):
            after = writer.condenser.put(decided, summary)
            if gain.is_reached(packed, after.turn.packed):
                return after
        # Not at every request from now on.
        branch.summary_rent = 0.0
        return None
