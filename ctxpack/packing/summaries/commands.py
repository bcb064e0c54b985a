"""Commands: what calls other than those on files came to, and which of their errors went away later."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ctxpack.packing.summaries.files import is_on_file
from ctxpack.packing.summaries.transcript import Use
from ctxpack.packing.summaries.wording import error_line, last_line, short
from ctxpack.packing.tool_names import tool_names

_SUBJECT = 160
_OUTCOME = 160
# How a program begins what it says itself, as "grep: src: No such file or directory", and an agent, in a tag.
_MESSAGE = re.compile(r"(?:<[\w-]+>|/(?:usr/)?bin/)?[A-Za-z][\w-]*: ")
# Characters of a line that is worth its place.
_SHORTEST = 16


@dataclass(slots=True)
class Outcome:
    """What calls on one subject came to.

    Attributes:
        use: the last of them.
        times: how many of them in a row, up to that, asked for the same.
        error: the line that reports what went wrong the last time, "" for nothing.
        earlier: the same of an earlier time, where the last one went well.
    """

    use: Use
    times: int
    error: str
    earlier: str


def outcomes(uses: list[Use]) -> list[Outcome]:
    """What calls on each subject came to but reads and changes that went well, the latest last. O(bytes).

    What was asked for by its handle came from further up, and no error in it is one of now.
    """
    found: dict[tuple[str, str], Outcome] = {}
    for use in uses:
        if use.call.is_retrieval:
            continue
        key, error = (use.call.name, use.call.subject), _error(use)
        before = found.pop(key, None)
        earlier = "" if before is None or error else before.error or before.earlier
        times = before.times + 1 if before is not None and _asked(before.use) == _asked(use) else 1
        found[key] = Outcome(use, times, error, earlier)
    return [outcome for outcome in found.values() if outcome.error or outcome.earlier or not is_on_file(outcome.use)]


def recurring(uses: list[Use]) -> list[str]:
    """Lines that several calls hold, but those on files: what was written twice is written again. O(bytes)."""
    times = Counter(line for use in uses if not is_on_file(use) for line in {*_lines(use)})
    latest = [line for use in reversed(uses) for line in _lines(use)]
    return [line for line in reversed(dict.fromkeys(latest)) if times[line] > 1]


def _lines(use: Use) -> list[str]:
    """Lines of a call's arguments that are long enough to be worth a place."""
    lines = (line.strip() for text in use.strings for line in text.splitlines())
    return [line for line in lines if _SHORTEST <= len(line) <= _SUBJECT]


def described(outcome: Outcome, put: Callable[[str], str]) -> str:
    """A call's line in a summary.

    Args:
        outcome: what it came to.
        put: keeps a text and gives its handle.
    """
    use, result = outcome.use, outcome.error or last_line(outcome.use.result, _OUTCOME)
    name = f"{use.call.name} {short(use.call.subject, _SUBJECT)}".strip()
    times = f" ({outcome.times} times)" if outcome.times > 1 else ""
    resolved = f"; before: {outcome.earlier}" if outcome.earlier else ""
    handle = f" (handle {put(use.result)})" if len(use.result) > 2 * _OUTCOME else ""
    return f"- {name}{times}: {result or 'no output'}{resolved}{handle}"


def _asked(use: Use) -> object:
    """What a call asks for: its command, where it has one, whatever it says about that; else all of its arguments."""
    return next((use.arguments[name] for name in tool_names().lines if name in use.arguments), use.given)


def _error(use: Use) -> str:
    """The line that reports what went wrong; files and other agents may speak of errors and report none."""
    if use.call.is_quotable or use.call.is_delegation:
        return error_line(use.result, _OUTCOME) if len(use.result) < _OUTCOME else ""
    if use.call.is_listing:
        return error_line("\n".join(filter(_MESSAGE.match, use.result.splitlines())), _OUTCOME)
    return error_line(use.result, _OUTCOME)
