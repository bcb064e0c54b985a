"""Policy: how far packing may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import inf

from ctxpack.errors import PolicyError
from ctxpack.packing.settings import check_kind, check_number, check_whole, is_whole, names_of, pairs


@dataclass(frozen=True, slots=True)
class Compaction:
    """When old results are removed, and what stays of them.

    Attributes:
        patience: a compaction happens when what re-reading the removable tokens has cost since the last one reaches
            this many times what rewriting the prompt after the cut costs (rent or buy).
        keep_turns: latest assistant turns whose reads stay whole. A read whose file no call named since stays half as
            long again while others that were read in the same turn are worked on.
        keep_commands: the same for all other results, if fewer.
        keep_replaced: the same for results that a newer one replaces (the file was read again or written, the command
            run again), for what a write answers, and for what it wrote where a later one did so anew, if fewer.
        keep_arguments: the same for a call's arguments, counted from the latest call on the same file or other subject.
        names: share of a removed text's tokens that may be spent on the names in it; where it had pointers, of its
            tokens with them.
        argument_limit: characters that stay of each long string in an old call's arguments.
    """

    patience: float = 1.0
    keep_turns: int = 10
    keep_commands: int = 6
    keep_replaced: int = 3
    keep_arguments: int = 4
    names: float = 0.1
    argument_limit: int = 200

    def __post_init__(self) -> None:
        check_number(self, inf, "patience")
        check_number(self, 1, "names")
        check_whole(self, 0, "argument_limit")
        check_whole(self, 1, "keep_turns", "keep_commands", "keep_replaced", "keep_arguments")


@dataclass(frozen=True, slots=True)
class EntryLimits:
    """How much of a result enters; the rest is kept behind a handle.

    A note of some 20 tokens and names come on top, so that a long result enters with up to about twice its limit. The
    texts of one result share its limit: short ones stay whole, longer ones have as much each, and a note of their own.

    Attributes:
        commands: tokens of a command's or tool's result.
        reads: tokens of a result that a later edit may quote, or in which another agent reports.
        data: tokens of a result that is JSON, of which later calls pass on any part: what an interface returns, or
            lines of JSON, also where a file of them is read, since no edit quotes those.
        names: share of the result's tokens that may be spent on the names in what is left out, up to the same limit.
        tools: tokens by name of tools with a limit of their own, as a mapping or as pairs, which it is kept as; * in a
            name stands for any characters, the first that fits counts.

    >>> EntryLimits(tools={"search_*": 2000}).tools
    (('search_*', 2000),)
    """

    commands: int = 400
    reads: int = 16_000
    data: int = 400
    names: float = 0.1
    tools: Mapping[str, int] | Sequence[tuple[str, int]] = ()

    def __post_init__(self) -> None:
        check_whole(self, 1, "commands", "reads", "data")
        check_number(self, 1, "names")
        object.__setattr__(self, "tools", pairs(self.tools))


@dataclass(frozen=True, slots=True)
class Summaries:
    """When old messages give way to a summary of them; a policy does better with this than with a compaction.

    >>> Policy("mine", entry=EntryLimits(), summaries=Summaries(tokens=2000)).summaries.keep_turns
    8

    Attributes:
        tokens: most tokens of a summary.
        keep_turns: latest assistant turns that stay, with what they were told.
        patience: as `Compaction.patience`.
    """

    tokens: int = 6000
    keep_turns: int = 8
    patience: float = 3.0

    def __post_init__(self) -> None:
        check_whole(self, 100, "tokens")
        check_whole(self, 1, "keep_turns")
        check_number(self, inf, "patience")


@dataclass(frozen=True, slots=True)
class Policy:
    """One small object that says what packing may do.

    Attributes:
        name: for reports.
        minimum_run: lines that must repeat in a row before a pointer may take their place.
        entry: how much of a result enters; None: all of it.
        compaction: when and how old results are removed; None: never.
        summaries: when old messages give way to a summary; None: only where a budget cannot be met otherwise.
        pins: names of tools whose arguments and results are never touched; * stands for any characters.
        horizon: requests that conversations are expected to have in all; moves compactions and summaries. A wrong one
            costs a bounded factor. None: not known.
    """

    name: str
    minimum_run: int = 3
    entry: EntryLimits | None = None
    compaction: Compaction | None = None
    summaries: Summaries | None = None
    pins: tuple[str, ...] = ()
    horizon: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise PolicyError(f"name is a text, not {self.name!r}")
        check_whole(self, 1, "minimum_run")
        check_kind(self, EntryLimits, "entry")
        check_kind(self, Compaction, "compaction")
        check_kind(self, Summaries, "summaries")
        object.__setattr__(self, "pins", names_of(self.pins))
        if self.horizon is not None:
            check_whole(self, 1, "horizon")

    def is_pinned(self, tool: str) -> bool:
        """Whether what a tool takes and returns is never touched. O(pins)."""
        return any(fnmatchcase(tool, pin) for pin in self.pins)


PRESETS: dict[str, Policy] = {
    # Loses nothing: every line stays in the prompt once, and JSON keeps its value.
    "lossless": Policy("lossless"),
    # Also cuts long results as they enter and removes old ones when that lowers the expected bill; all behind handles.
    "balanced": Policy("balanced", entry=EntryLimits(), compaction=Compaction()),
    # Cuts results shorter still. Old messages go as a whole: their summary keeps more of what was said and put into
    # calls than cutting each of them would for the same bill.
    "tight": Policy("tight", entry=EntryLimits(commands=150, reads=2500), summaries=Summaries(tokens=4000)),
}


def checked_budget(tokens: int | None) -> int | None:
    """The most tokens that a packed prompt may have, or None for no limit.

    Raises:
        PolicyError: it is no positive whole number.
    """
    if tokens is not None and not is_whole(tokens, 1):
        raise PolicyError(f"a budget is a positive number of tokens, not {tokens!r}")
    return tokens


def policy(given: str | Policy) -> Policy:
    """A preset by name, or the policy itself.

    Raises:
        PolicyError: there is no preset of that name.
    """
    if isinstance(given, Policy):
        return given
    if not isinstance(given, str) or given not in PRESETS:
        raise PolicyError(f"unknown policy {given!r}; presets: {', '.join(PRESETS)}")
    return PRESETS[given]
