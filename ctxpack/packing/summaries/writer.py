"""Writer: the summary that is taken, a summarizer's or the mechanical one."""

from dataclasses import dataclass

import msgspec

from ctxpack.packing.summaries.checks import fault
from ctxpack.packing.summaries.condenser import Condenser
from ctxpack.packing.summaries.stretch import Stretch
from ctxpack.packing.summaries.summarizer import Answer, Reply, SummaryWanted, request_for
from ctxpack.packing.summaries.summary import Summary
from ctxpack.packing.texts import strings_in
from ctxpack.packing.turn import Turn
from ctxpack.prompts import Prompt, Source


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the summaries of one request.

    Attributes:
        condenser: writes mechanical ones, and puts them all in their place.
        answer: what a summarizer said to this request: "ask" where one is there and was not asked yet, None where none
            is or none may be asked.

    Thread-safety: as the condenser.
    """

    condenser: Condenser
    answer: Reply = None

    @property
    def has_asked(self) -> bool:
        """Whether a summarizer was asked for this request, whatever came of it."""
        return isinstance(self.answer, Answer)

    def summary(self, turn: Turn, found: Stretch, query: str, tokens: int) -> Summary | None:
        """As `Condenser.summary`, but a summarizer's text where there is one and nothing is wrong with it.

        Raises:
            SummaryWanted: the summarizer is to be asked first.
        """
        mechanical = self.condenser.summary(turn, found, query, tokens)
        if mechanical is None or self.answer is None:
            return mechanical
        header, count = mechanical.marker, self.condenser.counter.text
        room = tokens - count(f"{header}\n")
        if self.answer == "ask":
            raise SummaryWanted(request_for(turn.packed.prompt, room))
        text, reason = self.answer
        reason = reason or fault(text, room, count, _said(turn.given.prompt, turn.packed.prompt))
        if reason:
            return msgspec.structs.replace(mechanical, reason=reason)
        whole = f"{header}\n{text}"
        return msgspec.structs.replace(mechanical, text=whole, tokens_after=count(whole), by="summarizer")


def _said(*prompts: Prompt) -> str:
    """Every string of some bodies. O(bytes)."""
    bodies = (Source(prompt.dump()) for prompt in prompts)
    return "\n".join(text for body in bodies for text in strings_in(body.value(body.whole)))
