"""Writes the tables of csrc/unicode. Run: python tools/build_unicode.py (needs tiktoken).

class_table.inc has the character classes that split patterns tell apart, nfc_table.inc what tells texts in NFC.

The source of truth for the classes is the regex engine inside tiktoken, because its idea of \\p{L} and \\s is what must
be equalled. Each class is asked for with an encoding that has one token per byte and whose pattern is that class: what
the pattern does not match is dropped, so that decoding gives back exactly the matched characters. The source of truth
for NFC is Python's unicodedata, of any version: a character that is not assigned in it is doubtful, and so is a mark
that was not assigned in Unicode 9, for Hugging Face's tokenizers does not know it.
"""

import contextlib
import unicodedata
from pathlib import Path

import tiktoken

TARGET = Path(__file__).parents[1] / "csrc" / "unicode"
BLOCK = 128
# Kinds of characters for NFC, beside the ranks of combining classes; see csrc/unicode/nfc_kinds.hpp.
JOINING, DOUBTFUL = 0x40, 0x7F
JAMO = range(0x1100, 0x1200)
# In the order of unicode::Class. What several of them match is the last of those, what none matches is `other`.
CLASSES = [
    *(r"[\p{P}\p{S}]", r"[\p{Lu}\p{Lt}]", r"\p{Ll}", r"[\p{Lm}\p{Lo}]", r"\p{M}", r"\p{N}", r"[^\S\r\n]", r"[\r\n]"),
    *(rf"[{kind}&&\p{{Han}}]" for kind in (r"[\p{P}\p{S}]", r"\p{L}", r"\p{M}", r"\p{N}")),
]
EVERYTHING = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)


def matched(pattern: str) -> str:
    """The characters that tiktoken's regex engine matches with a one-character pattern, in code point order."""
    every_byte = {bytes([value]): value for value in range(256)}
    encoding = tiktoken.Encoding("class", pat_str=pattern, mergeable_ranks=every_byte, special_tokens={})
    return bytes(encoding.encode_ordinary(EVERYTHING)).decode()


def class_of_every_point() -> bytearray:
    table = bytearray(0x110000)
    for number, pattern in enumerate(CLASSES, start=1):
        for character in matched(pattern):
            table[ord(character)] = number
    return table


def unicode_version() -> str:
    """The newest Unicode version whose \\p{age} the engine knows."""
    for version in (f"{major}.{minor}" for major in range(20, 9, -1) for minor in (1, 0)):
        with contextlib.suppress(ValueError):
            matched(rf"\p{{age={version}}}")
            return version
    raise SystemExit("the engine knows no Unicode version")


class NfcCharacters:
    """What may be told of a text in NFC by its characters."""

    def __init__(self) -> None:
        points = [chr(point) for point in range(0x110000)]
        alone = [point for point in points if unicodedata.is_normalized("NFC", point)]
        joining = {mark for point in alone for mark in unicodedata.normalize("NFD", point)[1:]}
        marks = {point for point in alone if point in joining or unicodedata.combining(point)}
        # Any text of these is in NFC.
        self.plain = [p for p in alone if p not in marks and unicodedata.category(p) not in ("Cn", "Cs")]
        # These move, or join what stands before them. Left out, and so doubtful, are those that join and are jamo, of
        # which there are too many pairs, or that do not fit into two bytes.
        left_out = {mark for mark in joining if ord(mark) in JAMO or ord(mark) > 0xFFFF}
        self.marks = sorted(marks.intersection(matched(r"\p{age=9.0}")) - left_out)
        self.joining = joining.intersection(self.marks)

    def pairs(self) -> list[tuple[int, int]]:
        """Each character of combining class 0 with each mark that does not stay as it is behind it."""
        starters = [*self.plain, *(mark for mark in self.marks if not unicodedata.combining(mark))]
        return [
            (ord(starter), ord(mark))
            for starter in starters
            for mark in self.joining
            if not unicodedata.is_normalized("NFC", starter + mark)
        ]

    def kinds(self) -> bytearray:
        """The kind of each code point."""
        classes = sorted({0, *map(unicodedata.combining, self.marks)})
        kinds = bytearray([DOUBTFUL]) * 0x110000
        for point in map(ord, self.plain):
            kinds[point] = 0
        for mark in self.marks:
            kinds[ord(mark)] = classes.index(unicodedata.combining(mark)) | JOINING * (mark in self.joining)
        return kinds


def deduplicate(table: bytearray) -> tuple[list[int], list[bytes]]:
    """Index of each block among the distinct blocks, and those."""
    blocks: dict[bytes, int] = {}
    index = [blocks.setdefault(bytes(table[at : at + BLOCK]), len(blocks)) for at in range(0, len(table), BLOCK)]
    return index, list(blocks)


def rows(values: list[int] | bytes) -> str:
    lines = [",".join(map(str, values[at : at + 40])) for at in range(0, len(values), 40)]
    return ",\n".join(lines)


def two_stages(prefix: str, table: bytearray) -> str:
    index, blocks = deduplicate(table)
    if len(blocks) > 256:
        raise SystemExit("block numbers do not fit one byte")
    return (
        f"const std::uint8_t {prefix}BlockOf[{len(index)}] = {{\n{rows(index)}}};\n"
        f"const std::uint8_t {prefix}Blocks[{len(blocks)}][{BLOCK}] = {{\n"
        + ",\n".join(f"{{{rows(block)}}}" for block in blocks)
        + "};\n"
    )


def class_table() -> str:
    return (
        f"// Generated by tools/build_unicode.py from tiktoken {tiktoken.__version__}; Unicode {unicode_version()}.\n"
        + two_stages("k", class_of_every_point())
    )


def nfc_table() -> str:
    characters = NfcCharacters()
    pairs = characters.pairs()
    if any(starter > 0xFFFF for starter, _ in pairs):
        raise SystemExit("a pair does not fit four bytes")
    return (
        f"// Generated by tools/build_unicode.py from Python's unicodedata; Unicode {unicodedata.unidata_version}.\n"
        + two_stages("kNfc", characters.kinds())
        + f"const std::uint32_t kJoiningPairs[{len(pairs)}] = {{\n"
        + rows(sorted(starter << 16 | mark for starter, mark in pairs))
        + "};\n"
    )


def main() -> None:
    (TARGET / "class_table.inc").write_text(class_table())
    (TARGET / "nfc_table.inc").write_text(nfc_table())


if __name__ == "__main__":
    main()
