"""NFC as Hugging Face's tokenizers has it, for every code point among marks that it may move or compose with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import NFC

from ctxpack.tokens.normalization import nfc

THEIRS = NFC()
MARKS = st.characters(categories=["Mn", "Mc", "Lo", "Ll"])


@pytest.mark.parametrize("context", ["q\u0345{}\u0334", "e{}\u0301", "{}\u0301\u0327", "\u1100{}\u1161\u11a8"])
def test_every_code_point(context: str) -> None:
    points = (chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    assert [text for text in map(context.format, points) if nfc(text) != THEIRS.normalize_str(text)] == []


@given(text=st.text(MARKS | st.sampled_from("e\u0301\u0327\u0345\u0334\u0898\u1100\u1161\u11a8\U00016d67\U00016d63")))
def test_any_text(text: str) -> None:
    assert nfc(text) == THEIRS.normalize_str(text)


def test_plain_text_stays() -> None:
    assert nfc("é") == "é"
    assert nfc("e\u0301") == "é"
    assert nfc("e\u0898\u0301") == "e\u0898\u0301"
