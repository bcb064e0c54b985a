"""Wire formats: one module per dialect, each with `fits`, `tool`, `definitions` and `message`."""

from collections.abc import Iterator
from typing import Protocol

from ctxpack.errors import DialectError
from ctxpack.prompts.blocks import Block
from ctxpack.prompts.dialects import anthropic_messages, openai_chat
from ctxpack.prompts.sections import Fragment, Fragments


class Dialect(Protocol):
    """What a dialect module offers.

    Attributes:
        DEFINITIONS: members that hold tools and system texts, in the order the provider renders them.
    """

    NAME: str
    PROVIDER: str
    DEFINITIONS: tuple[str, ...]

    def fits(self, body: Fragments) -> bool:
        """Whether a body with messages is in this dialect and in no other."""

    def tool(self, name: str, description: str, parameters: dict[str, object]) -> dict[str, object]:
        """The definition of a tool, whose parameters are a JSON schema."""

    def definitions(self, fragment: Fragment) -> Iterator[Block]:
        """Blocks of one of the members that DEFINITIONS names.

        Raises:
            BodyError: it has the wrong shape.
        """

    def message(self, fragment: Fragment) -> Iterator[Block]:
        """Blocks of a message.

        Raises:
            BodyError: it lacks what the dialect requires.
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


def detect(body: Fragments) -> Dialect:
    """The dialect that a body's shape shows.

    Raises:
        DialectError: the shape fits no known dialect.
    """
    if "messages" in body.names:
        for candidate in _MODULES:
            if candidate.fits(body):
                return candidate
    why = "OpenAI's Responses (`input`) are not supported" if "input" in body.names else "it has no messages"
    raise DialectError(f"the body fits no known dialect ({', '.join(sorted(DIALECTS))}): {why}")
