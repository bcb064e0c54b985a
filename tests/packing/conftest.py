"""Real conversations for the tests of packing."""

import json

import pytest

from benchmarks.replaying.sessions import sessions
from ctxpack.auditing import Call
from ctxpack.auditing.readers import read
from tests.cassettes import recorded
from tests.data import shared

from .conversations import GPT, MODELS


@pytest.fixture(scope="package")
def claude_code() -> dict[str, list[dict]]:
    """Requests of each conversation of Claude Code transcripts, by session and segment, the long ones only."""
    found: dict[str, list[dict]] = {}
    for call in read([shared("claude_code")]):
        if isinstance(call, Call) and call.body is not None:
            found.setdefault(f"{call.session}/{call.segment}", []).append(json.loads(call.body))
    return {name: requests for name, requests in found.items() if len(requests) >= 10}


@pytest.fixture(scope="package")
def tau_bench() -> dict[str, list[dict]]:
    """Requests of airline dialogues: many repeat call ids, and content is often null."""
    dialogues = json.loads(shared("tau_bench/airline_gpt4o.json").read_text())
    return {f"tau {number}": _openai(one["traj"]) for number, one in enumerate(dialogues[:40])}


@pytest.fixture(scope="package")
def swe_agent() -> dict[str, list[dict]]:
    history = json.loads(shared("swe_agent/replace_from_source.traj").read_text())["history"]
    return {"swe": _openai([_swe_message(message) for message in history])}


@pytest.fixture(scope="package")
def pi() -> dict[str, list[dict]]:
    """One request in sixteen of a session of the pi coding agent: a body that grows by many messages at once."""
    return {name: requests[::16] for name, requests in _replayed("pi/large-session.jsonl").items()}


@pytest.fixture(scope="package")
def mini_swe_agent() -> dict[str, list[dict]]:
    return _replayed("agent_traces/miniswe")


@pytest.fixture(scope="package")
def cassettes() -> dict[str, list[dict]]:
    """Requests of each recorded run, in every client's own spelling, for models that can be counted."""
    found: dict[str, list[dict]] = {}
    for record in recorded():
        runs = found.setdefault(f"{record.cassette}, {record.dialect}", [])
        runs.append({**record.body, "model": MODELS[record.dialect]})
    return found


def _replayed(name: str) -> dict[str, list[dict]]:
    return {
        session.name: [{"model": session.model, "max_tokens": 64, "messages": sent} for sent in session.requests]
        for session in sessions(str(shared(name)))
    }


def _openai(messages: list[dict]) -> list[dict]:
    """A request for every assistant message of a dialogue."""
    spoken = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
    return [{"model": GPT, "messages": messages[:at]} for at in spoken if at]


def _swe_message(message: dict) -> dict:
    ids = message.get("tool_call_ids")
    kept = {name: message[name] for name in ("role", "content", "tool_calls") if message.get(name) is not None}
    return {**kept, "tool_call_id": ids[0]} if ids else kept
