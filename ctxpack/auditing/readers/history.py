"""Puts the messages of a conversation together again, in the order and the pairs that the provider was sent."""

import msgspec

_PARTS = msgspec.json.Decoder(list[msgspec.Raw])
_USER = b'{"role":"user"'
_PLACEHOLDER = b'{"type":"tool_result","tool_use_id":%b,"content":"","is_error":true}'


class _Part(msgspec.Struct):
    type: str
    id: str | None = None
    tool_use_id: str | None = None


_PART = msgspec.json.Decoder(_Part)


class History:
    """Messages of one segment of a conversation as encoded `anthropic.messages`; append-only.

    An assistant message is open from `begin` to `end`. What the user side says in between (tools run while the message
    still streams) goes into the user message after it, results first, as the provider demands.

    Thread-safety: belongs to one reader.
    """

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self._said: list[bytes] = []
        self._called: set[str] = set()
        self._unanswered: dict[str, None] = {}
        self._results: list[bytes] = []
        self._asked: list[bytes] = []

    def begin(self) -> int:
        """Opens an assistant message; the user message before it is complete.

        A call that has no result by then gets an empty one, because the provider takes no dangling call: the client
        must have sent something that it did not log.

        Returns:
            Number of results made up.
        """
        made_up = [_PLACEHOLDER % msgspec.json.encode(call) for call in self._unanswered]
        parts = self._results + made_up + self._asked
        if parts:
            self._messages.append(_message(b"user", parts))
        self._called, self._unanswered, self._results, self._asked = set(), {}, [], []
        return len(made_up)

    def say(self, content: msgspec.Raw) -> None:
        """Adds a streamed part of the open assistant message; a call of it that was added before is left out.

        Raises:
            msgspec.DecodeError: not the content of a message; nothing is added.
        """
        for part, raw in _parts(content):
            if part.type == "tool_use" and part.id is not None:
                if part.id in self._called:
                    continue
                self._called.add(part.id)
                self._unanswered[part.id] = None
            self._said.append(raw)

    def ask(self, content: msgspec.Raw) -> int:
        """Adds tool results and other content to the next user message.

        Returns:
            Number of results dropped because the last assistant message made no such call, or has its result already.

        Raises:
            msgspec.DecodeError: not the content of a message; nothing is added.
        """
        dropped = 0
        for part, raw in _parts(content):
            if part.type != "tool_result":
                self._asked.append(raw)
            elif part.tool_use_id in self._unanswered:
                del self._unanswered[part.tool_use_id]
                self._results.append(raw)
            else:
                dropped += 1
        return dropped

    def body(self, model: str) -> bytes | None:
        """The request that the open assistant message answers; None where the log does not begin with a user message.

        Complexity: linear in the bytes of the body.
        """
        if not self._messages or not self._messages[0].startswith(_USER):
            return None
        return b'{"model":%b,"messages":[%b]}' % (msgspec.json.encode(model), b",".join(self._messages))

    def end(self) -> None:
        """Closes the open assistant message."""
        if self._said:
            self._messages.append(_message(b"assistant", self._said))
        self._said = []


def _parts(content: msgspec.Raw) -> list[tuple[_Part, bytes]]:
    """Parts of a message's content with their own bytes; a string, as long as it stays alone, is a part of its own."""
    data = bytes(content)
    if data.startswith(b'"'):
        return [(_Part("text"), data)]
    return [(_PART.decode(raw), bytes(raw)) for raw in _PARTS.decode(data)]


def _message(role: bytes, parts: list[bytes]) -> bytes:
    if len(parts) == 1 and parts[0].startswith(b'"'):
        content = parts[0]
    else:
        content = b"[%b]" % b",".join(_block(part) for part in parts)
    return b'{"role":"%b","content":%b}' % (role, content)


def _block(part: bytes) -> bytes:
    return b'{"type":"text","text":%b}' % part if part.startswith(b'"') else part
