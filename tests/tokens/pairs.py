"""Each encoding beside tiktoken's, which is given the bundled vocabulary so that it needs no network."""

from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import tiktoken
from tiktoken_ext import openai_public

from ctxpack.tokens import Encoding, encoding
from ctxpack.tokens.vocabulary import DATA, read_vocabulary

NAMES = ["o200k_base", "cl100k_base"]
# One of each kind of split pattern.
KINDS = [*NAMES, "r50k_base", "kimi_k2", "deepseek_v3"]


class Pair(NamedTuple):
    """An encoding of ours and tiktoken's."""

    ours: Encoding
    theirs: tiktoken.Encoding
    ranks: dict[bytes, int]


def read_ranks(name: str) -> dict[bytes, int]:
    """Token bytes -> id, from the bundled file."""
    return {text: token for token, text in read_vocabulary(str(Path(DATA, f"{name}.vocab"))).tokens().items()}


@cache
def pair_named(name: str) -> Pair:
    ranks = read_ranks(name)
    with mock.patch.object(openai_public, "load_tiktoken_bpe", return_value=ranks):
        theirs = tiktoken.Encoding(**getattr(openai_public, name)())
    return Pair(encoding(name), theirs, ranks)
