"""SentencePiece models trained by the package on generated text, and those of mistral-common, where installed."""

import importlib.util
import io
import random
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import sentencepiece
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from ctxpack._native.sentencepiece import SentencePieceEncoding
from ctxpack.tokens import load_sentencepiece

SYMBOLS = ["<mask>", "<mask>x", "ab", "▁▁", "a b", "中", "\n"]
UNUSED = ModelProto.SentencePiece.Type.UNUSED

# What each model is trained with, beside its kind.
SETTINGS: dict[str, dict[str, Any]] = {
    "nmt_nfkc": {},
    "nfkc": {"normalization_rule_name": "nfkc"},
    "nfkc_cf": {"normalization_rule_name": "nmt_nfkc_cf"},
    "identity": {"normalization_rule_name": "identity", "remove_extra_whitespaces": False},
    "bytes": {"byte_fallback": True, "split_digits": True, "allow_whitespace_only_pieces": True},
    "bytes_only": {"byte_fallback": True, "character_coverage": 0.98, "normalization_rule_name": "identity"},
    "no_prefix": {"add_dummy_prefix": False, "byte_fallback": True},
    "suffix": {"treat_whitespace_as_suffix": True},
    "across_words": {"split_by_whitespace": False},
    "symbols": {"user_defined_symbols": SYMBOLS, "control_symbols": ["<ctl>"]},
}
NAMES = [f"{kind}_{setting}" for kind in ("bpe", "unigram") for setting in SETTINGS]
ALL = [*NAMES, "bpe_unused", "unigram_unused", "bpe_plain_spaces", "unigram_plain_spaces"]

WORDS = (
    *("the", "of", "and", "tokens", "token", "model", "prefix", "prefixes", "cache", "cached", "request", "requests"),
    *("it's", "can't", "x86_64", "3.14159", "2026-11-24", "def", "return", "self.count(text)", "(a, b)", "{}", "!="),
    *(
        "été",
        "naïve",
        "Größe",
        "Жизнь",
        "жизнь",
        "中文字符",
        "测试。",
        "日本語の",
        "한국어",
        "ไทย",
        "①②",
        "ｆｕｌｌ",
        "ﬁne",
    ),
)


class Pair(NamedTuple):
    """A model as we read it and as the package does."""

    ours: SentencePieceEncoding
    theirs: sentencepiece.SentencePieceProcessor
    proto: ModelProto

    def expected(self, text: str) -> list[int]:
        return self.theirs.encode(text, out_type=int)


def sentences(count: int = 3000) -> Iterator[str]:
    draw = random.Random(3)
    for _ in range(count):
        words = draw.choices(WORDS, k=draw.randint(1, 20))
        yield draw.choice((" ", " ", " ", "", "  ")).join(words) + "".join(
            draw.choices("abcdefgh", k=draw.randint(0, 9))
        )


@cache
def trained(name: str) -> bytes:
    kind, _, setting = name.partition("_")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences(),
        model_writer=model,
        model_type=kind,
        vocab_size=900,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=3,
        **SETTINGS[setting],
    )
    return model.getvalue()


def make_unused(proto: ModelProto) -> None:
    """Every third piece of more than one letter may be merged, but not be a token."""
    for piece in [piece for piece in proto.pieces if piece.type == 1 and len(piece.piece) > 1][::3]:
        piece.type = UNUSED


def keep_spaces(proto: ModelProto) -> None:
    proto.normalizer_spec.escape_whitespaces = False
    for piece in proto.pieces:
        if piece.type == 1 and piece.piece.startswith("▁"):
            piece.piece = piece.piece.replace("▁", " ")


EDITS: dict[str, Callable[[ModelProto], None]] = {"unused": make_unused, "plain_spaces": keep_spaces}


def rule_for(key: bytes, replacement: bytes) -> bytes:
    return rules_for([[byte] for byte in key], replacement)


def rules_for(keys: Sequence[Iterable[int]], replacement: bytes) -> bytes:
    """Rules as a file has them, for all keys of such bytes: a double array with the children of all units of one depth
    at one place."""
    size = 256 * (2 + len(keys))
    units = [256 << 10] + [0] * (size - 1)
    for depth, each in enumerate(keys, 1):
        for byte in each:
            unit, children = 256 * depth + byte, 256 * (1 + depth)
            units[unit] = (unit ^ children) << 10 | (depth == len(keys)) << 8 | byte
    units[size - 256] = 1 << 31  # the replacement's place
    return struct.pack(f"<{size + 1}I", 4 * size, *units) + replacement + b"\0"


def pair_of(proto: ModelProto) -> Pair:
    with TemporaryDirectory() as directory:
        path = Path(directory, "edited.model")
        path.write_bytes(proto.SerializeToString())
        return Pair(load_sentencepiece(path), sentencepiece.SentencePieceProcessor(model_file=str(path)), proto)


@cache
def pair_named(name: str) -> Pair:
    kind, _, edit = name.partition("_")
    if edit not in EDITS:
        return pair_of(ModelProto.FromString(trained(name)))
    proto = ModelProto.FromString(trained(f"{kind}_bytes"))
    EDITS[edit](proto)
    return pair_of(proto)


def mistral_files() -> list[Path]:
    found = importlib.util.find_spec("mistral_common")
    directory = Path(found.origin).parent if found and found.origin else Path("none")
    return sorted(directory.glob("data/*.model.v*"))


@cache
def mistral_pair(path: Path) -> Pair:
    proto = ModelProto.FromString(path.read_bytes())
    return Pair(load_sentencepiece(path), sentencepiece.SentencePieceProcessor(model_file=str(path)), proto)
