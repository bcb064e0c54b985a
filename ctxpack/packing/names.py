"""Names that later turns refer to: paths, dotted, snake and camel names, and words or numbers with digits."""

import re
from collections.abc import Callable, Collection, Iterator

_NAME = re.compile(
    r"[\w@~.-]*/[\w@~./-]*\w|\w+(?:[._]\w+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|\w*\d\w*",
    re.ASCII,
)
# What names stand in. Longer runs are data, not names, and the pattern above is quadratic in their length.
_WORD = re.compile(r"[\w@~./-]+", re.ASCII)
_SHORTEST = 5
_LONGEST = 200


def names(text: str, budget: int, count: Callable[[str], int], known: Collection[str] = ()) -> str:
    """Distinct names in the order they first stand in a text, as many as fit a budget of tokens. O(characters).

    Args:
        text: where they stand.
        budget: tokens they may have together.
        count: tokens of a text.
        known: names to leave out, because the reader sees them elsewhere; or a text that shows them.
    """
    kept: list[str] = []
    spent = 0
    for name in dict.fromkeys(names_in(text)):
        if name in known:
            continue
        spent += count(" " + name)
        if spent > budget:
            break
        kept.append(name)
    return " ".join(kept)


def names_in(text: str) -> Iterator[str]:
    """Every name in a text, in order, also more than once. O(characters)."""
    for word in _WORD.finditer(text):
        if _SHORTEST <= len(word[0]) <= _LONGEST:
            yield from (name[0] for name in _NAME.finditer(word[0]) if len(name[0]) >= _SHORTEST)
