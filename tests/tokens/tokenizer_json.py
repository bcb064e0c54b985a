"""A small tokenizer.json of byte-level BPE, and its parts."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from ctxpack.tokens import Encoding
from ctxpack.tokens.encodings import load
from ctxpack.tokens.library import bundled
from tests.tokens.oracles import vocabulary_and_merges

GPT2 = bundled("r50k_base")
assert GPT2 is not None
TOKENS = {token: text for token, text in GPT2.tokens().items() if token < 2000}
LEVEL: dict[str, Any] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


def split(regex: str, behavior: str = "Isolated", invert: bool = False) -> dict[str, Any]:
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": behavior, "invert": invert}


def in_sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(steps)}


def added(number: int, content: str, **flags: bool) -> dict[str, Any]:
    names = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": number, "content": content, **names, **flags}


def small() -> dict[str, Any]:
    """A tokenizer.json: the first 2000 tokens of GPT-2's."""
    vocab, merges = vocabulary_and_merges(TOKENS)
    return {
        "version": "1.0",
        "added_tokens": [added(2000, "<|end|>")],
        "normalizer": None,
        "pre_tokenizer": LEVEL | {"use_regex": True},
        "post_processor": None,
        "decoder": LEVEL,
        "model": {"type": "BPE", "unk_token": None, "vocab": vocab, "merges": [" ".join(pair) for pair in merges]},
    }


def written(body: object, directory: Path) -> Path:
    path = directory / "tokenizer.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def both(body: object, directory: Path) -> tuple[Encoding, Tokenizer]:
    """Ours and Hugging Face's of one file."""
    path = written(body, directory)
    return load(str(path)), Tokenizer.from_file(str(path))
