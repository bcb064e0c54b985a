"""Calls that run out of memory, and calls on very long texts, by a C++ program built with the sanitizers."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_a_call_that_runs_out_of_memory_spoils_no_later_one_and_none_is_kept(built: Path) -> None:
    check("memory", built, "bpe/*", "split/*", "sentencepiece/*", "encoding/*", "unicode/*", "lines/*")
