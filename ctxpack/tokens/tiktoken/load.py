"""Ranks from files and to files, as `tiktoken.load` has them; nothing is downloaded."""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256


def load_tiktoken_bpe(tiktoken_bpe_file: str | os.PathLike[str], expected_hash: str | None = None) -> dict[bytes, int]:
    """The ranks in a .tiktoken file: on each line a token in base64 and its rank.

    Args:
        tiktoken_bpe_file: path of the file.
        expected_hash: hex digest of its sha256; None does not look at it.

    Raises:
        ValueError: the file has another hash or a line that is none, or it is a URL, which is not read.
        OSError: it cannot be read.

    Complexity: O(bytes).
    """
    path = os.fspath(tiktoken_bpe_file)
    if "://" in path:
        raise ValueError(f"{path}: nothing is downloaded here: download it yourself, and give the path of the file")
    with open(path, "rb") as file:
        data = file.read()
    if expected_hash and sha256(data).hexdigest() != expected_hash:
        raise ValueError(f"Hash mismatch for {path}: it is {sha256(data).hexdigest()}, expected {expected_hash}")
    return dict(_rank(line, path) for line in data.splitlines() if line)


def dump_tiktoken_bpe(bpe_ranks: Mapping[bytes, int], tiktoken_bpe_file: str | os.PathLike[str]) -> None:
    """Writes ranks to a file that `load_tiktoken_bpe` reads, in their order. Raises OSError."""
    with open(tiktoken_bpe_file, "wb") as file:
        for token, rank in sorted(bpe_ranks.items(), key=lambda item: item[1]):
            file.write(b64encode(token) + f" {rank}\n".encode())


def _rank(line: bytes, path: str) -> tuple[bytes, int]:
    try:
        token, rank = line.split()
        return b64decode(token), int(rank)
    except ValueError as error:
        raise ValueError(f"Error parsing line {line!r} in {path}") from error
