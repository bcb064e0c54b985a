"""Split patterns as the libraries of vocabularies read them, written for the `regex` package.

Libraries read some constructs in other ways: what is known to mean the same is taken as it is, what can be written so
that it does is, and all else is a ValueError that names the construct.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn


class Library(NamedTuple):
    """What a library reads in its own way.

    Attributes:
        name: of the library.
        escapes: what stands for an escape.
        set_escapes: the same inside sets.
        classes: what stands for [:name:] inside sets.
        anchors: what stands for ^ and $.
        repeats: whether {1,2}+ repeats {1,2}, in place of giving nothing back.
    """

    name: str
    escapes: Mapping[str, str]
    set_escapes: Mapping[str, str]
    classes: Mapping[str, str]
    anchors: Mapping[str, str]
    repeats: bool


_HEX, _JOINERS = "0-9A-Fa-f", r"[\u200c\u200d]"
_SAME = {char: "\\" + char for char in "sSdDrntfva"}
_BOTH = _SAME | {"h": f"[{_HEX}]", "H": f"[^{_HEX}]", "A": r"\A", "z": r"\Z"}
_ALIKE = {name: f"[:{name}:]" for name in ("alpha", "upper", "lower", "space", "blank", "cntrl", "xdigit")}
# Found by asking the library about every code point: \w knows fractions and powers of Latin-1 outside of sets only.
_WORD = rf"[\w\u00b2\u00b3\u00b9\u00bc-\u00be]--{_JOINERS}"
ONIGURUMA = Library(
    "Hugging Face's library",
    _BOTH | {"w": f"[{_WORD}]", "W": f"[^{_WORD}]", "Z": r"(?=\n?\Z)"},
    _SAME | {"h": _HEX, "w": rf"[\w--{_JOINERS}]", "W": rf"[^\w--{_JOINERS}]"},
    _ALIKE | {"digit": r"\d", "alnum": r"[:alpha:]\d"},
    {"^": r"(?:\A|(?<=\n)(?!\Z))", "$": "(?m:$)"},
    True,
)
FANCY_REGEX = Library(
    "tiktoken",
    _BOTH | {char: "\\" + char for char in "wWbB"} | {"Z": r"(?=\n*\Z)"},
    _SAME | {"h": _HEX, "w": r"\w", "W": r"\W"},
    {
        "alpha": "A-Za-z",
        "digit": "0-9",
        "alnum": "0-9A-Za-z",
        "upper": "A-Z",
        "lower": "a-z",
        "space": r"\t-\r ",
        "blank": r"\t ",
        "punct": r"!-/:-@\[-`{-\~",
        "xdigit": _HEX,
    },
    {"^": r"\A", "$": r"\Z"},
    False,
)

_CATEGORIES = "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf"
_SCRIPTS = "Han Hiragana Katakana Hangul Latin Greek Cyrillic Arabic Thai"
_PROPERTIES = {*_CATEGORIES.split(), *_SCRIPTS.split()}
_QUANTIFIER = re.compile(r"([*+?]|\{(\d+)(,?)(\d*)\})([+?]?)")
_CHARACTER = re.compile(r"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[^\w\s<>`]| )|[^\\]", re.ASCII | re.DOTALL)
_CLASS = re.compile(r"\[:(\w*):\]")
_PROPERTY = re.compile(r"\\[pP]\{(\w+)\}")
# Where case does not count, some libraries take one character for these, as ß for ss, or U+0130 for i.
_LIGATURES = {"ss", "st", "ff", "fl"}
_DOTTED = "i"


def translated(regex: str, library: Library) -> str:
    """The pattern for the `regex` package, version 1."""
    try:
        return _Reader(regex, library).whole()
    except RecursionError:
        raise ValueError("its split pattern cannot be compiled: it is nested too deep") from None


class _Reader:
    """Reads a pattern from left to right. What reads a part returns it translated, and whether it may match nothing."""

    def __init__(self, text: str, library: Library) -> None:
        self._text = text
        self._library = library
        self._at = 0
        self._behind = False  # inside (?<= or (?<!
        self._folds = False  # inside (?i:
        self._folded = -1  # where the last (?i:) ended
        self._letter = ""  # the last one inside (?i:

    def whole(self) -> str:
        text, _ = self._alternatives()
        if self._at < len(self._text):
            raise ValueError("its split pattern cannot be compiled: missing (")
        return text

    def _refuse(self, construct: str) -> NoReturn:
        name = self._library.name
        raise ValueError(f"its split pattern has {construct}, which is not known to mean the same as in {name}")

    def _next(self, text: str) -> bool:
        """Goes past the text if that comes next."""
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _alternatives(self) -> tuple[str, bool]:
        parts = [self._sequence()]
        while self._next("|"):
            parts.append(self._sequence())
        return "|".join(text for text, _ in parts), any(empty for _, empty in parts)

    def _sequence(self) -> tuple[str, bool]:
        parts, all_empty = [], True
        self._letter = ""
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            text, empty = self._quantified(*self._atom())
            parts.append(text)
            all_empty &= empty
        return "".join(parts), all_empty

    def _quantified(self, text: str, empty: bool) -> tuple[str, bool]:
        found = _QUANTIFIER.match(self._text, self._at)
        if found is None:
            return text, empty
        self._at = found.end()
        count, least, comma, most, suffix = found.groups()
        if self._behind:
            self._refuse(f"{found[0]} inside (?<= or (?<!")
        if empty and count != "?":
            self._refuse(f"{found[0]} after what may match nothing")
        if self._text[self._at : self._at + 1] in tuple("*+?{") or (most and int(most) < int(least)):
            self._refuse(f"the quantifier {self._text[found.start() : self._at + 1]}")
        optional = empty or count in "*?" or least == "0"
        if self._library.repeats and least and suffix and (suffix == "+" or not comma):
            if optional:
                self._refuse(f"the quantifier {found[0]}")
            return f"(?:{text}{count}){suffix}", suffix == "?"
        return text + found[0], optional

    def _atom(self) -> tuple[str, bool]:
        char = self._text[self._at]
        if char == "(":
            return self._group()
        if char == "[":
            return self._set(), False
        if char in self._library.anchors:
            self._at += 1
            return self._library.anchors[char], True
        if char in "*+?{":
            self._refuse(f"{char} after nothing")
        escaped = self._escape(self._library.escapes)
        if escaped:
            return escaped, escaped[:3] in ("(?=", r"\A", r"\Z", r"\b", r"\B")
        return self._character(), False

    def _group(self) -> tuple[str, bool]:
        start = self._at
        head = next((head for head in ("(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:") if self._next(head)), "(")
        if head == "(":
            self._at += 1
            if self._text[self._at : self._at + 1] in ("?", "*"):
                self._refuse(f"the group {self._text[start : start + 4]}")
        folds, behind = self._folds, self._behind
        if folds or (head == "(?i:" and start == self._folded):
            self._refuse(f"{head} inside or right after (?i:")
        self._folds, self._behind = head == "(?i:", behind or head in ("(?<=", "(?<!")
        text, empty = self._alternatives()
        if not self._next(")"):
            raise ValueError("its split pattern cannot be compiled: missing )")
        self._folded = self._at if self._folds else self._folded
        self._folds, self._behind = folds, behind
        return f"{head}{text})", empty or head[2:3] in ("=", "!", "<")

    def _set(self) -> str:
        self._at += 1
        parts = ["[^" if self._next("^") else "["]
        if self._text.startswith("]", self._at):
            self._refuse("] at the start of a set")
        while not self._next("]"):
            if self._at >= len(self._text):
                raise ValueError("its split pattern cannot be compiled: unterminated character set")
            parts.append(self._part_of_set(first=len(parts) == 1))
        # `regex` takes [^a]|[^b] for [^ab]; written as [^aa] it does not.
        twice = parts[1:] if parts[0] == "[^" and len(parts) == 2 and _CHARACTER.fullmatch(parts[1]) else []
        return "".join([*parts, *twice, "]"])

    def _part_of_set(self, first: bool) -> str:
        if found := _CLASS.match(self._text, self._at):
            self._at = found.end()
            if found[1] not in self._library.classes or self._folds:
                self._refuse(found[0])
            return self._library.classes[found[1]]
        if self._text.startswith("[", self._at):
            return self._set()
        two = self._text[self._at : self._at + 2]
        if two == "&&" and not first and self._text[self._at + 2 : self._at + 3] not in ("]", "&", "-"):
            self._at += 2
            return two
        if two in ("&&", "--", "~~", "||") or (two[0] == "-" and not first and two != "-]"):
            self._refuse(f"{two} in a set")
        return self._escape(self._library.set_escapes) or self._range()

    def _range(self) -> str:
        low = self._character()
        self._letter = ""
        if self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at):
            self._at += 1
            if self._folds or self._text[self._at : self._at + 1] in ("[", "-"):
                self._refuse(
                    f"the range {low}-{self._text[self._at : self._at + 1]}{' inside (?i:' if self._folds else ''}"
                )
            low += "-" + self._character()
            self._letter = ""
        return low

    def _escape(self, known: Mapping[str, str]) -> str:
        """A property or an escape of the table; "" where none comes next."""
        if found := _PROPERTY.match(self._text, self._at):
            if found[1] not in _PROPERTIES or self._folds:
                self._refuse(found[0])
            self._at = found.end()
            return found[0]
        escape = self._text[self._at : self._at + 2]
        if escape[0] != "\\" or escape[1:] not in known:
            return ""
        if self._folds and known[escape[1]] != escape:
            self._refuse(f"{escape} inside (?i:")
        self._at += 2
        return known[escape[1]]

    def _character(self) -> str:
        found = _CHARACTER.match(self._text, self._at)
        if found is None:
            self._refuse(f"the escape {self._text[self._at : self._at + 2]}")
        self._at = found.end()
        if self._folds:
            letter = found[0].lower()
            known = letter.isascii() and letter != _DOTTED and letter[1:2] not in ("x", "u")
            if not known or self._letter + letter in _LIGATURES:
                self._refuse(f"{self._letter}{found[0]} inside (?i:")
            self._letter = letter
        return found[0]
