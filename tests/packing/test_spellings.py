"""Law 12: a body in another spelling is packed to the same values by the same decisions, and told for what it is."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, Packed, Policy, Session, Summaries
from ctxpack.prefix import diff, fingerprint
from ctxpack.prompts import Prompt
from tests.prompts.test_spellings import SPELLINGS

from .conversations import MODELS, Step, bodies, examples
from .policies import KEEPING_LITTLE
from .strategies import conversations, dialects

BOTH = replace(KEEPING_LITTLE, summaries=Summaries(tokens=4000, keep_turns=1, patience=0.0))
POLICIES = pytest.mark.parametrize("policy", ["lossless", KEEPING_LITTLE, BOTH], ids=["lossless", "compacting", "both"])
# White space and escapes; the order of keys may change a count by a few tokens. An object in which a name stands twice
# has no one value.
RESPELLED = st.sampled_from(["indented", "odd white space", "keys escaped"])
OTHERS = st.sampled_from(sorted(SPELLINGS.keys() - {"compact", "keys repeated"}))


class ByValue(MemoryOriginals):
    """Keeps JSON by its values: a handle of the bytes may be a token longer, and tip what costs the same."""

    def put(self, text: str) -> str:
        return super().put("\n".join(parts(text)))


def parts(text: str) -> Iterator[str]:
    """The JSON values in a text, each in one spelling, and the lines between them as they are."""
    at = 0
    while at < len(text):
        try:
            value, end = json.JSONDecoder().raw_decode(text, at)
            yield json.dumps(value)
        except ValueError:
            end = text.find("\n", at) + 1 or len(text)
            yield text[at:end]
        at = len(text) - len(text[end:].lstrip(" \t\r\n"))


def sent(requests: list[dict], spelling: str, model: str, policy: str | Policy) -> list[Packed]:
    session = Session(model, policy, store=ByValue())
    return [session.pack(SPELLINGS[spelling](body).encode(), now=float(at)) for at, body in enumerate(requests)]


@POLICIES
@examples(50)
@given(conversations, dialects, RESPELLED)
def test_every_spelling_is_packed_alike(policy: str | Policy, steps: list[Step], dialect: str, spelling: str) -> None:
    requests = bodies(steps, dialect)
    pairs = zip(*(sent(requests, each, MODELS[dialect], policy) for each in ("compact", spelling)), strict=True)
    for plain, other in pairs:
        assert json.loads(other.dump()) == json.loads(plain.dump())
        assert other.report.entries == plain.report.entries
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
