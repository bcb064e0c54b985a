"""Tags of stretches of text and the table of those met before, by a C++ program built with the sanitizers."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_tags_and_the_table_of_stretches(built: Path) -> None:
    check("stretches", built, "encoding/stretch_*", "cpu/*")
