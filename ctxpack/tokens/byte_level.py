"""What a tokenizer.json of Hugging Face says of byte-level BPE: its merges, alphabet, normalizer and split pattern.

Whatever cannot be followed exactly is a ValueError.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ctxpack.tokens.constructs import ONIGURUMA, translated
from ctxpack.tokens.patterns import native_pattern
from ctxpack.tokens.vocabulary import LAST_ID

# What Hugging Face's ByteLevel splits by unless told otherwise.
GPT2_REGEX = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# What most other models were made of.
_SENTENCEPIECE = ": if its makers publish the SentencePiece model (tokenizer.model), take that file"
_DIGITS = {True: r"\p{N}", False: r"\p{N}+"}


def check_model(model: Mapping[str, Any]) -> None:
    """Refuses models of other kinds, and options that byte-level BPE does not have."""
    kind = model.get("type", "BPE")
    if kind != "BPE":
        raise ValueError(f"its model is {kind}, not byte-level BPE{_SENTENCEPIECE if kind == 'Unigram' else ''}")
    if model.get("byte_fallback"):
        raise ValueError(f"its model has byte_fallback, which byte-level BPE does not have{_SENTENCEPIECE}")
    for option in ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(option):
            raise ValueError(f"its model has {option}, which byte-level BPE does not have")
    ids = model["vocab"].values()
    if not all(type(token) is int and 0 <= token <= LAST_ID for token in ids):
        raise ValueError(f"the id of a token is no integer from 0 to {LAST_ID}")
    if len(set(ids)) < len(ids):
        raise ValueError("two tokens have one id")


def merge(vocab: Mapping[str, int], merge: str | list[str]) -> tuple[int, int, int]:
    """The ids of a merge: left, right, and what they make."""
    halves = merge.split(" ") if isinstance(merge, str) else merge
    if len(halves) != 2:
        raise ValueError("a merge is not of two tokens")
    left, right = halves
    if not {left, right, left + right} <= vocab.keys():
        raise ValueError("a merge makes no token of two tokens")
    return vocab[left], vocab[right], vocab[left + right]


def alphabet() -> dict[str, int]:
    """What stands for each byte in byte-level vocabularies: its letter where that can be seen, else U+0100 and on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = sorted(set(range(256)).difference(visible))
    return {chr(byte): byte for byte in visible} | {chr(0x100 + at): byte for at, byte in enumerate(hidden)}


def from_letters(text: str, letters: Mapping[str, int]) -> bytes:
    """The bytes that a token's letters stand for."""
    try:
        return bytes(map(letters.__getitem__, text))
    except KeyError:
        raise ValueError("it has a token that is not written in the byte-level alphabet") from None


def normalization(normalizer: Mapping[str, Any] | None) -> str:
    """ "NFC" or ""."""
    steps = _steps(normalizer, "normalizers")
    names = [step["type"] for step in steps]
    if names not in ([], ["NFC"]):
        raise ValueError(f"its normalizer {'+'.join(names)} is not known")
    return "".join(names)


def regexes(pre_tokenizer: Mapping[str, Any] | None) -> Iterable[str]:
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
    regex = _translated(text_in(pattern, "Regex")) if "Regex" in pattern else re.escape(text_in(pattern, "String"))
    behavior = step["behavior"]
    if behavior not in ("Isolated", "Removed"):
        raise ValueError(f"its pre-tokenizer splits as {behavior}, which is not supported")
    # Isolating what lies between the matches isolates the matches, too. Removing it changes nothing if nothing ever
    # does, as in the patterns that we know.
    if behavior == "Removed" and not (step["invert"] and native_pattern((regex,))):
        raise ValueError(f"its pre-tokenizer splits as {behavior}, which is not known to lose no text")
    return regex


def is_spelt_otherwise(text: str, letters: Mapping[str, int]) -> bool:
    """Whether these are the letters of another text."""
    return all(letter in letters for letter in text) and from_letters(text, letters) != text.encode()


def id_in(row: Mapping[str, Any]) -> int:
    """The id of an added token, which their library takes as a whole number only."""
    token = row["id"]
    if not isinstance(token, int) or not 0 <= token <= LAST_ID:
        raise ValueError(f"the id of an added token is no whole number from 0 to {LAST_ID}")
    return token


def text_in(row: Mapping[str, Any], field: str) -> str:
    """The text in a field, which a vocabulary file can hold."""
    text = row[field]
    if not isinstance(text, str):
        raise ValueError(f"its {field} is no text")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"its {field} has a lone surrogate")
    return text


def _translated(regex: str) -> str:
    """Those that the core knows mean what they do in `regex`, but cl100k_base's: {1,3}+ is another thing there."""
    return regex if native_pattern((regex,)) and "}+" not in regex else translated(regex, ONIGURUMA)


def _steps(value: Mapping[str, Any] | None, several: str) -> list[Mapping[str, Any]]:
    """The steps of a normalizer or pre-tokenizer, out of all sequences."""
    if value is None:
        return []
    if value["type"] != "Sequence":
        return [value]
    return [step for part in value[several] for step in _steps(part, several)]
