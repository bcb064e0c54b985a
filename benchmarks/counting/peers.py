"""The tokenizers that are compared, each with its fastest ways to a count and to ids.

Every peer is a function of a Source that returns its Ways, or None where it does not have the encoding. Those that have
no count are counted by their fastest way to ids. Nothing of a peer is imported before it is asked for.
"""

from __future__ import annotations

import importlib.metadata
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks.counting.sources import Source


class Ways(NamedTuple):
    """Number of tokens of a text, and its ids as a buffer of u32 (bytes or an array)."""

    count: Callable[[str], int]
    ids: Callable[[str], Any]


def ctxpack(source: Source) -> Ways:
    from ctxpack.tokens import encoding

    ours = encoding(source.name)
    return Ways(ours.count, ours.encode)


def tiktoken(source: Source) -> Ways:
    """Its core with that family's tokens and pattern; the normal form comes first where there is one."""
    from tests.tokens.oracles import tiktoken_like

    core = tiktoken_like(source.vocabulary)
    if source.vocabulary.about.normalization:
        return Ways(
            lambda text: len(core.encode_ordinary(nfc(text))),
            lambda text: core.encode_to_numpy(nfc(text), disallowed_special=()),
        )
    return Ways(lambda text: len(core.encode_ordinary(text)), partial(core.encode_to_numpy, disallowed_special=()))


def nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fastokens(source: Source) -> Ways:
    import fastokens

    return flat(fastokens.Tokenizer.from_file(source.hugging_face))


def snaptokens(source: Source) -> Ways:
    import snaptokens

    return flat(snaptokens.Tokenizer.from_file(source.hugging_face))


def flat(tokenizer: Any) -> Ways:
    def ids(text: str) -> Any:
        return tokenizer.encode_batch_flat([text], add_special_tokens=False)[0]

    return Ways(lambda text: len(ids(text)) // 4, ids)


def gigatoken(source: Source) -> Ways:
    import gigatoken

    encode = gigatoken.Tokenizer(source.hugging_face).encode
    return Ways(lambda text: len(encode(text)), encode)


def toktok(source: Source) -> Ways | None:
    import toktok

    if source.name not in ("cl100k_base", "o200k_base", "o200k_harmony", "qwen3.5"):
        return None
    tokenizer = toktok._encoding(source.name)  # its public batch_count takes 29 us a call
    return Ways(tokenizer.count, lambda text: tokenizer.encode_to_numpy(text, disallowed_special=()))


def quicktok(source: Source) -> Ways | None:
    import quicktok

    if source.name not in ("cl100k_base", "o200k_base", "o200k_harmony", "llama3", "llama4", "qwen3"):
        return None
    tokenizer = quicktok.get_encoding(source.name)
    return Ways(tokenizer.count, lambda text: tokenizer.encode_batch([text])[0])


def splintr(source: Source) -> Ways | None:
    import splintr

    names = {"tekken": "mistral_v3", "o200k_harmony": "gpt-oss", "qwen": "qwen2"}
    try:
        tokenizer = splintr.Tokenizer.from_pretrained(names.get(source.name, source.name))
    except ValueError:
        return None
    return listed(tokenizer.encode_ordinary)  # encode_flat is faster, but takes agents' tags for special tokens


def tuetoken(source: Source) -> Ways:
    import tuetoken

    tokenizer = tuetoken.Tokenizer(source.hugging_face)
    return Ways(tokenizer.count_tokens, tokenizer.encode_to_bytes)


def bpe_openai(source: Source) -> Ways | None:
    import bpe_openai

    names = {"qwen": "voyage3_base", "qwen3": "voyage3_base"}
    if source.name not in ("cl100k_base", "o200k_base", *names):
        return None
    tokenizer = bpe_openai.get_encoding(names.get(source.name, source.name))
    return listed(tokenizer.encode_ordinary)


def rs_bpe(source: Source) -> Ways | None:
    from rs_bpe.bpe import openai

    if source.name not in ("cl100k_base", "o200k_base"):
        return None
    tokenizer = getattr(openai, source.name)()
    return Ways(tokenizer.count, tokenizer.encode)


def tokenizers(source: Source) -> Ways:
    import tokenizers

    encode = tokenizers.Tokenizer.from_file(source.hugging_face).encode
    return listed(lambda text: encode(text, add_special_tokens=False).ids)


def basetenkenizer(source: Source) -> Ways:
    import basetenkenizer

    encode = basetenkenizer.Tokenizer.from_file(source.hugging_face).encode
    return listed(lambda text: encode(text, add_special_tokens=False).ids)


def kitoken(source: Source) -> Ways | None:
    import kitoken

    if source.name not in ("cl100k_base", "o200k_base"):
        return None
    encode = kitoken.Kitoken.from_tiktoken_file(source.tiktoken).encode
    return listed(lambda text: encode(text, False))


def listed(encode: Callable[[str], list[int]]) -> Ways:
    """What gives a list of ids only."""
    return Ways(lambda text: len(encode(text)), encode)


PEERS: dict[str, Callable[[Source], Ways | None]] = {
    "ctxpack": ctxpack,
    "tiktoken": tiktoken,
    "fastokens": fastokens,
    "gigatoken": gigatoken,
    "toktok-rs": toktok,
    "snaptokens": snaptokens,
    "quicktok-v1": quicktok,
    "splintr-rs": splintr,
    "tuetoken": tuetoken,
    "rs-bpe": rs_bpe,
    "bpe-openai": bpe_openai,
    "basetenkenizer": basetenkenizer,
    "kitoken": kitoken,
    "tokenizers": tokenizers,
}


def installed() -> dict[str, str]:
    """The peers that are installed, and their versions."""
    found = {}
    for name in PEERS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def numbers(ids: Any) -> list[int]:
    """Ids as a list."""
    return memoryview(ids).cast("B").cast("I").tolist() if isinstance(ids, bytes) else [int(each) for each in ids]
