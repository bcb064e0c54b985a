"""Reads vocabularies from files that others made: .tiktoken, Tekken and Hugging Face's tokenizer.json.

What cannot be followed exactly is refused: an encoding counts as the file's own library does, or it is not made.
"""

import hashlib
import json
import os
import re
from base64 import b64decode
from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from ctxpack.errors import VocabularyError
from ctxpack.tokens.patterns import native_pattern
from ctxpack.tokens.ranking import ImpliedMerges, ListedMerges, Merges, ranked
from ctxpack.tokens.vocabulary import Description, Vocabulary, tokens_sha256

# What Hugging Face's ByteLevel splits by unless told otherwise.
GPT2_REGEX = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# What reading raises where a file is damaged.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
_DIGITS = {True: r"\p{N}", False: r"\p{N}+"}


class Rules(NamedTuple):
    """What a .tiktoken file leaves open.

    Attributes:
        regexes: the split pattern.
        normalization: "NFC" or "".
        specials: id -> text of the special tokens.
    """

    regexes: tuple[str, ...]
    normalization: str = ""
    specials: Mapping[int, str] = {}


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
        rules: of a .tiktoken file, how it splits text; other files say so themselves.
        licence: what to note as the licence of the data.
        source: what to note as their source, by default the file's name.

    Raises:
        VocabularyError: the file cannot be read, is damaged, or asks for what the core cannot do exactly.

    Complexity: O(bytes), some 10 us a token.
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
        return f"it has not the expected fields ({error})"
    return str(error) if isinstance(error, ValueError) else "it has not the expected fields"


def _read(data: bytes, rules: Rules | None) -> _Parts:
    if not data.lstrip().startswith(b"{"):
        return _tiktoken(data, rules)
    body = json.loads(data)
    if "config" in body and "vocab" in body:
        return _tekken(body)
    if "model" in body:
        return _hugging_face(body)
    raise ValueError("it is neither a Tekken file nor a tokenizer.json")


def _vocabulary(parts: _Parts) -> Vocabulary:
    """The same by rank."""
    order = ranked(parts.tokens, parts.merges)
    ranks = {token: rank for rank, token in enumerate(order.ids)}
    unmade = [parts.tokens[token] for token in order.unmade]
    about = Description("", parts.rules.regexes, parts.rules.normalization, sha256=tokens_sha256(parts.tokens))
    return Vocabulary(
        about,
        b"".join(parts.tokens[token] for token in order.ids[:256]),
        b"".join(ranks[half].to_bytes(3, "little") for halves in order.halves for half in halves),
        unmade if parts.whole else [],
        [] if parts.whole else unmade,
        _runs([*order.ids, *order.unmade]),
        order.hasty,
        {token: text.encode() for token, text in parts.rules.specials.items() if token not in parts.tokens},
    )


def _runs(ids: list[int]) -> list[tuple[int, int]]:
    starts = [0, *(rank for rank in range(1, len(ids)) if ids[rank] != ids[rank - 1] + 1)]
    return [(rank, ids[rank]) for rank in starts]


def _tiktoken(data: bytes, rules: Rules | None) -> _Parts:
    if not data.isascii():
        raise ValueError("it is no .tiktoken file, which is ASCII (load_sentencepiece reads SentencePiece models)")
    if rules is None:
        raise ValueError("a .tiktoken file does not say how text is split: name an encoding that splits alike")
    tokens = _by_id(_tiktoken_line(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip())
    _check_gaps(tokens, rules.specials)
    return _Parts(tokens, ImpliedMerges(tokens), True, rules)


def _tiktoken_line(number: int, line: bytes) -> tuple[int, bytes]:
    try:
        text, rank = line.split()
        if not rank.isdigit():
            raise ValueError
        return int(rank), b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"line {number} is not a token and its rank") from None


def _tekken(body: Mapping[str, Any]) -> _Parts:
    """Mistral's format: a rank's id comes behind the special tokens, and ranks past the declared size are not used."""
    config = body["config"]
    if not isinstance(config["pattern"], str):
        raise ValueError("its pattern is no text")
    offset = int(config["default_num_special_tokens"])
    rows = body["vocab"][: int(config["default_vocab_size"]) - offset]
    tokens = _by_id((int(row["rank"]) + offset, b64decode(row["token_bytes"], validate=True)) for row in rows)
    specials = {int(row["rank"]): str(row["token_str"]) for row in body.get("special_tokens") or ()}
    _check_gaps(tokens, (), offset)
    return _Parts(tokens, ImpliedMerges(tokens), True, Rules((config["pattern"],), specials=specials))


