"""Every way to merge pretokens side by side, beside merging each alone."""

from pathlib import Path

from tests.native.programs import check, needs_compiler, sources

pytestmark = needs_compiler


def test_pretokens_are_merged_side_by_side_as_alone(tmp_path: Path) -> None:
    check("merging", sources("bpe/ids", "bpe/merge*", "bpe/symbols", "bpe/vocabulary", "cpu/*", "unicode/*"), tmp_path)
