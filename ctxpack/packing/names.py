"""Names of what was cut: cheap to keep, and later turns refer to them."""

from collections.abc import Callable, Collection, Iterable, Iterator

from ctxpack._native.text import names_in


def names(text: str, budget: int, count: Callable[[str], int], known: Collection[str] = ()) -> str:
    """Distinct names in the order they first stand in a text: of as many as fit a budget of tokens, the shortest.

    One is referred to as often as another, and the first ones of a long text are all of one corner of it.
    O(characters), and O(n log n) in names.

    Args:
        text: where they stand.
        budget: tokens they may have together.
        count: tokens of a text.
        known: names to leave out, because the reader sees them elsewhere; or a text that shows them.
    """
    found = list(_distinct(text, known))
    kept = {*_fitting(sorted(found, key=len), budget, count)}
    return " ".join(name for name in found if name in kept)


def first_names(text: str, budget: int, count: Callable[[str], int], known: Collection[str] = ()) -> str:
    """As `names`, but the first ones of a text in which what matters most stands first. O(characters)."""
    return " ".join(_fitting(_distinct(text, known), budget, count))


def _distinct(text: str, known: Collection[str]) -> Iterator[str]:
    return (name for name in dict.fromkeys(names_in(text)) if name not in known)


def _fitting(found: Iterable[str], budget: int, count: Callable[[str], int]) -> Iterator[str]:
    """Names from the front as long as they fit a budget; no more than one behind them is looked at."""
    for name in found:
        budget -= count(" " + name)
        if budget < 0:
            return
        yield name
