"""Encodings in the formats that tokenizers load."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxpack.tokens.vocabulary import Vocabulary

# cl100k_base's pattern as tokenizers outside tiktoken spell and recognise it.
CL100K = "|".join(
    [
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ]
)

LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


@dataclass(frozen=True)
class Source:
    """An encoding in the formats that peers load: files in a directory, made once."""

    name: str
    scratch: Path

    @cached_property
    def vocabulary(self) -> Vocabulary:
        from ctxpack.tokens.library import bundled, find

        return bundled(self.name) or find(self.name)[1]

    @cached_property
    def hugging_face(self) -> str:
        """The path of a tokenizer.json."""
        path = self.scratch / f"{self.name}.json"
        if not path.exists():
            path.write_text(json.dumps(self.described()))
        return str(path)

    @cached_property
    def tiktoken(self) -> str:
        """The path of a .tiktoken file."""
        path = self.scratch / f"{self.name}.tiktoken"
        if not path.exists():
            lines = (b"%s %d\n" % (base64.b64encode(text), rank) for rank, text in self.vocabulary.tokens().items())
            path.write_bytes(b"".join(lines))
        return str(path)

    def make_files(self) -> None:
        """Makes both files, so that no process that is timed does."""
        assert self.hugging_face
        assert self.tiktoken

    def described(self) -> dict[str, object]:
        """The encoding in the format of Hugging Face's tokenizers; merges are all pairs that make a token, in order."""
        from tests.tokens.oracles import HUGGING_FACE, vocabulary_and_merges

        about = self.vocabulary.about
        vocab, merges = vocabulary_and_merges(self.vocabulary.tokens())
        known = set(vocab.values())
        vocab |= {f"\ue000{token}": token for token in range(max(known)) if token not in known}  # no text becomes these
        looked_up = bool(self.vocabulary.wholes) or self.name not in HUGGING_FACE
        return {
            "version": "1.0",
            "added_tokens": [],
            "normalizer": {"type": "NFC"} if about.normalization else None,
            "pre_tokenizer": self.splitting(),
            "decoder": LEVEL,
            "model": {"type": "BPE", "ignore_merges": looked_up, "vocab": vocab, "merges": merges},
        }

    def splitting(self) -> dict[str, object]:
        if self.name in ("p50k_base", "r50k_base"):
            return LEVEL | {"use_regex": True}  # GPT-2's pattern, which has no other name there
        regexes = [CL100K] if self.name == "cl100k_base" else self.vocabulary.about.regexes
        splits = [
            {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False} for regex in regexes
        ]
        return {"type": "Sequence", "pretokenizers": [*splits, LEVEL]}
