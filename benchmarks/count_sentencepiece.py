"""Counting speed of SentencePiece models beside the sentencepiece package: one run, one process, CPU time.

Run: python benchmarks/count_sentencepiece.py [model.model ...] [name=path ...]

As benchmarks/count.py: a document is timed on text that neither has met (after as much other text of its kind), and
again on text that they have; every count must equal the package's. Corpora are those of benchmarks/count.py, or the
files and directories given by name. Without a model, a BPE and a unigram one of 32,000 pieces are trained on a sixth of
each corpus.
"""

import io
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import sentencepiece
from count import corpora, measure

from ctxpack.tokens.sentencepiece import load_sentencepiece

TRAINED = ("bpe", "unigram")


def trained(kind: str, texts: dict[str, str], directory: str) -> Path:
    """A model of that kind, as the package trains it by default but for byte fallback."""
    lines = [line for text in texts.values() for line in text[: len(text) // 6].splitlines() if line.strip()]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type=kind,
        vocab_size=32_000,
        byte_fallback=True,
        hard_vocab_limit=False,
        max_sentence_length=100_000,
        minloglevel=3,
    )
    path = Path(directory, f"{kind}.model")
    path.write_bytes(model.getvalue())
    return path


def report(path: Path, texts: dict[str, str]) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    counts = {
        "ctxpack": load_sentencepiece(path).count,
        "package": lambda text: len(processor.encode(text, out_type=int)),
    }
    for corpus, text in texts.items():
        (unseen, seen), (their_unseen, their_seen) = measure(counts, text, counts["package"]).values()
        ours = f"{unseen:8.1f} ({unseen / their_unseen:5.1f}x){seen:8.1f} ({seen / their_seen:5.1f}x)"
        print(f"{path.name:36} {corpus:10}{ours}{their_unseen:9.1f}{their_seen:8.1f}", flush=True)


def main() -> None:
    texts = corpora("o200k_base", [argument for argument in sys.argv[1:] if "=" in argument])
    models = [Path(argument) for argument in sys.argv[1:] if "=" not in argument]
    package = f"sentencepiece {version('sentencepiece')}"
    print(f"MB/s of UTF-8 (ratio to {package}), CPU time, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"{'model':36} {'corpus':10}{'unseen':>8}{'':8}{'seen':>9}{'':8} package: unseen, seen")
    with tempfile.TemporaryDirectory() as directory:
        for path in models or [trained(kind, texts, directory) for kind in TRAINED]:
            report(path, texts)
    print("every count equals the package's")


if __name__ == "__main__":
    main()
