"""Templates: lines of a log as templates, once, and the values that each line puts into them.

    Dec 10 06:55:46 web sshd[24200]: Invalid user admin from 173.234.31.186
    Dec 10 06:55:48 web sshd[24206]: Invalid user test from 52.80.34.196
    ...

    [ctxpack:3708f499 214 lines as 1 template and its values]
    A: Dec 10 06:55:{} web sshd[{}]: Invalid user {} from {}
    A 46 24200 admin 173.234.31.186
    A 48 24206 test 52.80.34.196
    ...

A line without a template, such as one that reports an error among others that do not, stands as it is. Values are whole
words, so that every name can be found; of times only, what all have in common goes into the template.
"""

import re
from collections.abc import Callable

import msgspec

from ctxpack._native.lines import templated
from ctxpack.packing.markers import marker

_HEADER = re.compile(r"\[ctxpack:[0-9a-f]{8,40} (\d+) lines as (\d+) templates? and (?:its|their) values\]\n")


class Templated(msgspec.Struct, frozen=True, tag=True):
    """Recipe: a log as templates and values.

    Attributes:
        handle: gives the original back.
    """

    handle: str

    def apply(self, text: str) -> str:
        return self.headed(*templated(text))

    def headed(self, shown: str, templates: int, lines: int) -> str:
        """Templates and values below what says how many there are."""
        put = "template and its" if templates == 1 else "templates and their"
        return marker(self.handle, f"{lines} lines as {templates} {put} values") + "\n" + shown


def templating(text: str, keep: Callable[[], str]) -> tuple[Templated, str] | None:
    """How to write a text as templates and values, and how it looks; None where too few lines are alike.

    Args:
        text: the text.
        keep: keeps the original and returns its handle.

    Complexity: O(characters).
    """
    found = templated(text)
    if not found[1]:
        return None
    recipe = Templated(keep())
    return recipe, recipe.headed(*found)


def restored(text: str) -> str:
    """The text that was given as templates and values. O(characters written).

    Raises:
        ValueError: the text is no such form.
    """
    header = _HEADER.match(text)
    lines = text[header.end() :].split("\n") if header else []
    if header is None or len(lines) != int(header[1]) + int(header[2]):
        raise ValueError("the text is not templates and values")
    templates = dict(line.split(": ", 1) for line in lines[: int(header[2])])
    return "\n".join(_written_out(line, templates) for line in lines[int(header[2]) :])


def _written_out(line: str, templates: dict[str, str]) -> str:
    name, *values = line.split(" ")
    if name not in templates:
        return line
    first, *pieces = templates[name].split("{}")
    return first + "".join(value + piece for value, piece in zip(values, pieces, strict=True))
