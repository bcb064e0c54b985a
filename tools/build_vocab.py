"""Writes ctxpack/tokens/data/*.vocab from the canonical .tiktoken files inside a pinned registry package.

Run: python tools/build_vocab.py (needs pip and a package index; nothing else is fetched).

The layout, all integers little-endian, is read by ctxpack/tokens/vocabulary.py:

    8 bytes   magic "CTXVOCAB"
    u32       version of the layout
    u32       n, number of ordinary tokens; ids are 0 .. n-1 in rank order
    u32       number of special tokens
    u32       CRC-32 of everything after the header
    32 bytes  sha256 of the .tiktoken file it was made from
    n x u8    length of each token in bytes
    n x u8    length of the left half of each token's last merge, 0 for a single byte
    ...       the bytes of all tokens, in id order
    ...       special tokens: u32 id, u8 length, bytes

The left halves let the loader build its table of merges without running BPE 200,000 times.
"""

import gzip
import hashlib
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from base64 import b64decode
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

PACKAGE = "bpe-openai==0.1.4"
TARGET = Path(__file__).parents[1] / "ctxpack" / "tokens" / "data"
HEADER = struct.Struct("<8sIIII32s")
MAGIC, VERSION = b"CTXVOCAB", 1


class Source(NamedTuple):
    """A vocabulary: its name, the sha256 of the canonical file and its special tokens."""

    name: str
    sha256: str
    specials: dict[bytes, int]


SOURCES = [
    Source(
        "o200k_base",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        {b"<|endoftext|>": 199999, b"<|endofprompt|>": 200018},
    ),
    Source(
        "cl100k_base",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        {
            b"<|endoftext|>": 100257,
            b"<|fim_prefix|>": 100258,
            b"<|fim_middle|>": 100259,
            b"<|fim_suffix|>": 100260,
            b"<|endofprompt|>": 100276,
        },
    ),
]


def download(directory: Path) -> zipfile.ZipFile:
    """The pinned package's wheel, from whatever index pip is set to."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory), PACKAGE]
    subprocess.run(command, check=True)
    return zipfile.ZipFile(next(directory.glob("*.whl")))


def read_tokens(wheel: zipfile.ZipFile, source: Source) -> list[bytes]:
    """Tokens in rank order, after checking that the file is the canonical one and that its ranks have no gap."""
    raw = gzip.decompress(wheel.read(f"bpe_openai/data/{source.name}.tiktoken.gz"))
    if (digest := hashlib.sha256(raw).hexdigest()) != source.sha256:
        raise SystemExit(f"{source.name}: sha256 is {digest}, expected {source.sha256}")
    rows = [line.split() for line in raw.splitlines()]
    if [int(rank) for _, rank in rows] != list(range(len(rows))):
        raise SystemExit(f"{source.name}: ranks are not 0 .. {len(rows) - 1}")
    return [b64decode(token) for token, _ in rows]


def left_half(token: bytes, ranks: dict[bytes, int]) -> int:
    """Length of the left half of the last merge that makes `token`; 0 for one byte.

    The core relies on what is checked here: every token is what BPE makes of its own bytes, and is younger than the
    two halves it is made of, so that merges happen in rising order of rank.
    """
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        merged = [ranks.get(left + right, len(ranks)) for left, right in pairwise(parts)]
        at = merged.index(min(merged))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    if any(ranks[part] > ranks[token] for part in parts) or any(part not in ranks for part in parts):
        raise SystemExit(f"token {token!r} is not made by a merge of older tokens")
    return len(parts[0]) if len(parts) == 2 else 0


def pack(tokens: list[bytes], source: Source) -> bytes:
    """The whole .vocab file."""
    ranks = {token: rank for rank, token in enumerate(tokens)}
    lengths = bytes(len(token) for token in tokens)
    halves = bytes(left_half(token, ranks) for token in tokens)
    specials = b"".join(struct.pack("<IB", rank, len(text)) + text for text, rank in source.specials.items())
    payload = lengths + halves + b"".join(tokens) + specials
    digest = bytes.fromhex(source.sha256)
    return HEADER.pack(MAGIC, VERSION, len(tokens), len(source.specials), zlib.crc32(payload), digest) + payload


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, download(Path(directory)) as wheel:
        for source in SOURCES:
            path = TARGET / f"{source.name}.vocab"
            path.write_bytes(pack(read_tokens(wheel, source), source))
            print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
