"""Scans at every level that this processor can run, and the tables that they look pretokens up in."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_texts_are_scanned_at_every_level_as_pretoken_by_pretoken(built: Path) -> None:
    check("scanning", built, "bpe/*", "split/*", "encoding/*", "unicode/*")


def test_tables_find_what_was_put_in(built: Path) -> None:
    check("tables", built)
