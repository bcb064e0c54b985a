"""Pieces of texts as a summary quotes them."""

import pytest

from ctxpack.packing.summaries.wording import first_line, last_line, short


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ten letter", "ten letter"),
        ("  two\n words ", "two words"),
        ("seven letters", "seven…"),
        ("ten letter s", "ten letter…"),
        ("one longword", "one longwo…"),
        ("a" * 11, "a" * 10 + "…"),
        ("", ""),
    ],
)
def test_a_long_text_is_cut_after_a_word_of_its_second_half(text: str, expected: str) -> None:
    assert short(text, 10) == expected


def test_the_first_and_last_lines_are_those_with_anything_in_them() -> None:
    text = " \n\nfirst\nsecond\n</output>\n \n"
    assert (first_line(text, 10), last_line(text, 10)) == ("first", "second")
    assert (first_line(" \n", 10), last_line(" \n", 10)) == ("", "")
