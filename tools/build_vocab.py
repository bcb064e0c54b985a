"""Writes ctxpack/tokens/data/*.vocab from the files inside pinned registry packages that tools/vocabularies.json names.

Run: python tools/build_vocab.py [name ...] (needs pip and a package index; nothing else is fetched).

A row of the list says which package ships a vocabulary, in which file, and that file's sha256, which is checked. The
formats are those that ctxpack imports; a file inside a zip inside the package has both names, and splintr-rs, which has
its vocabularies compiled in, is asked for every token's bytes to make the .tiktoken file anew. What a file does not say
itself (split pattern, normalization, special tokens) stands in the row, as its package or publisher has it. Special
tokens are [text, id], or [text with {}, first id, first number, how many]. `base` names the vocabulary that merges are
shared with, and `tokens`, where it is there, cuts the file to its first lines. `aliases` are special tokens beside
those of the file: what its ids are called by other models of the family.
"""

import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from ctxpack.tokens.importing import import_vocabulary
from ctxpack.tokens.packages import PackageRow
from ctxpack.tokens.vocabulary import BYTES, PAIR, Vocabulary, read_vocabulary
from ctxpack.tokens.writing import packed

ROWS = Path(__file__).with_name("vocabularies.json")
TARGET = Path(__file__).parents[1] / "ctxpack" / "tokens" / "data"
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
COMPILED_IN = """
import base64, itertools, splintr, sys
encoding = splintr.Tokenizer.from_pretrained(sys.argv[1])
tokens = itertools.takewhile(len, map(encoding.decode_token_bytes, itertools.count()))
sys.stdout.writelines(f"{base64.b64encode(token).decode()} {rank}\\n" for rank, token in enumerate(tokens))
"""


@cache
def wheel(package: str, directory: Path) -> Path:
    """The pinned package's wheel, from whatever index pip is set to."""
    place = directory / package
    subprocess.run([*PIP, "download", "--no-deps", "--dest", str(place), package], check=True)
    return next(place.glob("*.whl"))


def source_file(row: dict[str, Any], directory: Path) -> bytes:
    """The file that a row names, after checking that it is the one."""
    archive = wheel(row["package"], directory)
    data = compiled_in(archive, row["file"]) if row["package"].startswith("splintr") else unzipped(archive, row["file"])
    if (digest := hashlib.sha256(data).hexdigest()) != row["sha256"]:
        raise SystemExit(f"{row['name']}: sha256 is {digest}, expected {row['sha256']}")
    return data


def unzipped(archive: Path, name: str) -> bytes:
    outer, inside, inner = name.partition(".zip/")
    with zipfile.ZipFile(archive) as files:
        data = files.read(outer + ".zip" if inside else outer)
    return zipfile.ZipFile(io.BytesIO(data)).read(inner) if inside else data


def compiled_in(archive: Path, name: str) -> bytes:
    """The .tiktoken file of a vocabulary that a package has in its code."""
    place = archive.parent / "installed"
    subprocess.run([*PIP, "install", "--no-deps", "--target", str(place), str(archive)], check=True)
    command = [sys.executable, "-c", COMPILED_IN, name]
    return subprocess.run(command, env={"PYTHONPATH": str(place)}, capture_output=True, check=True).stdout


def built(row: dict[str, Any], directory: Path) -> Vocabulary:
    """The vocabulary of a row, without sharing merges yet."""
    data = source_file(row, directory)
    if "tokens" in row:
        data = b"".join(data.splitlines(keepends=True)[: row["tokens"]])
    path = directory / row["name"]
    path.write_bytes(data)
    known = msgspec.convert(row, PackageRow)
    vocabulary = import_vocabulary(path, known.rules if known.regexes else None, known.licence, known.source)
    vocabulary.about.name, vocabulary.about.source_sha256 = row["name"], row["sha256"]
    if "specials" in row:
        vocabulary.specials = {text.encode(): token for text, token in known.rules.specials.items()}
    vocabulary.specials |= {text.encode(): token for text, token in row.get("aliases", ())}
    return vocabulary


def share(vocabulary: Vocabulary, name: str) -> None:
    """Notes how many of its first merges are those of another vocabulary, which must have been written."""
    base = read_vocabulary(str(TARGET / f"{name}.vocab"))
    if vocabulary.single_bytes != base.single_bytes:
        raise SystemExit(f"{name}: its single bytes are in another order")
    vocabulary.about.base = name
    vocabulary.about.shared = BYTES + common_merges(vocabulary.pairs, base.pairs)


def common_merges(pairs: bytes | memoryview, others: bytes | memoryview) -> int:
    """How many merges are the same before the first that is not."""
    size = min(len(pairs), len(others))
    parted = (at for at in range(0, size, PAIR) if pairs[at : at + PAIR] != others[at : at + PAIR])
    return next(parted, size) // PAIR


def main(names: list[str]) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        for row in json.loads(ROWS.read_text(encoding="utf-8")):
            if names and row["name"] not in names:
                continue
            vocabulary = built(row, Path(directory))
            if row["base"]:
                share(vocabulary, row["base"])
            data = packed(vocabulary)
            (TARGET / f"{row['name']}.vocab").write_bytes(data)
            print(f"{row['name']}: {vocabulary.size:,} tokens, {len(data):,} bytes, {vocabulary.about.shared:,} shared")


if __name__ == "__main__":
    main(sys.argv[1:])
