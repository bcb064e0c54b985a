"""Forks, rewinds, retries and kills of sessions that share a store, in any order."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ctxpack.packing import MemoryOriginals, Packed, Policy, Session

from . import laws
from .conversations import MODELS, Step, bodies, examples, working
from .policies import BOTH, COMPACTING
from .strategies import dialects, steps

WHICH = st.integers(0, 1)


class History(RuleBasedStateMachine):
    """One conversation that goes on, goes back and parts, through two sessions with one store."""

    @initialize(dialect=dialects, policy=st.sampled_from(["lossless", COMPACTING, BOTH]), turns=st.integers(0, 8))
    def begin(self, dialect: str, policy: str | Policy, turns: int) -> None:
        self.dialect, self.policy, self.store, self.now = dialect, policy, MemoryOriginals(), 0.0
        self.sessions = [self.made(self.store), self.made(self.store)]
        self.steps: list[Step] = []
        self.sent: list[Packed] = []
        for step in working(turns, size=20):
            self.go_on(step, turns % 2)

    def made(self, store: MemoryOriginals) -> Session:
        return Session(MODELS[self.dialect], self.policy, store=store)

    @rule(step=steps(), which=WHICH)
    def go_on(self, step: Step, which: int) -> None:
        before, self.steps = self.sent, [*self.steps, step]
        laws.check_append_only([*before, self.send(which)])

    @rule(back=st.integers(1, 4), step=steps(), which=WHICH)
    def rewind(self, back: int, step: Step, which: int) -> None:
        self.steps = [*self.steps[:-back], step]
        self.send(which)

    @rule(which=WHICH)
    def kill(self, which: int) -> None:
        self.sessions[which] = self.made(self.store)

    @rule(which=WHICH, other=WHICH)
    def retry(self, which: int, other: int) -> None:
        first, again = self.send(which), self.send(other)
        assert again.dump() == first.dump()
        assert not again.report.compacted

    def send(self, which: int) -> Packed:
        requests = bodies(self.steps, self.dialect)
        data, self.now = laws.dumped(requests[-1]), self.now + 1
        packed = self.sessions[which].pack(data, now=self.now)
        assert packed.report.reason == ""
        laws.check_blocks(data, packed)
        laws.check_pairs(data, packed)
        laws.check_handles(self.sessions[which], data, packed)
        laws.check_pointers(self.sessions[which], packed)
        if self.policy == "lossless":
            assert packed.dump() == laws.run(self.made(MemoryOriginals()), requests)[-1].dump()
        self.sent = [packed]
        return packed


test_any_history = History.TestCase
test_any_history.settings = settings(examples(12), stateful_step_count=8)


@pytest.mark.parametrize("policy", [COMPACTING, BOTH], ids=["compacting", "both"])
@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_a_killed_session_repeats_what_was_sent_long_after_it_rewrote_history(
    dialect: str, policy: str | Policy
) -> None:
    """Decided anew from the whole body alone, most of these requests would look otherwise."""
    history = History()
    history.begin(dialect, policy, 0)
    for step in working(20, size=20):
        history.go_on(step, 0)
        history.kill(1)
        history.retry(0, 1)
