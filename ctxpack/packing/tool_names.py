"""Tool names: what the tools of agents are called, and their arguments; tool_names.json says so, with date and sources.

What is not named there counts as a command of unknown purpose.
"""

import re
from functools import cache
from importlib.resources import files

import msgspec


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who says what tools are called, and where."""

    title: str
    where: str


class ToolNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of tool_names.json.

    Attributes:
        as_of: the day on which the sources were read.
        sources: where the names come from.
        reads: words of names of tools that show files or pages, as patterns; an edit may quote what they show.
        searches: the same of tools that show lines of files, or what differs between them.
        searching: patterns of commands that show the same.
        listings: patterns of commands that show names or lines of files, and do nothing else.
        delegates: words of names of tools that give a task to another agent.
        writes: the same of tools that write whole files.
        changes: the same of tools that change files.
        appending: arguments, with their values, that let a write add to a file.
        commands: patterns of commands that print files.
        logs: endings of files that no edit quotes, though commands print them.
        paths: arguments that name a file.
        lines: arguments that hold a command, as a line or as a list of words.
        subjects: arguments that say best what other calls are about, the best first.
        put_in: arguments that hold what an edit puts in, the latest word first.
        items: members that word an item of a list of things to do.
        states: members that say how such an item stands.
        done: what they say of one that is done.
    """

    as_of: str
    sources: tuple[Source, ...]
    reads: tuple[str, ...]
    searches: tuple[str, ...]
    searching: tuple[str, ...]
    listings: tuple[str, ...]
    delegates: tuple[str, ...]
    writes: tuple[str, ...]
    changes: tuple[str, ...]
    appending: tuple[tuple[str, str | bool], ...]
    commands: tuple[str, ...]
    logs: frozenset[str]
    paths: tuple[str, ...]
    lines: tuple[str, ...]
    subjects: tuple[str, ...]
    put_in: tuple[str, ...]
    items: tuple[str, ...]
    states: tuple[str, ...]
    done: frozenset[str]


@cache
def tool_names() -> ToolNames:
    """The names, read once.

    Thread-safety: two threads that ask first may both read; they get equal, frozen rows.
    """
    return msgspec.json.decode(files("ctxpack.packing").joinpath("tool_names.json").read_bytes(), type=ToolNames)


def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that finds any of several, in upper or lower case."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def any_word_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that finds any of several as words of a name in snake_case or camelCase: no review for a view."""
    return re.compile(rf"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:{'|'.join(patterns)})(?![a-z])")
