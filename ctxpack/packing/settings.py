"""Settings: checks of the values that a policy and a session are made with."""

from collections.abc import Mapping, Sequence
from math import inf

from ctxpack.errors import PolicyError
from ctxpack.providers import Price


def check_whole(settings: object, least: int, *names: str) -> None:
    """Checks that attributes are whole numbers.

    Args:
        settings: has them.
        least: smallest number allowed.
        names: the attributes'.

    Raises:
        PolicyError: one is not, or less.
    """
    for name in names:
        value = getattr(settings, name)
        if not is_whole(value, least):
            raise PolicyError(f"{name} is a whole number of at least {least}, not {value!r}")


def check_number(settings: object, most: float, *names: str) -> None:
    """Checks that attributes are finite numbers from 0 to `most`.

    Raises:
        PolicyError: one is not.
    """
    for name in names:
        value = getattr(settings, name)
        if not is_number(value) or not 0 <= value <= most:
            upto = "that is not negative" if most == inf else f"from 0 to {most:g}"
            raise PolicyError(f"{name} is a finite number {upto}, not {value!r}")


def check_kind(settings: object, kind: type, name: str) -> None:
    """Checks that an attribute is of a type, or None.

    Raises:
        PolicyError: it is neither.
    """
    value = getattr(settings, name)
    if value is not None and not isinstance(value, kind):
        raise PolicyError(f"{name} is {kind.__name__}(...) or None, not {value!r}")


def checked_price(price: Price | None) -> Price | None:
    """A price of the caller's own, or None for the published one.

    Raises:
        PolicyError: it is no Price, or one of its numbers is negative or none.
    """
    if price is None:
        return None
    if not isinstance(price, Price):
        raise PolicyError(f"a price is a Price(input=..., output=...), not {type(price).__name__}")
    optional = ("cache_read", "cache_write", "cache_write_long")
    check_number(price, inf, "input", "output", *(name for name in optional if getattr(price, name) is not None))
    return price


def is_whole(value: object, least: int) -> bool:
    """Whether a value is a whole number of at least `least`; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_number(value: object) -> bool:
    """Whether a value is a finite number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -inf < value < inf


def pairs(tools: Mapping[str, int] | Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """(name, tokens) of each tool in order, given as a mapping, a tuple or a list.

    Raises:
        PolicyError: they are not that.
    """
    found = tuple(tools.items()) if isinstance(tools, Mapping) else tools
    if not isinstance(found, tuple | list) or not all(map(_is_limit, found)):
        raise PolicyError(f'tools is a mapping {{"search_*": 2000}}, or a tuple of such pairs, not {tools!r}')
    return tuple(found)


def names_of(pins: tuple[str, ...]) -> tuple[str, ...]:
    """Names of pinned tools, given as a tuple or a list.

    Raises:
        PolicyError: they are not that.
    """
    if not isinstance(pins, tuple | list) or not all(isinstance(name, str) for name in pins):
        raise PolicyError(f"pins is a tuple of names, not {pins!r}")
    return tuple(pins)


def _is_limit(pair: object) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str) and is_whole(pair[1], 1)
