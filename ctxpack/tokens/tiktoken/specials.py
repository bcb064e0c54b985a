"""Special tokens as tiktoken takes them: allowed, or disallowed with the same words."""

import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Literal, NoReturn

Text = str | bytes | bytearray | memoryview
Allowed = Literal["all"] | AbstractSet[str]
Disallowed = Literal["all"] | Collection[str] | None


def is_default(allowed: Allowed, disallowed: Disallowed) -> bool:
    """Whether all special tokens are disallowed, which the core looks for faster than anything here."""
    return disallowed == "all" and allowed == frozenset()


def allowed_specials(
    known: AbstractSet[str], texts: Sequence[Text], allowed: Allowed, disallowed: Disallowed
) -> AbstractSet[str] | Literal["allow"]:
    """The special tokens that are allowed, for the core, once the texts are known to have nothing that is disallowed.

    tiktoken looks only for what is disallowed if that is true, so that None stands for nothing.

    Raises:
        ValueError: a text has something that is disallowed; in tiktoken's words.
    """
    wanted = known if allowed == "all" else allowed
    unwanted = known - wanted if disallowed == "all" else frozenset(disallowed or ())
    if unwanted:
        search = _any_of(frozenset(unwanted)).search
        for text in texts:
            if found := search(readable(text)):
                raise_disallowed_special_token(found.group())
    return "allow" if allowed == "all" else known & wanted


def bytes_of(text: Text) -> bytes | bytearray | memoryview:
    return text.encode() if isinstance(text, str) else text


def readable(text: Text) -> str:
    return text if isinstance(text, str) else bytes(text).decode("utf-8", "replace")


def after_specials(text: str, specials: Iterable[str]) -> str:
    """What is after the last special token of a text."""
    tokens = frozenset(specials)
    return _any_of(tokens).split(text)[-1] if tokens else text


@lru_cache(128)
def _any_of(tokens: frozenset[str]) -> re.Pattern[str]:
    """Finds the first one, of several at one place the longest, as the core does.

    Compiled anew each time, a thousand tokens would take longer than a megabyte is searched for them.
    """
    return re.compile("|".join(map(re.escape, sorted(tokens, reverse=True))))


def raise_disallowed_special_token(token: str) -> NoReturn:
    """Raises the ValueError of tiktoken's that names a special token which a text may not have."""
    raise ValueError(
        f"Encountered text corresponding to disallowed special token {token!r}.\n"
        "If you want this text to be encoded as a special token, "
        f"pass it to `allowed_special`, e.g. `allowed_special={{{token!r}, ...}}`.\n"
        f"If you want this text to be encoded as normal text, disable the check for this token "
        f"by passing `disallowed_special=(enc.special_tokens_set - {{{token!r}}})`.\n"
        "To disable this check for all special tokens, pass `disallowed_special=()`.\n"
    )
