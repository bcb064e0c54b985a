"""Stores that another process wrote to: what it put there costs decisions, never a hang, a crash or memory."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ctxpack.packing import MemoryOriginals, Policy, Session, Summaries
from ctxpack.packing.originals.content import compressed, encoded

from . import laws
from .conversations import CLAUDE, bodies, working

ALWAYS = Policy("always", summaries=Summaries(tokens=200, keep_turns=1, patience=0.0))


class Shared(MemoryOriginals):
    """A store that others may write to under any name."""

    def change(self, member: str, change: Callable[[str, dict[str, Any]], dict[str, Any]]) -> int:
        """Changes every kept text that is JSON with that member; how many there are."""
        found = {handle: self.get(handle) for handle in list(self._texts) if not handle.startswith("note:")}
        meant = {handle: text for handle, text in found.items() if text.startswith(f'{{"{member}":')}
        for handle, text in meant.items():
            digest, _ = self._texts[handle]
            changed = json.dumps(change(handle, json.loads(text)))
            self._texts[handle] = digest, compressed(encoded(changed))
        return len(meant)


def started(policy: str | Policy) -> tuple[Shared, bytes]:
    """A store that knows a conversation, and the next request of that."""
    store, requests = Shared(), [laws.dumped(body) for body in bodies(working(30, size=30), "anthropic.messages")]
    session = Session(CLAUDE, policy, store=store)
    for number, data in enumerate(requests[:-1]):
        session.pack(data, now=float(number))
    return store, requests[-1]


def check_packed(store: Shared, policy: str | Policy, data: bytes) -> None:
    packed = Session(CLAUDE, policy, store=store).pack(data, now=100.0)
    assert packed.report.reason == ""
    assert packed.report.tokens_after < packed.report.tokens_before
    laws.check_blocks(data, packed)


@pytest.mark.parametrize(
    "forge",
    [
        lambda handle, change: change | {"before": handle},
        lambda handle, change: change | {"rewrites": [[1, 0, overlapping(handle)]]},
    ],
    ids=["a circle", "ranges shown over and over"],
)
def test_decisions_that_no_session_wrote_are_made_anew(forge: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
    store, data = started("lossless")
    assert store.change("before", forge) > 10
    check_packed(store, "lossless", data)


def overlapping(handle: str) -> dict[str, Any]:
    recipe = {"type": "Pieces", "parts": [[0, 100]] * 100}
    return {"action": "clipped", "recipe": recipe, "handle": handle, "tokens_before": 9, "tokens_after": 1}


@pytest.mark.parametrize(
    "forged", [{"first": 10**8, "stop": 10**9}, {"stop": 10**12}, {"first": -5}, {"kept": [500]}, {"kept": [-1]}]
)
def test_a_summary_of_messages_that_are_not_there_is_none(forged: dict[str, Any]) -> None:
    store, data = started(ALWAYS)
    assert store.change("first", lambda handle, summary: summary | forged) > 3
    check_packed(store, ALWAYS, data)
