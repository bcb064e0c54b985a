"""The added tokens of a tokenizer.json, which become special tokens.

Hugging Face's library takes them out of every text. Here they are plain text unless they are allowed, so only what
nobody means as plain text is taken, and of that only what is found in the same places once it is allowed. Whatever else
there is is a ValueError that names the token.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ctxpack.tokens import byte_level

# What is written as a tag: <think>, [MASK], </dsml:, ]<]minimax[>[, <｜User｜>, ｜DSML｜, /nothink.
_TAG = re.compile(r"[<\[\]/|｜]\S*\w\S*")
_FLAGS = ("lstrip", "rstrip", "single_word")
_THEIRS = "Hugging Face's library"


def special_tokens(
    rows: Iterable[Mapping[str, Any]], vocab: Mapping[str, int], made: Collection[int], normalizes: bool
) -> dict[str, int]:
    """Text -> id of the added tokens.

    Args:
        rows: as in the file.
        vocab: the model's.
        made: ids of the tokens that plain text may become.
        normalizes: whether text is brought to NFC.
    """
    found: dict[str, int] = {}
    late: list[str] = []
    following = len(vocab)
    for row in rows:
        token, text = byte_level.id_in(row), byte_level.text_in(row, "content")
        theirs = found.get(text, vocab.get(text, following))
        problem = _problem_of_kind(row, text, normalizes) or _problem_of_id(token, theirs, made)
        if problem:
            raise ValueError(f"its added token {text!r} {problem}")
        found[text] = token
        following = max(following, token + 1)
        if row.get("normalized"):
            late.append(text)
    _refuse_overlaps(late, sorted(found.keys() - set(late)))
    return found


def _problem_of_kind(row: Mapping[str, Any], text: str, normalizes: bool) -> str:
    flag = next((name for name in _FLAGS if row.get(name)), "")
    if flag:
        return f"has {flag}, which special tokens do not have"
    if row.get("normalized") and normalizes:
        return "is looked for in text that was brought to NFC, which special tokens are not"
    if not row.get("special") and not _TAG.fullmatch(text):
        return f"is neither special nor written as a tag (<...>, [...]): {_THEIRS} takes it out of plain text"
    return ""


def _problem_of_id(token: int, theirs: int, made: Collection[int]) -> str:
    if token != theirs:
        return f"has the id {token}, where {_THEIRS} gives it {theirs}"
    if token in made:
        return "is also what plain text becomes"
    return ""


def _refuse_overlaps(late: Iterable[str], early: Sequence[str]) -> None:
    """Their library looks for what is looked for in normalized text after all others, here all are looked for at once:
    the same unless a late one begins in front of an early one that it overlaps.

    Args:
        late: what is looked for in normalized text.
        early: the others, sorted.
    """
    for text in late:
        ends = (text[at:] for at in range(1, len(text)))
        if any(one in text for one in early) or any(_begins_one(end, early) for end in ends):
            raise ValueError(f"its added token {text!r} overlaps one that {_THEIRS} looks for before it")


def _begins_one(text: str, texts: Sequence[str]) -> bool:
    """Whether one of the sorted texts begins with it."""
    at = bisect_left(texts, text)
    return at < len(texts) and texts[at].startswith(text)
