"""Reads vocabularies from files that others made: .tiktoken, Tekken and Hugging Face's tokenizer.json.

What cannot be followed exactly is refused: an encoding counts as the file's own library does, or it is not made.
"""

import hashlib
import json
import os
from base64 import b64decode
from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from ctxpack.errors import VocabularyError
from ctxpack.tokens import byte_level
from ctxpack.tokens.added_tokens import special_tokens
from ctxpack.tokens.constructs import FANCY_REGEX, translated
from ctxpack.tokens.other_files import other_file
from ctxpack.tokens.patterns import native_pattern
from ctxpack.tokens.ranking import ImpliedMerges, ListedMerges, Merges, ranked
from ctxpack.tokens.vocabulary import DATA, LAST_ID, LONGEST, SUFFIX, Description, Vocabulary, read_vocabulary
from ctxpack.tokens.writing import tokens_sha256

# What reading raises where a file is damaged.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


class Rules(NamedTuple):
    """How text is split and normalized, and the special tokens: what a .tiktoken file does not say.

    Special tokens whose ids are tokens of the file are left out.

    Attributes:
        regexes: the split pattern.
        normalization: as of a Description.
        specials: text -> id of the special tokens.
    """

    regexes: tuple[str, ...]
    normalization: str = ""
    specials: Mapping[str, int] = {}


class _Parts(NamedTuple):
    """A vocabulary as its file has it; `whole`: a pretoken that is a token becomes it, whatever the merges."""

    tokens: dict[int, bytes]
    merges: Merges
    whole: bool
    rules: Rules


