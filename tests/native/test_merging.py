"""Merging one pretoken beside its definition, and every way to merge many side by side."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_pretokens_are_merged_alone_as_defined_and_side_by_side_alike(built: Path) -> None:
    core = [f"bpe/{name}" for name in ("ids", "merge*", "part_merger", "symbols", "vocabulary")]
    check("merging", built, *core, "cpu/*", "unicode/*")
