"""Tool calls: what a result answers, and what kind of call it was."""

import re
from functools import lru_cache
from posixpath import normpath

import msgspec

from ctxpack.packing.retrieval import TOOL_NAME
from ctxpack.packing.tool_names import any_of, any_word_of, tool_names

_NAMES = tool_names()
# White space in what these show is never touched.
_READERS = any_word_of((*_NAMES.reads, TOOL_NAME))
_READING = re.compile("|".join(_NAMES.commands))
_FILES = re.compile(r"[\w./-]+\.([A-Za-z]\w*)")
_SEARCHES, _SEARCHING = any_of(_NAMES.searches), any_of(_NAMES.searching)
_LISTING = re.compile("|".join(_NAMES.listings))
_DELEGATES = any_of(_NAMES.delegates)
_WRITERS, _CHANGERS = any_of(_NAMES.writes), any_of(_NAMES.changes)
# Characters of a call's main argument that a pointer names it by.
_LABEL = 48


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """The tool call that a result answers.

    Attributes:
        name: the tool.
        subject: its main argument (a path, a command, a pattern), "" where it has none.
        part: numbers among its arguments, such as those that say which lines of a file it reads.
        action: of a tool that does several things to files, the argument that tells which, else "".
        by_program: whether a program of the model's made it: that reads the result, and the model never does.
    """

    name: str = ""
    subject: str = ""
    part: tuple[int, ...] = ()
    action: str = ""
    by_program: bool = False

    @property
    def doing(self) -> str:
        """What says what the call does: its action, or the tool's name."""
        return self.action or self.name

    @property
    def label(self) -> str:
        """How a pointer names the result: short, on one line, a path by its end."""
        subject = " ".join(self.subject.split())
        if "/" in subject and " " not in subject:
            subject = "/".join(subject.split("/")[-2:])
        return f"{self.name} {subject[:_LABEL]}".strip() or "a tool result"

    @property
    def is_search(self) -> bool:
        """Whether the result is lines of files: code, and no log."""
        return bool(_SEARCHES.search(self.name) or _SEARCHING.search(self.subject))

    @property
    def is_listing(self) -> bool:
        """Whether the result is names or lines of files, which may speak of errors and report none."""
        return not self.is_change and bool(_SEARCHES.search(self.name) or _LISTING.search(self.subject))

    @property
    def is_quotable(self) -> bool:
        """Whether a later edit may quote the result word for word."""
        return _is_quotable(self.doing, self.subject)

    @property
    def is_retrieval(self) -> bool:
        """Whether the result is what was left out before, and is asked for by its handle."""
        return self.name.endswith(TOOL_NAME)

    @property
    def is_delegation(self) -> bool:
        """Whether the result is what another agent reports: a summary already, made for this one."""
        return bool(_DELEGATES.search(self.name))

    @property
    def is_read(self) -> bool:
        """Whether it reads files or pages."""
        return bool(_READERS.search(self.doing))

    @property
    def is_write(self) -> bool:
        """Whether it writes whole files."""
        return bool(_WRITERS.search(self.doing))

    @property
    def is_change(self) -> bool:
        """Whether it changes files."""
        return bool(_CHANGERS.search(self.doing))


def spelled_once(path: str) -> str:
    """A path without what can be left out of it, such as `./`, `//` and `x/../`; an address as it is."""
    return path if "://" in path else normpath(path)


# Asked several times of each result, of a subject that may be 200 characters.
@lru_cache(maxsize=1024)
def _is_quotable(doing: str, subject: str) -> bool:
    if _READERS.search(doing):
        return True
    return bool(_READING.search(subject)) and not _names_logs(subject)


def _names_logs(command: str) -> bool:
    """Whether all files that a command names are logs."""
    endings = set(_FILES.findall(command))
    return bool(endings) and endings <= _NAMES.logs
