"""Libraries to compare with, each in a few lines, imported only when asked for.

Each is called as its documentation says, with the settings that its name says and its defaults else, on the whole
history, request by request. Those that count with tiktoken need its vocabularies in TIKTOKEN_CACHE_DIR where there is
no network. To install: pip install PACKAGE (of PEERS); headroom-ai and litellm are better kept in an environment of
their own.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.replaying.messages import Message, from_chat, plain, to_chat
from ctxpack.tokens import encoding

Messages = list[Any]
Compress = Callable[[Messages], Messages]


@dataclass(frozen=True)
class Shape:
    """The shape of the messages that a library takes and gives: from Messages bodies, and back."""

    given: Callable[[list[Message]], Messages]
    back: Callable[[Messages], list[Message]]


@dataclass(frozen=True)
class Library:
    """A library and how to use it for one session.

    Attributes:
        package: its distribution, for the version.
        make: a new session's function, given the tokens of the constant block; raises ImportError where it is not
            installed.
        shape: of its messages.
        sees_constant: whether what it does depends on the constant block.
    """

    package: str
    make: Callable[[int], Compress]
    shape: Shape
    sees_constant: bool = False


def trim_messages() -> Compress:
    trim = import_module("langchain_core.messages").trim_messages
    whole = {"strategy": "last", "start_on": ("human", "ai")}

    def compress(given: Messages) -> Messages:
        # Where not even the last message fits, nothing comes back: that one must be sent all the same.
        return trim(given, max_tokens=20_000, token_counter=_langchain_tokens, **whole) or given[-1:]

    return compress


def clear_tool_uses() -> Compress:
    edit = import_module("langchain.agents.middleware.context_editing").ClearToolUsesEdit(trigger=20_000, keep=3)

    def compress(given: Messages) -> Messages:
        edit.apply(given, count_tokens=_langchain_tokens)
        return given

    return compress


def _langchain_tokens(messages: Messages) -> int:
    """Exact, as a model that is passed to these functions would count."""
    texts = (f"{message.content}{getattr(message, 'tool_calls', '') or ''}" for message in messages)
    return sum(encoding("o200k_base").count_batch(texts))


def ctx_slim() -> Compress:
    library = import_module("context_slim")
    return lambda given: library.apply(given, library.plan(given, model="anthropic/claude-opus-5", horizon=30))[0]


def distil(verbatim: bool) -> Compress:
    library = import_module("distil")
    return lambda given: library.compress_messages(given, verbatim=verbatim).messages


def secondwind() -> Compress:
    session = import_module("secondwind").Session()
    return lambda given: session.rewrite({"model": "gpt-5", "messages": given})["request"]["messages"]


def foveance() -> Compress:
    library = import_module("foveance")
    return lambda given: library.compress(given)[0]


def headroom() -> Compress:
    library = import_module("headroom")
    return lambda given: library.compress(given).messages


def contextpress() -> Compress:
    manager = import_module("contextpress").ContextManager(type="agent", compression="low")
    return lambda given: manager.compress(given)


def furl() -> Compress:
    library = import_module("furl_ctx")
    return lambda given: library.compress(given).messages


def litellm() -> Compress:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    library = import_module("litellm")
    return lambda given: library.compress(given, "claude-sonnet-4-5", compression_trigger=20_000)["messages"]


def cliff(threshold: int, constant: int) -> Compress:
    engine, config = import_module("cliffcompaction.engine"), import_module("cliffcompaction.config")
    dialect = import_module("cliffcompaction.dialects").detect("/v1/messages")
    proxy = engine.Engine(config.Config(threshold_tokens=threshold))
    # Its threshold is for the whole request, at 4 characters a token.
    system = "x" * 4 * constant

    def compress(given: Messages) -> Messages:
        body: dict[str, Messages] = proxy.prepare({"system": system, "messages": given}, dialect).outgoing_body()
        return body["messages"]

    return compress


def _from_langchain(given: Messages) -> list[Message]:
    return from_chat(import_module("langchain_core.messages").convert_to_openai_messages(given))


def _to_langchain(messages: list[Message]) -> Messages:
    converted: Messages = import_module("langchain_core.messages").convert_to_messages(to_chat(messages))
    return converted


MESSAGES = Shape(lambda messages: messages, plain)
CHAT = Shape(to_chat, from_chat)
LANGCHAIN = Shape(_to_langchain, _from_langchain)

PEERS: dict[str, Library] = {
    "langchain trim_messages 20k": Library("langchain-core", lambda _: trim_messages(), LANGCHAIN),
    "langchain ClearToolUses 20k/3": Library("langchain", lambda _: clear_tool_uses(), LANGCHAIN),
    "ctx-slim horizon 30": Library("ctx-slim", lambda _: ctx_slim(), CHAT),
    "distil verbatim": Library("distil-llm", lambda _: distil(verbatim=True), CHAT),
    "distil digest": Library("distil-llm", lambda _: distil(verbatim=False), CHAT),
    "secondwind": Library("secondwind", lambda _: secondwind(), CHAT),
    "foveance": Library("foveance", lambda _: foveance(), CHAT),
    "headroom": Library("headroom-ai", lambda _: headroom(), CHAT),
    "contextpress low": Library("contextpress", lambda _: contextpress(), CHAT),
    "furl-ctx": Library("furl-ctx", lambda _: furl(), CHAT),
    "litellm.compress 20k": Library("litellm", lambda _: litellm(), CHAT),
    "cliff 20k": Library("cliffcompaction", lambda constant: cliff(20_000, constant), MESSAGES, sees_constant=True),
    "cliff 40k": Library("cliffcompaction", lambda constant: cliff(40_000, constant), MESSAGES, sees_constant=True),
    "cliff 60k": Library("cliffcompaction", lambda constant: cliff(60_000, constant), MESSAGES, sees_constant=True),
}
