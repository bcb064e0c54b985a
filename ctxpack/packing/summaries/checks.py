"""Checks of a summary that a model wrote: it must fit, forge no marker, and name nothing that was never said."""

import re
from collections.abc import Callable, Iterator

from ctxpack._native.text import names_in
from ctxpack.packing.markers import is_marked

# Numbers of more than one digit: a model may count to nine by itself.
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d.,]*\d(?!\w)", re.ASCII)
# What a list puts in front of its items.
_ITEM = re.compile(r"^[ \t]*\d+[.)]\s", re.MULTILINE)
# No request can hold it.
_HALF = re.compile(r"[\ud800-\udfff]")
# Two plain words with a slash between them, such as "and/or", name nothing.
_WORDS = re.compile(r"[A-Za-z]+/[A-Za-z]+")


def fault(text: str, tokens: int, count: Callable[[str], int], said: str) -> str:
    """Why a summary cannot be taken, "" where it can. Quotes nothing of it.

    Args:
        text: the summary.
        tokens: most tokens it may have.
        count: tokens of a text.
        said: all that the conversation said.

    Complexity: O(characters), and once more for each name that does not stand alone there.
    """
    if not text.strip():
        return "the summary is empty"
    if _HALF.search(text):
        return "the summary holds half a surrogate pair"
    if is_marked(text) or "[ctxpack" in text:
        return "the summary holds what looks like a marker"
    if (needed := count(text)) > tokens:
        return f"the summary has {needed} tokens instead of at most {tokens}"
    unknown = sum(1 for name in set(_named(text)) if not _stands(name, said))
    return f"the summary names {unknown} things that the conversation does not" if unknown else ""


def _named(text: str) -> Iterator[str]:
    yield from (name for name in names_in(text) if not _WORDS.fullmatch(name))
    yield from (match[0] for match in _NUMBER.finditer(_ITEM.sub("", text)))


def _stands(name: str, said: str) -> bool:
    """Whether a text holds a name that is not just a part of a longer word."""
    at = said.find(name)
    while at >= 0:
        end = at + len(name)
        if not (_is_word(said[at - 1 : at]) or _is_word(said[end : end + 1])):
            return True
        at = said.find(name, at + 1)
    return False


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
