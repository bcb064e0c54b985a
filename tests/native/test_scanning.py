"""Scans at every level that this processor can run, and the tables that they look pretokens up in."""

from pathlib import Path

from tests.native.programs import check, needs_compiler, sources

pytestmark = needs_compiler


def test_texts_are_scanned_at_every_level_as_pretoken_by_pretoken(tmp_path: Path) -> None:
    check("scanning", sources("bpe/*", "split/*", "encoding/*", "unicode/*"), tmp_path)


def test_tables_find_what_was_put_in(tmp_path: Path) -> None:
    check("tables", [], tmp_path)
