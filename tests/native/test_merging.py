"""Merging one pretoken beside its definition, and every way to merge many side by side."""

from pathlib import Path

from tests.native.programs import check, needs_compiler, sources

pytestmark = needs_compiler


def test_pretokens_are_merged_alone_as_defined_and_side_by_side_alike(tmp_path: Path) -> None:
    check("merging", sources("bpe/ids", "bpe/merge*", "bpe/symbols", "bpe/vocabulary", "cpu/*", "unicode/*"), tmp_path)
