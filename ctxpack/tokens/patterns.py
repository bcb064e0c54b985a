"""Split patterns: which the core scans itself, and what runs the others."""

from ctxpack.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:  # what these import costs more than an encoding to load
    from collections.abc import Callable, Iterator
    from typing import Any

    # Finds the ends of a text's pretokens, in bytes of UTF-8, in rising order.
    Split = Callable[[bytes], list[int]]

_LETTERS = r"[^\r\n\p{L}\p{N}]?"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_NOT_HAN_UPPER, _NOT_HAN_LOWER = (f"{letters[:-1]}&&[^\\p{{Han}}]]" for letters in (_UPPER, _LOWER))
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_BLANKS = r"\s*[\r\n]+|\s+(?!\S)|\s+"

# By spelling: what looks like a variant may split blanks at the end of a text elsewhere.
_NATIVE = {
    (
        f"{_LETTERS}{_UPPER}*{_LOWER}+{_CONTRACTION}?|{_LETTERS}{_UPPER}+{_LOWER}*{_CONTRACTION}?"
        rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_BLANKS}",
    ): "o200k",
    (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
        r"|\s+(?!\S)|\s",
    ): "cl100k",
    (
        f"{_LETTERS}{_UPPER}*{_LOWER}+|{_LETTERS}{_UPPER}+{_LOWER}*"
        rf"|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_BLANKS}",
    ): "tekken",
    (
        rf"[\p{{Han}}]+|{_LETTERS}{_NOT_HAN_UPPER}*{_NOT_HAN_LOWER}+{_CONTRACTION}?"
        f"|{_LETTERS}{_NOT_HAN_UPPER}+{_NOT_HAN_LOWER}*{_CONTRACTION}?"
        rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_BLANKS}",
    ): "kimi",
    (rf"{_CONTRACTION}|{_LETTERS}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_BLANKS}",): "llama3",
    (rf"{_CONTRACTION}|{_LETTERS}\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_BLANKS}",): "qwen",
    (rf"{_CONTRACTION}|{_LETTERS}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{_BLANKS}",): "qwen3.5",
    (r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",): "gpt2",
    (r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",): "gpt2",
    (
        r"\p{N}{1,3}",
        "[一-龥\u3040-ゟ゠-ヿ]+",
        r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"""
        "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
    ): "deepseek",
}


def native_pattern(regexes: tuple[str, ...]) -> str | None:
    """The core's own scanner for regular expressions that are applied one after another, or None."""
    return _NATIVE.get(regexes)


# Set in the end of a gap between pretokens, which has no tokens (csrc/bpe/external.hpp).
SKIPPED = 1 << 63


def splitter(regexes: tuple[str, ...]) -> "Split":
    """Splits with the `regex` package, whose meaning the regexes have, as Hugging Face's tokenizers does.

    Each regex cuts every piece that the ones before it left into its matches and what lies between them.

    Raises:
        VocabularyError: the package is not installed, or it cannot compile a regex.
    """
    from itertools import accumulate

    patterns = [_compiled(text) for text in regexes]

    def ends(text: bytes) -> list[int]:
        pieces = [text.decode()] if text else []
        for pattern in patterns:
            pieces = [part for piece in pieces for part, _ in _cut(pattern, piece)]
        return list(accumulate(len(piece.encode()) for piece in pieces))

    return ends


def matcher(regexes: tuple[str, ...]) -> "Split":
    """The same as tiktoken does it, by one regex that means what it does there; what lies between matches is left out.

    Raises:
        ValueError: tiktoken reads a part of the regex in a way of its own.
        VocabularyError: as `splitter`.
    """
    from itertools import accumulate

    from ctxpack.tokens.constructs import FANCY_REGEX, translated

    (pattern,) = (_compiled(translated(text, FANCY_REGEX)) for text in regexes)

    def ends(text: bytes) -> list[int]:
        pieces = list(_cut(pattern, text.decode()))
        sizes = accumulate(len(piece.encode()) for piece, _ in pieces)
        return [size if is_match else size | SKIPPED for size, (_, is_match) in zip(sizes, pieces, strict=True)]

    return ends


def _compiled(text: str) -> "Any":
    try:
        import regex  # type: ignore[import-untyped]
    except ImportError as error:
        raise VocabularyError(
            "its split pattern needs the extra regex: pip install 'ctxpack[regex]' ('.[regex]' in a clone)"
        ) from error
    try:
        return regex.compile(text, regex.V1)
    except (regex.error, RecursionError) as error:
        raise VocabularyError(f"its split pattern cannot be compiled: {error}") from error


def _cut(pattern: "Any", text: str) -> "Iterator[tuple[str, bool]]":
    """The matches of a pattern, and what lies between them, as it comes; nothing empty."""
    at = start = 0
    while start <= len(text):
        for match in pattern.finditer(text, start):
            first, end = match.span()
            if first > at:
                yield text[at:first], False
            at = end
            if first == end:  # the libraries go on after the next character, `regex` would look here again
                start = end + 1
                break
            yield text[first:end], True
        else:
            break
    if at < len(text):
        yield text[at:], False