def import_vocabulary(
    path: str | os.PathLike[str], rules: Rules | None = None, licence: str = "", source: str = ""
) -> Vocabulary:
    """The vocabulary in a file of one of the known formats.

    Args:
        path: the file.
        rules: of a .tiktoken file, how it splits text; other files say so themselves, and take none.
        licence: what to note as the licence of the data.
        source: what to note as their source, by default the file's name.

    Raises:
        VocabularyError: the file cannot be read, is damaged, or asks for what the core cannot do exactly.

    Complexity: O(bytes), but O(n log n) of each token's; some 10 us a token.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
        parts = _read(data, rules)
        vocabulary = _vocabulary(parts)
    except OSError as error:
        raise VocabularyError(f"{name}: cannot be read ({error.strerror})") from error
    except _UNREADABLE as error:
        raise VocabularyError(f"{name}: {_reason(error)}") from error
    about = vocabulary.about
    about.licence, about.source = licence, source or os.path.basename(name)
    about.source_sha256 = hashlib.sha256(data).hexdigest()
    return vocabulary


def vocabulary_of(name: str, ranks: Mapping[bytes, int], rules: Rules) -> Vocabulary:
    """The vocabulary of tokens that merge in the order of their ranks; raises and costs as `import_vocabulary` does."""
    try:
        tokens = _by_id((rank, text) for text, rank in ranks.items())
        return _vocabulary(_Parts(tokens, ImpliedMerges(tokens), True, rules))
    except _UNREADABLE as error:
        raise VocabularyError(f"{name}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, LookupError):
        return f"it lacks the expected fields ({error})"
    return str(error) if isinstance(error, ValueError) else "it lacks the expected fields"


def _read(data: bytes, rules: Rules | None) -> _Parts:
    if not data.strip():
        raise ValueError("the file is empty")
    if other := other_file(data):
        raise ValueError(other)
    if not data.lstrip().startswith(b"{"):
        return _tiktoken(data, rules)
    try:
        body = json.loads(data.decode())
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if rules is not None:
        raise ValueError("it is no .tiktoken file and says itself how text is split: leave --like out")
    if body and all(isinstance(token, int) for token in body.values()):
        raise ValueError("it is a vocab.json, which has no merges: the tokenizer.json beside it has both")
    if "config" in body and "vocab" in body:
        return _tekken(body)
    if "model" in body:
        return _hugging_face(body)
    raise ValueError("it is neither a Tekken file nor a tokenizer.json")


def _vocabulary(parts: _Parts) -> Vocabulary:
    """The vocabulary of what a file has, its tokens by rank."""
    if any("\0" in regex for regex in parts.rules.regexes):
        raise ValueError("its split pattern has a null character, which separates patterns in a vocabulary file")
    longest = max(map(len, parts.tokens.values()), default=0)
    if longest > LONGEST:
        raise ValueError(f"a vocabulary file cannot hold a token of {longest:,} bytes")
    order = ranked(parts.tokens, parts.merges)
    ranks = {token: rank for rank, token in enumerate(order.ids)}
    empty = [token for token, text in parts.tokens.items() if not text]  # one at most
    wholes = [parts.tokens[token] for token in order.unmade] if parts.whole else []
    spares = [] if parts.whole else [parts.tokens[token] for token in order.unmade]
    about = Description("", parts.rules.regexes, parts.rules.normalization, sha256=tokens_sha256(parts.tokens))
    return Vocabulary(
        about,
        order.single_bytes,
        b"".join(ranks[half].to_bytes(3, "little") for halves in order.halves for half in halves),
        wholes,
        [*spares, *(b"" for _ in empty)],
        _runs([*order.ids, *order.unmade, *empty]),
        order.hasty,
        {text.encode(): token for text, token in parts.rules.specials.items() if token not in parts.tokens},
    )


def _runs(ids: list[int]) -> list[tuple[int, int]]:
    starts = [0, *(rank for rank in range(1, len(ids)) if ids[rank] != ids[rank - 1] + 1)]
    return [(rank, ids[rank]) for rank in starts]


def _tiktoken(data: bytes, rules: Rules | None) -> _Parts:
    if not data.isascii():
        hint = "a SentencePiece model cannot be added: name its file, as in ctxpack count --encoding ./FILE"
        raise ValueError(f"it is no .tiktoken file (which is ASCII), Tekken file or tokenizer.json ({hint})")
    lines = [(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
    try:
        _tiktoken_line(*lines[0])
    except ValueError as error:
        raise ValueError(f"it is no .tiktoken file ({error}), Tekken file or tokenizer.json") from None
    if rules is None:
        hint = "ctxpack vocab add NAME FILE --like ENCODING does"
        raise ValueError(f"a .tiktoken file does not say how text is split: {hint}")
    tokens = _by_id(_tiktoken_line(number, line) for number, line in lines)
    _check_gaps(tokens, set(rules.specials.values()))
    return _Parts(tokens, ImpliedMerges(tokens), True, rules)


def _tiktoken_line(number: int, line: bytes) -> tuple[int, bytes]:
    try:
        text, rank = line.split()
        if not rank.isdigit():
            raise ValueError
        # Whisper's file writes the empty token so.
        return int(rank), b"" if text == b"=" else b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"line {number} is not a token and its rank") from None


def _tekken(body: Mapping[str, Any]) -> _Parts:
    """Mistral's format: a rank's id comes after the special tokens, and ranks past the declared size are not used."""
    config = body["config"]
    regex = byte_level.text_in(config, "pattern")
    offset = int(config["default_num_special_tokens"])
    rows = body["vocab"][: int(config["default_vocab_size"]) - offset]
    tokens = _by_id((int(row["rank"]) + offset, b64decode(row["token_bytes"], validate=True)) for row in rows)
    listed = body.get("special_tokens")
    specials = _unlisted(offset) if listed is None else _listed(listed, tokens)
    _check_gaps(tokens, (), offset)
    if native_pattern((regex,)) is None:
        regex = translated(regex, FANCY_REGEX)
    return _Parts(tokens, ImpliedMerges(tokens), True, Rules((regex,), specials=specials))


def _listed(rows: Iterable[Mapping[str, Any]], tokens: Container[int]) -> dict[str, int]:
    specials = {byte_level.text_in(row, "token_str"): int(row["rank"]) for row in rows}
    taken = next((text for text, token in specials.items() if token in tokens), None)
    if taken is not None:
        raise ValueError(f"its special token {taken!r} has the id of another token")
    return specials


def _unlisted(count: int) -> dict[str, int]:
    """The special tokens of a Tekken file that is older than the list of them: those that the bundled one has."""
    specials = read_vocabulary(os.path.join(DATA, "tekken" + SUFFIX)).specials
    return {text.decode(): token for text, token in specials.items() if token < count}


def _by_id(rows: Iterable[tuple[int, bytes]]) -> dict[int, bytes]:
    tokens: dict[int, bytes] = {}
    for token, text in rows:
        if not 0 <= token <= LAST_ID:
            raise ValueError(f"rank {token} is none from 0 to {LAST_ID}")
        if token in tokens:
            raise ValueError(f"rank {token} appears twice")
        tokens[token] = text
    if len(set(tokens.values())) < len(tokens):
        raise ValueError("two ranks have the same token")
    return tokens


def _check_gaps(tokens: Mapping[int, bytes], specials: Container[int], first: int = 0) -> None:
    """Every rank from the first to the last must be a token or special. O(tokens), however large a rank is."""
    ranks = range(first, max(tokens, default=first))
    gap = next((rank for rank in ranks if rank not in tokens and rank not in specials), None)
    if gap is not None:
        raise ValueError(f"rank {gap} is missing")


def _hugging_face(body: Mapping[str, Any]) -> _Parts:
    """A tokenizer.json of byte-level BPE."""
    model = body["model"]
    byte_level.check_model(model)
    vocab: dict[str, int] = model["vocab"]
    listed = [byte_level.merge(vocab, merge) for merge in model["merges"]]
    letters = byte_level.alphabet()
    made = {result for _, _, result in listed} | {vocab[letter] for letter in letters if letter in vocab}
    if model.get("ignore_merges"):
        made |= {token for text, token in vocab.items() if byte_level.is_spelt_otherwise(text, letters)}
    normalization = byte_level.normalization(body.get("normalizer"))
    added = special_tokens(body.get("added_tokens") or (), vocab, made, bool(normalization))
    outside = set(added.values())
    tokens = {token: byte_level.from_letters(text, letters) for text, token in vocab.items() if token not in outside}
    rules = Rules(tuple(byte_level.regexes(body.get("pre_tokenizer"))), normalization, added)
    return _Parts(tokens, ListedMerges(listed), bool(model.get("ignore_merges")), rules)
