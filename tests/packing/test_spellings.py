"""Law 12: a body in another spelling is packed to the same values by the same decisions, and told for what it is."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import Packed, Policy, Session, Summaries
from ctxpack.prefix import diff, fingerprint
from ctxpack.prompts import Prompt
from tests.prompts.test_spellings import SPELLINGS

from .conversations import MODELS, Step, bodies, examples
from .policies import KEEPING_LITTLE
from .strategies import conversations, dialects

# Summaries with room to spare: in one that is full, a handle of more tokens leaves less for all else.
BOTH = replace(KEEPING_LITTLE, summaries=Summaries(tokens=4000, keep_turns=1, patience=0.0))
POLICIES = pytest.mark.parametrize("policy", ["lossless", KEEPING_LITTLE, BOTH], ids=["lossless", "compacting", "both"])
# White space and escapes; the order of keys may change a count by a few tokens. An object in which a name stands twice
# has no one value.
RESPELLED = st.sampled_from(["indented", "odd white space", "keys escaped"])
OTHERS = st.sampled_from(sorted(SPELLINGS.keys() - {"compact", "keys repeated"}))
# Handles are of the bytes, and one that has a token more leaves room for a name less at a summary's end.
OF_BYTES = re.compile(r'\b[0-9a-f]{8,40}\b|\\nNames:\\n[^"]*')


def sent(requests: list[dict], spelling: str, model: str, policy: str | Policy) -> list[Packed]:
    session = Session(model, policy)
    return [session.pack(SPELLINGS[spelling](body).encode(), now=float(at)) for at, body in enumerate(requests)]


def alike(packed: Packed) -> object:
    return json.loads(OF_BYTES.sub("", packed.dump().decode()))


def decisions(packed: Packed) -> list[tuple]:
    """What was done where, without the handles: they are of the bytes."""
    return [(entry.path, entry.tool, entry.action, entry.reason) for entry in packed.report.entries]


@POLICIES
@examples(50)
@given(conversations, dialects, RESPELLED)
def test_every_spelling_is_packed_alike(policy: str | Policy, steps: list[Step], dialect: str, spelling: str) -> None:
    requests = bodies(steps, dialect)
    pairs = zip(*(sent(requests, each, MODELS[dialect], policy) for each in ("compact", spelling)), strict=True)
    for plain, other in pairs:
        assert alike(other) == alike(plain)
        assert decisions(other) == decisions(plain)
        assert other.report.tokens_before == plain.report.tokens_before


@examples()
@given(conversations, dialects, OTHERS)
def test_another_spelling_in_mid_session_is_told_as_one(steps: list[Step], dialect: str, spelling: str) -> None:
    """The wire bytes part and the canonical values do not; the same decisions are made for both."""
    session, body = Session(MODELS[dialect]), bodies(steps, dialect)[-1]
    plain, other = (session.pack(SPELLINGS[each](body).encode(), now=0.0) for each in ("compact", spelling))
    one, two = (Prompt.parse(packed.dump()) for packed in (plain, other))
    assert json.loads(other.dump()) == json.loads(plain.dump())
    assert fingerprint(two).values == fingerprint(one).values
    wires = [[position.wire for position in fingerprint(prompt).positions] for prompt in (one, two)]
    found = diff(one, two)
    assert (found is None) == (wires[0] == wires[1])
    assert found is None or found.cause == "same value, different bytes"
