"""Making an encoding of a vocabulary."""

from ctxpack._native.bpe import BpeEncoding
from ctxpack.errors import VocabularyError
from ctxpack.tokens.patterns import native_pattern, splitter
from ctxpack.tokens.vocabulary import Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ctxpack.tokens.patterns import Split

# The normalization of encodings that look for special tokens in normal text.
_FIRST = "NFC first"


def made(
    name: str,
    path: str,
    vocabulary: Vocabulary,
    external: "Callable[[tuple[str, ...]], Split]" = splitter,
) -> BpeEncoding:
    """The encoding of a vocabulary that was read from a file.

    Args:
        name: of the encoding.
        path: of the file, for errors.
        vocabulary: what was read.
        external: makes what finds the pretokens of patterns that the core has no scanner for.

    Raises:
        VocabularyError: the parts contradict each other.
    """
    about = vocabulary.about
    pattern = native_pattern(about.regexes)
    try:
        return BpeEncoding(
            name,
            pattern or "external",
            vocabulary.single_bytes,
            vocabulary.pairs,
            vocabulary.wholes,
            vocabulary.spares,
            vocabulary.runs,
            vocabulary.hasty,
            vocabulary.specials,
            _normalizer(about.normalization),
            None if pattern else external(about.regexes),
            about.normalization == _FIRST,
        )
    except (ValueError, OverflowError, VocabularyError) as error:
        raise VocabularyError(f"{path}: {error}") from error


def _normalizer(form: str) -> "Callable[[str], str] | None":
    if not form:
        return None
    if form not in ("NFC", _FIRST):
        raise ValueError(f"the normalization {form} is not known")
    from ctxpack.tokens.normalization import nfc, nfc_of_python

    return nfc_of_python if form == _FIRST else nfc
