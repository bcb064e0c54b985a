"""Special tokens as tiktoken takes them: allowed, or disallowed with the same words."""

import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, NoReturn

Text = str | bytes | bytearray | memoryview
Allowed = Literal["all"] | AbstractSet[str]
Disallowed = Literal["all"] | Collection[str] | None


def allowed_specials(
    known: AbstractSet[str], texts: Sequence[Text], allowed: Allowed, disallowed: Disallowed
) -> AbstractSet[str]:
    """The special tokens that are allowed, once the texts are known to have nothing that is disallowed.

    tiktoken looks only for what is disallowed if that is true, so that None stands for nothing.

    Raises:
        ValueError: a text has something that is disallowed; in tiktoken's words.
    """
    wanted = known if allowed == "all" else allowed
    unwanted = known - wanted if disallowed == "all" else set(disallowed or ())
    for text in texts:
        _refuse(readable(text), unwanted)
    return known & wanted


def readable(text: Text) -> str:
    return text if isinstance(text, str) else bytes(text).decode("utf-8", "replace")


def after_specials(text: str, specials: Iterable[str]) -> str:
    """What is after the last special token of a text."""
    pattern = "|".join(map(re.escape, specials))
    return re.split(pattern, text)[-1] if pattern else text


def _refuse(text: str, unwanted: AbstractSet[str]) -> None:
    found = [(text.index(token), token) for token in unwanted if token in text]
    if found:
        _raise_disallowed(min(found)[1])


def _raise_disallowed(token: str) -> NoReturn:
    """What tiktoken says."""
    raise ValueError(
        f"Encountered text corresponding to disallowed special token {token!r}.\n"
        "If you want this text to be encoded as a special token, "
        f"pass it to `allowed_special`, e.g. `allowed_special={{{token!r}, ...}}`.\n"
        f"If you want this text to be encoded as normal text, disable the check for this token "
        f"by passing `disallowed_special=(enc.special_tokens_set - {{{token!r}}})`.\n"
        "To disable this check for all special tokens, pass `disallowed_special=()`.\n"
    )