def _by_id(rows: Iterable[tuple[int, bytes]]) -> dict[int, bytes]:
    tokens: dict[int, bytes] = {}
    for token, text in rows:
        if token in tokens:
            raise ValueError(f"rank {token} is there twice")
        if not text:
            raise ValueError(f"token {token} is empty")
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
    _check_model(model)
    vocab: dict[str, int] = model["vocab"]
    listed = [_merge(vocab, merge) for merge in model["merges"]]
    added = {int(row["id"]): str(row["content"]) for row in body.get("added_tokens") or ()}
    outside = added.keys() - {made for _, _, made in listed}
    alphabet = _byte_alphabet()
    tokens = {token: _from_letters(text, alphabet) for text, token in vocab.items() if token not in outside}
    rules = Rules(tuple(_regexes(body["pre_tokenizer"])), _normalization(body["normalizer"]), added)
    return _Parts(tokens, ListedMerges(listed), bool(model.get("ignore_merges")), rules)


def _check_model(model: Mapping[str, Any]) -> None:
    if model.get("type", "BPE") != "BPE":
        raise ValueError(f"its model is {model['type']}, not byte-level BPE")
    for option in ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"):
        if model.get(option):
            raise ValueError(f"its model has {option}, which byte-level BPE has not")


def _merge(vocab: Mapping[str, int], merge: str | list[str]) -> tuple[int, int, int]:
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    if not {left, right, left + right} <= vocab.keys():
        raise ValueError("a merge makes no token of two tokens")
    return vocab[left], vocab[right], vocab[left + right]


def _byte_alphabet() -> dict[str, int]:
    """What stands for each byte in byte-level vocabularies: its letter where that can be seen, else U+0100 and on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = sorted(set(range(256)).difference(visible))
    return {chr(byte): byte for byte in visible} | {chr(0x100 + at): byte for at, byte in enumerate(hidden)}


def _from_letters(text: str, alphabet: Mapping[str, int]) -> bytes:
    try:
        return bytes(map(alphabet.__getitem__, text))
    except KeyError:
        raise ValueError("it has a token that is not written in the byte-level alphabet") from None


def _normalization(normalizer: Mapping[str, Any] | None) -> str:
    steps = _steps(normalizer, "normalizers")
    names = [step["type"] for step in steps]
    if names not in ([], ["NFC"]):
        raise ValueError(f"its normalizer {'+'.join(names)} is not known")
    return "".join(names)


def _regexes(pre_tokenizer: Mapping[str, Any] | None) -> Iterable[str]:
    """The regexes of the steps; the last step must be ByteLevel, which makes bytes of the pieces."""
    steps = _steps(pre_tokenizer, "pretokenizers")
    if not steps or steps[-1]["type"] != "ByteLevel":
        raise ValueError("its pre-tokenizer does not end with ByteLevel")
    if steps[-1].get("add_prefix_space"):
        raise ValueError("its pre-tokenizer adds a space in front")
    for step in steps[:-1]:
        yield _regex(step)
    if steps[-1].get("use_regex", True):
        yield GPT2_REGEX


def _regex(step: Mapping[str, Any]) -> str:
    if step["type"] == "Digits":
        return _DIGITS[bool(step.get("individual_digits"))]
    if step["type"] != "Split":
        raise ValueError(f"its pre-tokenizer step {step['type']} is not known")
    pattern = step["pattern"]
    regex = str(pattern["Regex"]) if "Regex" in pattern else re.escape(pattern["String"])
    kind = (step["behavior"], bool(step["invert"]))
    # Removing what lies between the matches changes nothing if nothing ever does, as in the patterns that we know.
    if kind != ("Isolated", False) and not (kind == ("Removed", True) and native_pattern((regex,))):
        raise ValueError(f"its pre-tokenizer splits as {step['behavior']}, which is not known to lose no text")
    return regex


def _steps(value: Mapping[str, Any] | None, several: str) -> list[Mapping[str, Any]]:
    """The steps of a normalizer or pre-tokenizer, out of all sequences."""
    if value is None:
        return []
    if value["type"] != "Sequence":
        return [value]
    return [step for part in value[several] for step in _steps(part, several)]
