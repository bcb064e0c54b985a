"""Counting speed beside tiktoken and, where installed, fastokens, toktok-rs and gigatoken: one run, one process.

Run: python benchmarks/count.py [encoding] [name=path ...]

Every tokenizer counts every document in turn, so that whatever slows the machine slows them all. A document is timed on
text that the tokenizer has not met (after as much other text of its kind, so that its tables are in use) and again on
text that it has. Every count must equal tiktoken's. Times are CPU time of the process: a helper thread counts too.
Corpora are files or directories; without any, Python's own library serves as code and its manual as English, Chinese is
drawn from the vocabulary, and the recorded requests beside the checkout are used if they are there.
"""

import importlib.metadata
import json
import os
import pydoc_data.topics
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from unittest import mock

import tiktoken
from tiktoken_ext import openai_public

import ctxpack
from ctxpack.tokens import encoding
from ctxpack.tokens.encodings import DATA
from ctxpack.tokens.vocabulary import Vocabulary, read_vocabulary

DOCUMENT = 100_000  # characters
LARGEST = 4_000_000  # characters of a corpus
ROUNDS = 5  # over seen text
SHARED = Path(__file__).parents[1].parent / "shared" / "data"
LIBRARY = Path(os.__file__).parent

# cl100k_base's pattern as tokenizers outside tiktoken spell and recognise it.
CL100K = "|".join(
    [
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ]
)

Count = Callable[[str], int]


@cache
def vocabulary_of(name: str) -> Vocabulary:
    return read_vocabulary(str(Path(DATA, f"{name}.vocab")))


@cache
def tiktoken_encoding(name: str) -> tiktoken.Encoding:
    ranks = {token: rank for rank, token in vocabulary_of(name).tokens().items()}
    with mock.patch.object(openai_public, "load_tiktoken_bpe", return_value=ranks):
        return tiktoken.Encoding(**getattr(openai_public, name)())


def use_ctxpack(name: str) -> Count:
    return encoding(name).count


def use_tiktoken(name: str) -> Count:
    encode = tiktoken_encoding(name).encode_ordinary
    return lambda text: len(encode(text))


def use_toktok(name: str) -> Count:
    import toktok

    return toktok._encoding(name).count


def use_fastokens(name: str) -> Count:
    """fastokens has no count: its fastest way to ids is taken."""
    import fastokens

    with written_tokenizer(name) as path:
        encode = fastokens.Tokenizer.from_file(path).encode_batch_flat
    return lambda text: len(encode([text], add_special_tokens=False)[0]) // 4


def use_gigatoken(name: str) -> Count:
    """gigatoken has no count either."""
    import gigatoken

    with written_tokenizer(name) as path:
        encode = gigatoken.Tokenizer(path).encode
    return lambda text: len(encode(text))


@contextmanager
def written_tokenizer(name: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "tokenizer.json")
        path.write_text(json.dumps(tokenizer_json(name)))
        yield str(path)


def tokenizer_json(name: str) -> dict[str, object]:
    """The encoding in the format of Hugging Face tokenizers."""
    vocabulary = vocabulary_of(name)
    tokens = list(vocabulary.tokens().values())
    letters = {byte: chr(byte) for byte in (*range(33, 127), *range(161, 173), *range(174, 256))}
    letters |= {byte: chr(256 + i) for i, byte in enumerate(byte for byte in range(256) if byte not in letters)}
    spelled = ["".join(map(letters.__getitem__, token)) for token in tokens]
    pattern = CL100K if name == "cl100k_base" else tiktoken_encoding(name)._pat_str
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    model = {
        "type": "BPE",
        "ignore_merges": True,
        "vocab": {text: rank for rank, text in enumerate(spelled)},
        "merges": [[spelled[left], spelled[right]] for left, right in vocabulary.halves()],
    }
    splitting = {"type": "Sequence", "pretokenizers": [split, level]}
    return {"version": "1.0", "added_tokens": [], "pre_tokenizer": splitting, "decoder": level, "model": model}


def chinese(name: str) -> str:
    """Text of the vocabulary's Chinese tokens, the common ones more often, in sentences."""
    texts = [token.decode("utf-8", "ignore") for token in vocabulary_of(name).tokens().values()]
    words = [text for text in texts if text and all("\u4e00" <= letter <= "\u9fa5" for letter in text)]
    draw = random.Random(3)
    picked = draw.choices(words, weights=[1 / (rank + 50) for rank in range(len(words))], k=800_000)
    return "".join(word + draw.choice(("", "", "", "", "，", "。\n")) for word in picked)


