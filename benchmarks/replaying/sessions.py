"""Sessions of several agents as the requests that were sent: all as Messages bodies, so that one ruler measures all."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.replaying import traces
from benchmarks.replaying.messages import Message, from_chat, merged, plain, result, text, use
from ctxpack.auditing import Call
from ctxpack.auditing.readers import read

# Sessions of fewer requests are left out.
SHORTEST = 10
# Priced and counted as this one where the session's own model has another dialect.
MODEL = "claude-sonnet-4-5"


@dataclass(frozen=True)
class Session:
    """What was sent, request by request; requests that continue one another share their messages."""

    name: str
    requests: list[list[Message]]
    model: str = MODEL


def sessions(path: str) -> Iterator[Session]:
    """Each session that is long enough.

    A path is a .traj of SWE-agent, a .json of tau-bench, a .jsonl of pi, a directory of rendered traces (mini-swe-agent
    or magentic style), or anything that `ctxpack audit` reads.
    """
    yield from (session for session in _sessions(Path(path)) if len(session.requests) >= SHORTEST)


def _sessions(path: Path) -> Iterable[Session]:
    if path.suffix == ".traj":
        return [Session(path.stem, requests(from_chat(json.loads(path.read_text())["history"])))]
    if path.suffix == ".json":
        dialogues = enumerate(json.loads(path.read_text()))
        return (Session(f"dialogue {number}", requests(from_chat(row["traj"]))) for number, row in dialogues)
    if path.suffix == ".jsonl" and '"provider"' in traces.lines(path)[0]:
        return [Session(path.stem, requests(from_pi(path)))]
    if traces.fits(path):
        return (Session(name, prompts) for name, prompts in traces.read(path))
    return logged(path)


def logged(path: Path) -> Iterator[Session]:
    """What `ctxpack audit` reads, without thinking: providers count it by rules of their own."""
    found: dict[str, Session] = {}
    for item in read([str(path)]):
        if isinstance(item, Call) and item.body is not None:
            name = "/".join([*(part[:8] for part in item.session.split("/")), str(item.segment + 1)])
            sent = json.loads(item.body)
            session = found.setdefault(name, Session(name, [], sent["model"]))
            session.requests.append(sharing(plain(sent["messages"]), session.requests[-1] if session.requests else []))
    yield from found.values()


def sharing(messages: list[Message], before: list[Message]) -> list[Message]:
    """The messages, in the objects of the request before where they are equal."""
    same = next((i for i, (one, other) in enumerate(zip(messages, before, strict=False)) if one != other), len(before))
    return [*before[:same], *messages[same:]]


def requests(messages: list[Message]) -> list[list[Message]]:
    """What stands in front of every assistant message."""
    messages = merged(messages)
    return [messages[:at] for at, message in enumerate(messages) if message["role"] == "assistant" and at]


def from_pi(path: Path) -> list[Message]:
    rows = (json.loads(line) for line in traces.lines(path))
    messages = [_from_pi(row["message"]) for row in rows if row["type"] == "message"]
    return [message for message in messages if message["content"]]


def _from_pi(given: Message) -> Message:
    texts = [text(part["text"]) for part in given["content"] if part["type"] == "text" and part["text"]]
    if given["role"] == "toolResult":
        shown = "\n".join(part["text"] for part in texts)
        return {"role": "user", "content": [result(given["toolCallId"], shown)]}
    calls = [
        use(part["id"], part["name"], part["arguments"]) for part in given["content"] if part["type"] == "toolCall"
    ]
    return {"role": given["role"], "content": [*texts, *calls]}
