"""Packages that ship vocabularies which may not be bundled; packages.json names them."""

import hashlib
import json
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ctxpack.errors import VocabularyError
from ctxpack.tokens.importing import Rules, import_vocabulary
from ctxpack.tokens.vocabulary import Vocabulary


@cache
def packages() -> dict[str, dict[str, Any]]:
    """The rows of packages.json, by the name of their encoding."""
    with open(os.path.join(os.path.dirname(__file__), "packages.json"), encoding="utf-8") as file:
        return {row["name"]: row for row in json.load(file)}


def packaged(row: dict[str, Any]) -> tuple[str, Vocabulary]:
    """The file of a row in its package, and what it holds.

    Raises:
        VocabularyError: the package is not installed, which says how to get it, or its file is another one.
    """
    path = installed(row)
    if path is None:
        raise VocabularyError(
            f"{row['name']}: not bundled, because of its licence ({row['licence']}); to get it: pip install --no-deps "
            f"{row['package']}, or: ctxpack vocab add {row['name']} {os.path.basename(row['file'])}"
        )
    return str(path), shipped(path, row, row["licence"])


def shipped(path: Path, row: dict[str, Any], licence: str) -> Vocabulary:
    """The vocabulary of a row of packages.json in a file, which must be the very same that the package ships."""
    source = f"{row['package']} {row['file']}"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise VocabularyError(f"{path}: cannot be read ({error.strerror})") from error
    if digest != row["sha256"]:
        raise VocabularyError(f"{path}: its sha256 is {digest}, expected {row['sha256']} of {source}")
    return import_vocabulary(path, rules_of(row), licence, source)


def installed(row: dict[str, Any]) -> Path | None:
    """The file in its package, which is looked for but not imported."""
    package, _, rest = row["file"].partition("/")
    spec = find_spec(package)
    places = [Path(place, rest) for place in (spec.submodule_search_locations or () if spec else ())]
    return next((path for path in places if path.is_file()), None)


def rules_of(row: dict[str, Any]) -> Rules:
    """What a row of packages.json says beside its file."""
    specials: dict[str, int] = {}
    for text, first, *numbers in row["specials"]:
        start, count = numbers or (0, 1)
        specials |= {text.format(start + at) if numbers else text: first + at for at in range(count)}
    return Rules(tuple(row.get("regexes", ())), row.get("normalization", ""), specials)
