"""Names of what was cut: cheap to keep, and later turns refer to them."""

from collections.abc import Callable, Collection

from ctxpack._native.text import names_in


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
