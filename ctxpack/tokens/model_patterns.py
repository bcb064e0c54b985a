"""Patterns that cover names of models."""

import re

# Signs of patterns. `*` stands for no white space and no wildcards: what holds those is a slip or a pattern, no model.
_SIGNS = {"*": "[a-z0-9._:@+-]*", "#": r"[0-9]+(?:\.[0-9]+)?", "{": "(?:", ",": "|", "}": ")"}
# Groups of endings, such as {,-*}: many, and of no use to somebody who looks for a name.
_ENDINGS = re.compile(r"(?:\{,[^{}]*\})+$")
_NUMBER = re.compile(r"\d+")
_CHOICE = re.compile(r"\{([^{}]*)\}")


def expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Matches, as a whole, every name that one of the patterns covers.

    >>> bool(expression(("qwen{2,3}-#b{,-*}",)).fullmatch("qwen2-0.5b-instruct"))
    True
    """
    return re.compile("|".join("".join(_SIGNS.get(sign) or re.escape(sign) for sign in each) for each in patterns))


def spellings(pattern: str) -> list[str]:
    """The names of a pattern, without endings.

    >>> spellings("gpt-{4,5}{,-*}")
    ['gpt-4', 'gpt-5']
    """
    pattern = _ENDINGS.sub("", pattern)
    choice = _CHOICE.search(pattern)
    if not choice:
        return [pattern]
    before, after = pattern[: choice.start()], pattern[choice.end() :]
    return [name for part in choice[1].split(",") for name in spellings(before + part + after)]


def same_numbers(name: str, other: str) -> bool:
    """Whether two names differ in letters and signs only."""
    return _NUMBER.findall(name) == _NUMBER.findall(other)
