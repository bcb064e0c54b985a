"""Reads logs of billed calls and finds out what they cost, why the cache missed, and what would have been cheaper."""

from ctxpack.auditing.alternative import Alternative, Replay
from ctxpack.auditing.audit import audit
from ctxpack.auditing.calls import Call, Skip
from ctxpack.auditing.report import Audit
from ctxpack.auditing.totals import ModelTotals
from ctxpack.auditing.transitions import Transition

__all__ = ["Alternative", "Audit", "Call", "ModelTotals", "Replay", "Skip", "Transition", "audit"]
