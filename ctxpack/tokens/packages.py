"""Packages that ship vocabularies which may not be bundled; packages.json names them."""

import hashlib
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import msgspec

from ctxpack.errors import VocabularyError
from ctxpack.tokens.importing import Rules, import_vocabulary
from ctxpack.tokens.vocabulary import Vocabulary


class Specials(msgspec.Struct, frozen=True, array_like=True):
    """A special token; or several: each has one of `count` numbers from `number` on for {} in its text.

    Attributes:
        first: id of the first one; those of the others follow.
    """

    text: str
    first: int
    number: int | None = None
    count: int = 1


class PackageRow(msgspec.Struct, frozen=True):
    """One row of packages.json: a vocabulary, the pinned package that ships it, and what its file does not say."""

    name: str
    licence: str
    package: str
    file: str
    sha256: str
    as_of: str
    normalization: str = ""
    regexes: tuple[str, ...] = ()
    specials: tuple[Specials, ...] = ()

    @property
    def source(self) -> str:
        """Package, version and file."""
        return f"{self.package} {self.file}"

    @property
    def rules(self) -> Rules:
        """What it says beside its file."""
        specials = {
            row.text if row.number is None else row.text.format(row.number + at): row.first + at
            for row in self.specials
            for at in range(row.count)
        }
        return Rules(self.regexes, self.normalization, specials)


@cache
def packages() -> dict[str, PackageRow]:
    """The rows of packages.json, by the name of their encoding."""
    with open(os.path.join(os.path.dirname(__file__), "packages.json"), "rb") as file:
        return {row.name: row for row in msgspec.json.decode(file.read(), type=list[PackageRow])}


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
