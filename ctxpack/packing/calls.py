"""Call: the tool call that a result answers."""

import re

import msgspec

from ctxpack.packing.retrieval import TOOL_NAME

# Tools whose results an edit may quote word for word: white space in them is never touched. Words of their names, in
# snake_case or camelCase, so that a review, a thread or a catalog is none.
_READERS = re.compile(
    r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
    r"(?i:read(?:file)?|view|open|cat|show|fetch_?file|get_?file|file_?contents?)(?![a-z])"
    rf"|{TOOL_NAME}"
)
_READING = re.compile(r"\b(cat|head|tail|sed|awk|less|more|bat|git\s+(show|diff|log))\b")
_FILES = re.compile(r"[\w./-]+\.([A-Za-z]\w*)")
# Endings of files that no edit quotes, though commands print them.
_LOGS = {"log", "out"}
# Tools and commands that show lines of files, or what differs between them.
_SEARCHES = re.compile(r"grep|search|glob|diff|\b(rg|ag|ack|find)\b", re.IGNORECASE)
# Tools that give a task to another agent.
_DELEGATES = re.compile(r"^(new_)?task$|agent|delegate", re.IGNORECASE)
_WRITERS = re.compile(r"write|create", re.IGNORECASE)
# Characters of a call's main argument that a pointer names it by.
_LABEL = 48


class Call(msgspec.Struct, frozen=True, gc=False):
    """The tool call that a result answers.

    Attributes:
        name: the tool.
        subject: its main argument (a path, a command, a pattern), "" where it has none.
        part: numbers among its arguments, such as those that say which lines of a file it reads.
        by_program: whether a program of the model's made it: that reads the result, and the model never does.
    """

    name: str = ""
    subject: str = ""
    part: tuple[int, ...] = ()
    by_program: bool = False

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
        return bool(_SEARCHES.search(self.name) or _SEARCHES.search(self.subject))

    @property
    def is_quotable(self) -> bool:
        """Whether a later edit may quote the result word for word."""
        return bool(_READERS.search(self.name) or (_READING.search(self.subject) and not self._names_logs))

    @property
    def _names_logs(self) -> bool:
        """Whether all files that a command names are logs."""
        endings = set(_FILES.findall(self.subject))
        return bool(endings) and endings <= _LOGS

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
        """Whether its tool reads files or pages."""
        return bool(_READERS.search(self.name))

    @property
    def is_write(self) -> bool:
        """Whether its tool writes whole files."""
        return bool(_WRITERS.search(self.name))

    def replaces(self, earlier: "Call") -> bool:
        """Whether its result makes that of an earlier call on the same subject out of date: it asks again, or wrote."""
        again = self.name == earlier.name and (self.part in ((), earlier.part) or not self.is_read)
        return again or (self.is_write and earlier.is_read)
