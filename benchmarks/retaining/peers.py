"""Libraries that cut a text for a question, each in a few lines, imported only when asked for.

A budget in tokens is given where a library takes one, else the share of the text that the budget is. Those that work on
messages get the text as a tool's result or, where they choose among messages, its paragraphs as messages of their own.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ctxpack.tokens import encoding

Method = Callable[[str, str, int], str]

count = encoding("o200k_base").count


def llmslim() -> Method:
    compress = import_module("llmslim").compress
    return lambda text, query, budget: str(compress(text, budget / count(text), query=query).compressed_text)


def furl_ctx() -> Method:
    compress = import_module("furl_ctx").compress_to
    return lambda text, query, budget: _shown(compress(_as_result(text, query), budget).messages)


def headroom() -> Method:
    compress = import_module("headroom").compress

    def cut(text: str, query: str, budget: int) -> str:
        share = budget / count(text)
        return _shown(compress(_as_result(text, query), target_ratio=share, protect_recent=0).messages)

    return cut


def distil() -> Method:
    compress = import_module("distil").compress_messages
    return lambda text, query, budget: _shown(compress(_as_result(text, query)).messages)


def contextpress() -> Method:
    manager = import_module("contextpress").ContextManager

    def cut(text: str, query: str, budget: int) -> str:
        asked = [{"role": "user", "content": text}, {"role": "user", "content": query}]
        return str(manager(type="rag_doc", compression="high").compress(asked, token_budget=budget)[0]["content"])

    return cut


def compression_prompt() -> Method:
    library = import_module("compression_prompt")

    def cut(text: str, query: str, budget: int) -> str:
        share = budget / count(text)
        rules = library.StatisticalFilterConfig(compression_ratio=share)
        compressor = library.Compressor(library.CompressorConfig(target_ratio=share), rules)
        try:
            return str(compressor.compress(text).compressed)
        except library.compressor.CompressionError:  # it finds nothing to leave out
            return text

    return cut


def vecr_compress() -> Method:
    compress = import_module("vecr_compress").compress

    def cut(text: str, query: str, budget: int) -> str:
        asked = [{"role": "user", "content": text}, {"role": "user", "content": query}]
        found = compress(asked, budget, question=query, use_question_relevance=True, protect_tail=1)
        return "\n".join(message["content"] for message in found.messages[:-1])

    return cut


def litellm() -> Method:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    compress = import_module("litellm").compress

    def cut(text: str, query: str, budget: int) -> str:
        asked = [{"role": "user", "content": piece} for piece in [*text.split("\n\n"), query]]
        found = compress(asked, "gpt-4o", compression_trigger=budget, compression_target=budget)
        return "\n\n".join(message["content"] for message in found["messages"][:-1])

    return cut


def _as_result(text: str, query: str) -> list[dict[str, Any]]:
    call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    return [
        {"role": "user", "content": query},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": text},
    ]


def _shown(messages: list[dict[str, Any]]) -> str:
    return str(messages[-1]["content"])


PEERS: dict[str, tuple[str, Callable[[], Method]]] = {
    "llmslim": ("llmslim", llmslim),
    "furl-ctx": ("furl-ctx", furl_ctx),
    "contextpress": ("contextpress", contextpress),
    "headroom": ("headroom-ai", headroom),
    "compression-prompt": ("compression-prompt", compression_prompt),
    "vecr-compress": ("vecr-compress", vecr_compress),
    "distil digest": ("distil-llm", distil),
    "litellm.compress": ("litellm", litellm),
}
