"""Sessions that remember no turn: what every request would cost and give by itself."""

from unittest import mock

from ctxpack.packing import Originals, Policy, Session, packer
from ctxpack.packing.turn import RecentTurns


def forgetting(model: str, policy: str | Policy, store: Originals | None = None) -> Session:
    with mock.patch.object(packer, "RecentTurns", return_value=RecentTurns(0, 0)):
        return Session(model, policy, store=store)
