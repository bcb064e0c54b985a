"""Every transcoder beside an obvious one, by a C++ program built with the sanitizers."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_transcoders_are_alike(built: Path) -> None:
    check("transcoding", built, "unicode/transcode*", "cpu/*")
