"""Every transcoder beside an obvious one, by a C++ program built with the sanitizers."""

from pathlib import Path

from tests.native.programs import check, needs_compiler, sources

pytestmark = needs_compiler


def test_transcoders_are_alike(tmp_path: Path) -> None:
    check("transcoding", sources("unicode/transcode*", "cpu/*"), tmp_path)
