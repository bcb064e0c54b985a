"""Describing: what a policy does, rule by rule, and what each rule may lose."""

from collections.abc import Iterator
from typing import NamedTuple

from ctxpack.packing.policy import Compaction, EntryLimits, Policy, Summaries
from ctxpack.packing.policy import policy as preset
from ctxpack.packing.settings import pairs

_NOTHING = "nothing"
_BEHIND_HANDLES = "lines leave the prompt, behind a handle"


class Effect(NamedTuple):
    """One thing that a policy does, and what the prompt may lose by it."""

    does: str
    may_lose: str


def describe(policy: str | Policy) -> tuple[Effect, ...]:
    """What a policy does.

    >>> describe("lossless")[0].does
    'shows output of commands as a terminal would'

    Args:
        policy: a preset by name, or a policy.

    Raises:
        PolicyError: there is no preset of that name.
    """
    rules = preset(policy)
    return (
        *_shaping(rules),
        *(() if rules.entry is None else _entry(rules.entry)),
        *(() if rules.compaction is None else _compaction(rules.compaction)),
        *(() if rules.summaries is None else _summaries(rules.summaries)),
        *(Effect(f"never touches what {name} takes and returns", _NOTHING) for name in rules.pins),
        *(() if rules.horizon is None else _horizon(rules.horizon)),
    )


def _horizon(requests: int) -> Iterator[Effect]:
    yield Effect(f"expects conversations of {requests} requests, and removes sooner or later for it", _NOTHING)


def _shaping(rules: Policy) -> Iterator[Effect]:
    yield Effect(
        "shows output of commands as a terminal would", "escape sequences, states of progress bars, blanks at line ends"
    )
    yield Effect("writes logs as templates and the values of each line, where that is a fifth shorter", _NOTHING)
    yield Effect("writes JSON results compactly, like objects as columns and rows", "white space between JSON values")
    yield Effect(f"points at {rules.minimum_run} or more lines in a row that the prompt already shows", _NOTHING)
    yield Effect(
        "keeps every tenth of the line numbers that file readers print", "numbers that follow from their place"
    )


def _entry(limits: EntryLimits) -> Iterator[Effect]:
    yield Effect("leaves long runs of base64 or hexadecimal digits out", "the digits, behind a handle")
    yield Effect(
        "leaves lines of minified code out where no edit quotes them, and all but the start of hashes in lock files",
        "the middle of such lines and the rest of hashes, behind a handle",
    )
    kinds = {"commands": limits.commands, "file reads and other agents": limits.reads, "JSON": limits.data}
    for what, tokens in (*pairs(limits.tools), *kinds.items()):
        yield Effect(
            f"cuts results of {what} to {tokens} tokens when they enter, a note and names apart", _BEHIND_HANDLES
        )
    share = f"{100 * limits.names:g} % of the result's tokens, and as many as it is cut to"
    yield Effect(f"adds names that stand in what it cut, up to {share}", _NOTHING)


def _compaction(rule: Compaction) -> Iterator[Effect]:
    when = f"when re-reading them has cost {rule.patience:g} times what rewriting costs, or the cache is known cold"
    yield Effect(
        f"removes file reads older than {rule.keep_turns} turns, other results older than {rule.keep_commands}, those "
        f"that a newer one replaces {rule.keep_replaced}, {when}",
        f"old results, behind handles; names in them stay, up to {100 * rule.names:g} %",
    )
    yield Effect(
        f"cuts arguments of calls to {rule.argument_limit} characters a string, of subjects not called on for "
        f"{rule.keep_arguments} turns, or of files written anew since {rule.keep_replaced}, {when}",
        "the rest of old arguments, behind handles",
    )


def _summaries(rule: Summaries) -> Iterator[Effect]:
    yield Effect(
        f"summarises messages older than {rule.keep_turns} turns in {rule.tokens} tokens, when re-reading them has "
        f"cost {rule.patience:g} times what rewriting costs",
        "whole messages, behind handles",
    )
