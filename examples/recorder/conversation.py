"""Conversation: the plan carried out, with what every call really gave back."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from examples.recorder.plan import Plan, Step
from examples.recorder.workspace import Result, Workspace

_PAUSE = (5, 40)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    Attributes:
        number: place in the conversation, from 0.
        turn: the user's turn it belongs to, from 1.
        time: when the request was sent, unix seconds.
        user: what the user wrote before it, "" where tool results came last.
        step: what the model answered.
        results: what the answer's calls gave back.
    """

    number: int
    turn: int
    time: int
    user: str
    step: Step
    results: tuple[Result, ...]


def carry_out(plan: Plan, workspace: Workspace) -> Iterator[Exchange]:
    """Runs the plan's calls in order."""
    pauses, number, now = random.Random("pauses between requests"), 0, plan.start
    for turn, planned in enumerate(plan.turns, 1):
        now += planned.after
        user = planned.user
        for step in planned.steps:
            yield Exchange(number, turn, now, user, step, tuple(workspace.call(call) for call in step.calls))
            number, now, user = number + 1, now + pauses.randint(*_PAUSE), ""
