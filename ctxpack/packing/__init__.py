"""Packing: sessions that change only what lowers the bill."""

from ctxpack.packing.calibration import Calibration
from ctxpack.packing.describing import Effect, describe
from ctxpack.packing.originals import MemoryOriginals, Originals, RedisOriginals, SQLiteOriginals
from ctxpack.packing.packed import Packed
from ctxpack.packing.policy import Compaction, EntryLimits, Policy, Summaries
from ctxpack.packing.report import Compacted, Entry, Report, Totals
from ctxpack.packing.retrieval import retrieval_tool
from ctxpack.packing.selection import Selection, select
from ctxpack.packing.session import Session
from ctxpack.packing.summaries.summarizer import Summarizer, SummaryRequest

__all__ = [
    "Calibration",
    "Compacted",
    "Compaction",
    "Effect",
    "Entry",
    "EntryLimits",
    "MemoryOriginals",
    "Originals",
    "Packed",
    "Policy",
    "RedisOriginals",
    "Report",
    "SQLiteOriginals",
    "Selection",
    "Session",
    "Summaries",
    "Summarizer",
    "SummaryRequest",
    "Totals",
    "describe",
    "retrieval_tool",
    "select",
]
