"""The trellis of unigram models in C++ alone."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_drawn_models(built: Path) -> None:
    check("trellis", built, "sentencepiece/*", "encoding/*", "unicode/*")
