"""Files: what is known last of each file that calls read or changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ctxpack.packing.numbering import GUTTER
from ctxpack.packing.summaries.transcript import Use
from ctxpack.packing.summaries.wording import error_line, first_line
from ctxpack.packing.tool_calls import spelled_once
from ctxpack.packing.tool_names import tool_names

_EXCERPT = 100


@dataclass(slots=True)
class FileState:
    """What a stretch of a conversation did with a file.

    Attributes:
        path: the file.
        reads: how often it was read.
        shown: the last result that showed it.
        changes: how often it was changed.
        last: the last change, None for none.
    """

    path: str
    reads: int = 0
    shown: str = ""
    changes: int = 0
    last: Use | None = None


def files(uses: list[Use]) -> list[FileState]:
    """The files that calls read or changed, the latest touched last. O(bytes)."""
    found: dict[str, FileState] = {}
    for use in uses:
        if not is_on_file(use):
            continue
        path = spelled_once(use.path)
        state = found[path] = found.pop(path, FileState(use.path))
        if not use.call.is_change:
            state.reads += 1
            state.shown = use.result or state.shown
        elif not error_line(use.result[:400], _EXCERPT):
            state.changes += 1
            state.last = use
    return list(found.values())


def is_on_file(use: Use) -> bool:
    """Whether a call reads or changes the file that it names."""
    return bool(use.path) and (use.call.is_change or use.call.is_read)


def written(uses: list[Use]) -> list[str]:
    """What changes put into files, each below its file, in order: later edits quote it. O(bytes)."""
    changes = (use for use in uses if use.path and use.call.is_change)
    return [f"{use.path}:\n{text}" for use in changes if (text := _put_in(use))]


def described(state: FileState, put: Callable[[str], str]) -> str:
    """A file's line in a summary.

    Args:
        state: the file.
        put: keeps a text and gives its handle.
    """
    return f"- {state.path}: " + "; ".join(_parts(state, put))


def _parts(state: FileState, put: Callable[[str], str]) -> Iterator[str]:
    if state.reads:
        times = f" {state.reads} times" if state.reads > 1 else ""
        yield f"read{times}{_lines(state.shown)} (handle {put(state.shown)})"
    if state.last is not None:
        times = f" {state.changes} times, last" if state.changes > 1 else ""
        yield f"changed{times} by {state.last.call.name} (handle {put(state.last.given)}): {_new(state.last)}"
    if not state.reads and state.last is None:
        yield "not changed"


def _lines(shown: str) -> str:
    """Which lines a result showed, where it numbers them."""
    lines = shown.splitlines()
    numbers = [match[2] for line in (*lines[:1], *lines[-1:]) if (match := GUTTER.match(line))]
    return f", lines {numbers[0]}-{numbers[1]}" if len(numbers) == 2 else ""


def _new(change: Use) -> str:
    """The first line of what a change put in."""
    return first_line(_put_in(change), _EXCERPT)


def _put_in(change: Use) -> str:
    arguments = change.arguments
    return next((text for name in tool_names().put_in if isinstance(text := arguments.get(name), str)), "")
