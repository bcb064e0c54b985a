"""Packages that ship vocabularies which may not be bundled; packages.json names them."""

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from ctxpack.errors import VocabularyError
from ctxpack.tokens.importing import Rules, import_vocabulary
from ctxpack.tokens.vocabulary import Vocabulary


class PackageRow(NamedTuple):
    """One row of packages.json: a vocabulary, the pinned package that ships it, and what its file does not say.

    Attributes:
        file: its place in the package.
        sha256: of the file.
        as_of: date, "YYYY-MM-DD".
        specials: [text, id] of a special token; or [text with {}, first id, first number, how many].
    """

    name: str
    licence: str
    package: str
    file: str
    sha256: str
    as_of: str
    normalization: str = ""
    regexes: Sequence[str] = ()
    specials: Sequence[Sequence[Any]] = ()

    @property
    def source(self) -> str:
        """Package, version and file."""
        return f"{self.package} {self.file}"

    @property
    def rules(self) -> Rules:
        """What it says beside its file."""
        specials: dict[str, int] = {}
        for text, first, *numbers in self.specials:
            start, count = numbers or (0, 1)
            specials |= {text.format(start + at) if numbers else text: first + at for at in range(count)}
        return Rules(tuple(self.regexes), self.normalization, specials)


@cache
def packages() -> dict[str, PackageRow]:
    """The rows of packages.json, by the name of their encoding."""
    with open(os.path.join(os.path.dirname(__file__), "packages.json"), encoding="utf-8") as file:
        return {row["name"]: PackageRow(**row) for row in json.load(file)}


def packaged(row: PackageRow) -> tuple[str, Vocabulary]:
    """The file of a row in its package, and what it holds.

    Raises:
        VocabularyError: the package is not installed, which says how to get it, or its file is another one.
    """
    path = installed(row)
    if path is None:
        raise VocabularyError(
            f"{row.name}: not bundled, because of its licence ({row.licence}); to get it: pip install --no-deps "
            f"{row.package}, or: ctxpack vocab add {row.name} {os.path.basename(row.file)}"
        )
    return str(path), shipped(path, row)


def shipped(path: Path, row: PackageRow, licence: str = "") -> Vocabulary:
    """The vocabulary of a row in a file, which must be the very same that the package ships.

    Args:
        path: the file.
        row: which it is.
        licence: what to note as the licence of its data, by default the row's.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise VocabularyError(f"{path}: cannot be read ({error.strerror})") from error
    if digest != row.sha256:
        raise VocabularyError(f"{path}: its sha256 is {digest}, expected {row.sha256} of {row.source}")
    return import_vocabulary(path, row.rules, licence or row.licence, row.source)


def installed(row: PackageRow) -> Path | None:
    """The file in its package, which is looked for but not imported."""
    package, _, rest = row.file.partition("/")
    spec = find_spec(package)
    places = [Path(place, rest) for place in (spec.submodule_search_locations or () if spec else ())]
    return next((path for path in places if path.is_file()), None)
