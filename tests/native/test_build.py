"""What is built of the core is built anew when anything changes that it is made of."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.native.programs import sources

ROOT = Path(__file__).parents[2]

pytestmark = sources


@pytest.fixture
def built_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What setup.py hands to setuptools."""
    setuptools, cython = pytest.importorskip("setuptools"), pytest.importorskip("Cython.Build")
    given: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", given.update)
    monkeypatch.setattr(cython, "cythonize", lambda extensions, **options: extensions)
    monkeypatch.chdir(ROOT)
    runpy.run_path("setup.py")
    return given


def test_extensions_depend_on_all_that_they_are_linked_with(built_of: dict[str, Any]) -> None:
    ((_, library),) = built_of["libraries"]
    included = {str(path.relative_to(ROOT)) for path in (ROOT / "csrc").rglob("*.*") if path.suffix != ".cpp"}
    assert included <= set(library["obj_deps"][""])
    for extension in built_of["ext_modules"]:
        assert {*included, *library["sources"]} <= set(extension.depends)
