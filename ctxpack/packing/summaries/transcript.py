"""Transcript: what was said and done in some messages of a prompt, read for a summary."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from ctxpack.packing.texts import Text, strings_in
from ctxpack.packing.tool_calls import ToolCall
from ctxpack.packing.tool_names import tool_names


@dataclass
class Use:
    """A tool call with what it returned.

    Attributes:
        call: the call.
        given: its arguments as JSON, "" for none.
        result: what came back, "" where nothing did.
    """

    call: ToolCall
    given: str = ""
    result: str = ""

    @cached_property
    def arguments(self) -> dict[str, object]:
        """Its arguments, none where they are no object. O(bytes) when first asked for."""
        try:
            value = msgspec.json.decode(self.given or "{}")
        except (msgspec.DecodeError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @cached_property
    def path(self) -> str:
        """The file that it is about, "" for none."""
        return next((path for name in tool_names().paths if isinstance(path := self.arguments.get(name), str)), "")

    @property
    def strings(self) -> list[str]:
        """Every string in its arguments."""
        return list(strings_in(self.arguments))


@dataclass(slots=True)
class Transcript:
    """Some messages of a conversation.

    Attributes:
        asked: what the user said.
        said: what the assistant said between calls.
        concluded: what the assistant said in turns that end without a call.
        uses: calls with their results.

    All in order.
    """

    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    concluded: list[str] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)

    @property
    def words(self) -> Iterator[str]:
        """Every text, the latest first, those of users and assistants in front of results."""
        for use in reversed(self.uses):
            yield from use.strings
        yield from reversed(self.said)
        yield from reversed(self.concluded)
        yield from reversed(self.asked)
        yield from (use.result for use in reversed(self.uses))


def transcript(found: Sequence[Text], messages: Collection[int]) -> Transcript:
    """What some messages say. O(bytes of those messages + texts).

    Args:
        found: the texts of a prompt.
        messages: the messages.
    """
    script, pending, turns = Transcript(), {}, _turns(found)
    calling = {turns[text.source.message] for text in found if text.is_arguments}
    for text in found:
        source = text.source
        if source.message not in messages:
            continue
        if text.is_arguments:
            pending[source.call_id] = use = Use(text.call, text.read())
            script.uses.append(use)
        elif text.is_result:
            _answer(script, pending, text)
        elif source.role == "assistant":
            (script.said if turns[source.message] in calling else script.concluded).append(text.read())
        elif source.kind == "text":
            script.asked.append(text.read())
    return script


def _turns(found: Sequence[Text]) -> dict[int, int]:
    """The first message of the turn that each assistant message belongs to: those side by side are one."""
    turns: dict[int, int] = {}
    for message in (text.source.message for text in found if text.source.role == "assistant"):
        turns.setdefault(message, turns.get(message - 1, message))
    return turns


def _answer(script: Transcript, pending: dict[str, Use], text: Text) -> None:
    """Adds a part of a result to the latest call of its id, or to one without arguments."""
    if text.source.call_id not in pending:
        pending[text.source.call_id] = use = Use(text.call)
        script.uses.append(use)
    use = pending[text.source.call_id]
    use.result = f"{use.result}\n{text.read()}" if use.result else text.read()
