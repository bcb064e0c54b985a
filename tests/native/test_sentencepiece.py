"""SentencePiece models in C++ alone."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_drawn_models(built: Path) -> None:
    check("sentencepiece", built, "sentencepiece/*", "encoding/*", "unicode/*")
