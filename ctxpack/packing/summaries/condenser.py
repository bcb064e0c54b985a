"""Condenser: puts a summary in place of a stretch of messages."""

from dataclasses import dataclass

from ctxpack.packing.branch import Branch
from ctxpack.packing.markers import marker
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import Policy
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.summaries.mechanical import summarised
from ctxpack.packing.summaries.stretch import Stretch
from ctxpack.packing.summaries.summary import Summary
from ctxpack.packing.summaries.transcript import transcript
from ctxpack.packing.texts import Key, Text, texts
from ctxpack.packing.turn import Decided, Turn
from ctxpack.prompts import BlockCounter, Prompt, Span

# Characters of an answer that is no longer than the marker of one.
_SHORT = 48


@dataclass(frozen=True, slots=True)
class Condenser:
    """Writes summaries and makes the turns that they begin.

    Attributes:
        counter: counts blocks and texts.
        shaper: shapes what stands after a summary anew.
        originals: where what summaries stand for is kept.
        policy: says which tools are pinned.

    Thread-safety: as its originals.
    """

    counter: BlockCounter
    shaper: Shaper
    originals: Originals
    policy: Policy

    def summary(self, turn: Turn, found: Stretch, query: str, tokens: int) -> Summary | None:
        """A mechanical summary of a stretch, or None where it has no room for one. O(bytes of the stretch).

        Args:
            turn: the request.
            found: what to summarise; it holds what an earlier summary stood for.
            query: what the conversation is about just now.
            tokens: most tokens of the text that stands for the messages.
        """
        given = texts(turn.given.prompt, self.policy)
        handle, header = self._kept(turn, found, given)
        script = transcript(given, set(found.dropped))
        room = tokens - self.counter.text(f"{header}\n")
        text = summarised(script, query, room, self.counter.encoding, self.originals.put)
        made = self._made(turn, found, handle, f"{header}\n{text}")
        return made if text and made.tokens_after <= tokens else None

    def least(self, turn: Turn, found: Stretch) -> Summary:
        """The shortest note that can stand for a stretch. O(bytes of the stretch)."""
        return self._made(turn, found, *self._kept(turn, found, texts(turn.given.prompt, self.policy)))

    def put(self, decided: Decided, summary: Summary) -> Decided:
        """The turn with a summary, and the decisions about it: what was taken out of messages that stay stays out.

        All after the summary is decided anew: pointers must not lead to lines that are gone. O(bytes).
        """
        turn, branch = decided
        after = Turn.start(turn.given, self.counter, self.policy, turn, summary)
        fresh = Branch(rewrites=_moved(turn, after, branch), sent=branch.sent, query=branch.query)
        fresh.reshape(after.texts, {}, self.shaper)
        fresh.chain = list(after.chain)
        after.write(fresh, self.counter)
        return Decided(after, fresh)

    def _kept(self, turn: Turn, found: Stretch, given: list[Text]) -> tuple[str, str]:
        """The handle of the messages that go, each in its own bytes, and the marker that stands for them.

        Those that went before have a handle already, which takes their place here, so that nothing is kept twice.
        """
        before = turn.summary
        new = [message for message in found.dropped if before is None or before.stays(message)]
        lines = self._lines(turn.given.prompt, new, given)
        if before is None:
            handle = self.originals.put("\n".join(lines))
        else:
            handle = self.originals.put("\n".join([before.marker, *lines])) if new else before.handle
        return handle, marker(handle, f"{len(found.dropped)} messages left out, each as it was sent")

    def _lines(self, prompt: Prompt, messages: list[int], given: list[Text]) -> list[str]:
        """Messages in their own bytes, but for what the retrieval tool returned, which gets a handle of its own."""
        answers: dict[int, dict[Span, bytes]] = {message: {} for message in messages}
        for text in given:
            message = text.source.message
            if text.is_result and text.call.is_retrieval and not text.is_fixed and message in answers:
                answers[message][text.span] = text.write(self._behind(text.read()))
        return [prompt.messages[message].replaced(found).data.decode() for message, found in answers.items()]

    def _behind(self, answer: str) -> str:
        """The marker that stands for what a model was given of an original; a short answer itself."""
        if len(answer) <= _SHORT:
            return answer
        return marker(self.originals.put(answer), "what was returned here")

    def _made(self, turn: Turn, found: Stretch, handle: str, text: str) -> Summary:
        blocks = (block for message in found.dropped for block in turn.given.prompt.messages[message].blocks)
        return Summary(
            first=found.first,
            stop=found.stop,
            kept=found.kept,
            text=text,
            handle=handle,
            by="mechanical",
            reason="",
            tokens_before=sum(self.counter.tokens(block, None) for block in blocks),
            tokens_after=self.counter.text(text),
        )


def _moved(before: Turn, after: Turn, branch: Branch) -> dict[Key, Rewrite]:
    """What was decided of messages that stay, by the texts that they are now."""
    keys = {_place(after, text): text.key for text in after.texts}
    found = ((_place(before, text), branch.rewrites.get(text.key)) for text in before.texts)
    return {keys[place]: rewrite for place, rewrite in found if rewrite is not None and place in keys}


def _place(turn: Turn, text: Text) -> tuple[int, object]:
    """Where a text stands in the body as given."""
    message = text.source.message
    path = text.source.path.removeprefix(f"messages[{message}]")
    return (turn.places[message] if message >= 0 else -1), (path, text.part)
