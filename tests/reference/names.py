"""Names in a text by regular expressions, as a reference for the native scanner."""

import re
from collections.abc import Iterator

_NAME = re.compile(
    r"[\w@~.-]*/[\w@~./-]*\w|\w+(?:[._]\w+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|\w*\d\w*",
    re.ASCII,
)
_WORD = re.compile(r"[\w@~./-]+", re.ASCII)


def names_in(text: str) -> Iterator[str]:
    for word in _WORD.finditer(text):
        if 5 <= len(word[0]) <= 200:
            yield from (name[0] for name in _NAME.finditer(word[0]) if len(name[0]) >= 5)
