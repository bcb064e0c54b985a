"""SentencePiece models in C++ alone."""

from pathlib import Path

from tests.native.programs import check, needs_compiler, sources

pytestmark = needs_compiler


def test_drawn_models(tmp_path: Path) -> None:
    check("sentencepiece", sources("sentencepiece/*", "encoding/*", "cpu/*", "unicode/*"), tmp_path)
