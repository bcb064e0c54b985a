"""Names that later turns refer to: paths, dotted, snake and camel names, and words or numbers with digits."""

import re
from collections.abc import Callable

_NAME = re.compile(
    r"[\w@~.-]*/[\w@~./-]*\w|\w+(?:[._]\w+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|\w*\d\w*",
    re.ASCII,
)
_SHORTEST = 5


def names(text: str, budget: int, count: Callable[[str], int]) -> str:
    """Distinct names in the order they first stand in a text, as many as fit a budget of tokens. O(characters)."""
    kept: list[str] = []
    spent = 0
    for name in dict.fromkeys(match[0] for match in _NAME.finditer(text) if len(match[0]) >= _SHORTEST):
        spent += count(" " + name)
        if spent > budget:
            break
        kept.append(name)
    return " ".join(kept)
