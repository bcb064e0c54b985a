"""Which workspace a call is given, by a C++ program built with the sanitizers."""

from pathlib import Path

from tests.native.programs import check, needs_compiler

pytestmark = needs_compiler


def test_threads_get_back_what_they_had(built: Path) -> None:
    check("idle", built)