def read(paths: list[Path]) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for path in paths)[:LARGEST]


def corpora(name: str, arguments: list[str]) -> dict[str, str]:
    given = {label: Path(path) for label, _, path in (argument.partition("=") for argument in arguments)}
    if given:
        return {k: read(sorted(p.rglob("*.*")) if p.is_dir() else [p]) for k, p in given.items()}
    found = {
        "english": "\n".join(pydoc_data.topics.topics.values()),
        "code": read(sorted(LIBRARY.glob("*.py"))),
        "chinese": chinese(name)[:LARGEST],
    }
    if SHARED.is_dir():
        found["meetings"] = read(sorted(SHARED.glob("qmsum/*.jsonl")))
        found["requests"] = read(sorted(SHARED.glob("provider_cassettes/*.jsonl")))
        found["agents"] = read(sorted(SHARED.glob("agent_traces/*/*.jsonl")))
    return found


def tokenizers(name: str) -> dict[str, Count]:
    """ctxpack, tiktoken and whichever others are installed, by name and version."""
    known = {
        "ctxpack": use_ctxpack,
        "tiktoken": use_tiktoken,
        "fastokens": use_fastokens,
        "toktok-rs": use_toktok,
        "gigatoken": use_gigatoken,
    }
    versions = {ctxpack.__name__: ctxpack.__version__}
    for package in known:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions.setdefault(package, importlib.metadata.version(package))
    return {f"{package} {version}": known[package](name) for package, version in versions.items()}


def seconds(count: Count, text: str, expected: int) -> float:
    """CPU time of one count, which must come out right."""
    started = time.process_time_ns()
    got = count(text)
    taken = time.process_time_ns() - started
    if got != expected:
        raise SystemExit(f"wrong count: {got}, expected {expected}")
    return taken / 1e9


def measure(counts: dict[str, Count], text: str, expected: Count) -> dict[str, tuple[float, float]]:
    """MB/s of each tokenizer on unseen and on seen text."""
    documents = [text[at : at + DOCUMENT] for at in range(0, len(text), DOCUMENT)]
    answers = [expected(document) for document in documents]
    sizes = [len(document.encode()) for document in documents]
    unseen: dict[str, float] = dict.fromkeys(counts, 0.0)
    seen: dict[str, list[float]] = {label: [] for label in counts}
    for number, (document, answer) in enumerate(zip(documents, answers, strict=True)):
        for label, count in counts.items():
            taken = seconds(count, document, answer)
            unseen[label] += taken if number >= len(documents) // 2 else 0
    for _ in range(ROUNDS):
        for label, count in counts.items():
            seen[label].append(sum(map(seconds, [count] * len(documents), documents, answers)))
    later = sum(sizes[len(documents) // 2 :])
    return {k: (later / unseen[k] / 1e6, sum(sizes) / statistics.median(seen[k]) / 1e6) for k in counts}


def report(corpus: str, speeds: dict[str, tuple[float, float]]) -> list[str]:
    """Prints one corpus; returns what ctxpack lost."""
    (_, ours), (_, reference), *_ = speeds.items()
    for label, (unseen, seen) in speeds.items():
        ratios = f"({unseen / reference[0]:5.1f}x){seen:9.1f} ({seen / reference[1]:5.1f}x)"
        print(f"{corpus:10} {label:18}{unseen:9.1f} {ratios}")
    kinds = ("unseen", "seen")
    return [
        f"{corpus}, {kind}: {label} is {speed[i] / ours[i]:.2f}x as fast"
        for label, speed in speeds.items()
        for i, kind in enumerate(kinds)
        if speed[i] > ours[i]
    ]


def main() -> None:
    name, *arguments = sys.argv[1:] or ["o200k_base"]
    counts, expected = tokenizers(name), use_tiktoken(name)
    print(
        f"{name}, MB/s of UTF-8 (ratio to tiktoken), CPU time, Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    )
    print(f"{'corpus':10} {'tokenizer':18}{'unseen':>9} {'':8}{'seen':>9}")
    losses = []
    for corpus, text in corpora(name, arguments).items():
        losses += report(corpus, measure(counts, text, expected))
    print("every count equals tiktoken's")
    print("ctxpack loses: " + ("; ".join(losses) or "nowhere"))


if __name__ == "__main__":
    main()
