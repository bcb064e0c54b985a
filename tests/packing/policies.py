"""Policies that do in short conversations what the presets do in long ones."""

from ctxpack.packing import Compaction, EntryLimits, Policy, Summaries

COMPACTING = Policy(
    "compacting", entry=EntryLimits(commands=400), compaction=Compaction(patience=0.2, keep_turns=3, keep_arguments=1)
)
# Compacts and summarises, again and again.
BOTH = Policy(
    "compacting and summarising",
    compaction=COMPACTING.compaction,
    summaries=Summaries(tokens=300, keep_turns=2, patience=0.3),
)
# Keeps the latest turn only, and little of arguments.
KEEPING_LITTLE = Policy(
    "keeping little", compaction=Compaction(patience=0.1, keep_turns=1, keep_arguments=1, argument_limit=60)
)
# Removes every result behind the latest turn.
REMOVING_ALL = Policy("removing all", compaction=Compaction(patience=0, keep_turns=1, keep_arguments=1))
SUMMARISING = Policy("summarising", summaries=Summaries(tokens=600, keep_turns=2, patience=0.2))
SUMMARISING_AT_ONCE = Policy("summarising at once", summaries=Summaries(tokens=120, keep_turns=1, patience=0.0))
# Does both in a third of the conversations that strategies draw, where the others hardly ever find enough to do.
BOTH_AT_ONCE = Policy("both at once", compaction=KEEPING_LITTLE.compaction, summaries=SUMMARISING_AT_ONCE.summaries)
