"""Wire formats: one module per dialect, each with `fits` and `parse`."""

from typing import Protocol

from ctxpack.errors import DialectError
from ctxpack.prompts.blocks import Block
from ctxpack.prompts.dialects import anthropic_messages, openai_chat
from ctxpack.prompts.source import Source, Span


class Dialect(Protocol):
    """What a dialect module offers."""

    NAME: str
    PROVIDER: str

    def fits(self, source: Source, members: dict[str, Span]) -> bool:
        """Whether a body with these members is in this dialect and in no other."""

    def parse(self, source: Source, members: dict[str, Span]) -> list[Block]:
        """The body's blocks in the order the provider renders them.

        Raises:
            BodyError: the body lacks what the dialect requires.
        """


_MODULES: tuple[Dialect, ...] = (anthropic_messages, openai_chat)
DIALECTS: dict[str, Dialect] = {module.NAME: module for module in _MODULES}


def named(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        DialectError: there is none.
    """
    if name not in DIALECTS:
        raise DialectError(f"unknown dialect {name!r}; known: {', '.join(sorted(DIALECTS))}")
    return DIALECTS[name]


def detect(source: Source, members: dict[str, Span]) -> Dialect:
    """The dialect that a body's shape shows.

    Raises:
        DialectError: the shape fits no known dialect.
    """
    for candidate in _MODULES:
        if candidate.fits(source, members):
            return candidate
    raise DialectError(f"the body fits no known dialect ({', '.join(sorted(DIALECTS))}); say which with dialect=")
