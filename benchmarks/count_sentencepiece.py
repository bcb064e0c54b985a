"""Speed of counting with SentencePiece models beside the sentencepiece package: CPU time, every count is checked.

    python -m benchmarks.count_sentencepiece [MODEL.model ...]

Corpora and ways to time are those of count.py, beside this file. Without a model, a BPE and a unigram one of 32,000
pieces are trained on a sixth of each corpus.
"""

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import sentencepiece

from benchmarks.counting.corpora import CORPORA
from benchmarks.counting.speed import DOCUMENT, KINDS, timed
from benchmarks.counting.tables import machine, table
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


def speeds(path: Path, texts: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    counts: dict[str, Callable[[str], int]] = {
        "ctxpack": load_sentencepiece(path).count,
        "package": lambda text: len(processor.encode(text, out_type=int)),
    }
    found = {
        name: [measured(count, counts["package"], text) for text in texts.values()] for name, count in counts.items()
    }
    for name, speeds in found.items():
        yield f"{path.name}, {name}", [" / ".join(f"{each[kind]:.1f}" for kind in KINDS) for each in speeds]
    pairs = list(zip(*found.values(), strict=True))
    yield f"{path.name}, times as fast", [" / ".join(f"{a[kind] / b[kind]:.1f}" for kind in KINDS) for a, b in pairs]


def measured(count: Callable[[str], int], expected: Callable[[str], int], text: str) -> dict[str, float]:
    documents = [text[at : at + DOCUMENT] for at in range(0, len(text), DOCUMENT)]
    found = timed(count, int, documents, list(map(expected, documents)))
    if "failed" in found:
        raise SystemExit(f"of the counts are {found['failed']}")
    return {kind: float(found[kind]) for kind in KINDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", type=Path, help="trained ones by default")
    models = parser.parse_args().model
    texts = {name: make() for name, make in CORPORA.items()}
    print(f"MB/s of UTF-8, unseen / seen text, CPU time; sentencepiece {version('sentencepiece')}; {machine()}\n")
    with tempfile.TemporaryDirectory() as directory:
        models = models or [trained(kind, texts, directory) for kind in TRAINED]
        print(table("", list(texts), [line for path in models for line in speeds(path, texts)]))


if __name__ == "__main__":
    main()
