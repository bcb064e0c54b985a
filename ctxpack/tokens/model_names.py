"""Names of models: what sellers write around them, by a dated data file, and the patterns that cover them."""

import os
import re
from functools import cache
from typing import NamedTuple

# As long as the longest resource name at Bedrock; also bounds the time that expressions take.
_LONGEST = 2048
# Signs of patterns. `*` stands for no white space and no wildcards: what holds those is a slip or a pattern, no model.
_SIGNS = {"*": "[a-z0-9._:@+-]*", "#": r"[0-9]+(?:\.[0-9]+)?", "{": "(?:", ",": "|", "}": ")"}
# Groups of endings, such as {,-*}: many, and of no use to somebody who looks for a name.
_ENDINGS = re.compile(r"(?:\{,[^{}]*\})+$")
_NUMBER = re.compile(r"\d+")
_CHOICE = re.compile(r"\{([^{}]*)\}")


class ModelForm(NamedTuple):
    """One row of model_forms.json: something that sellers write around a model's name.

    Attributes:
        match: regular expression of what is replaced, in small letters.
        put: what is put in its place.
        what: what it is, with an example.
        source: where the row comes from.
        as_of: date of the source.
    """

    match: str
    put: str
    what: str
    source: str
    as_of: str


def plain_name(model: str) -> str:
    """A model's name in small letters, without what sellers write around it; empty where it can be no name."""
    if len(model) > _LONGEST or not model.isascii():
        return ""
    name = model.lower()
    for form in model_forms():
        name = re.sub(form.match, form.put, name)
    return name


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


@cache
def model_forms() -> list[ModelForm]:
    """The rows of the data file, in the order in which they are applied."""
    import json  # not needed to count by encoding, and not free to import

    with open(os.path.join(os.path.dirname(__file__), "model_forms.json"), encoding="utf-8") as file:
        return [ModelForm(**row) for row in json.load(file)]
