"""The README's snippets run as they stand, and its output is what the command prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ctxpack import errors

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", SNIPPETS, ids=range(len(SNIPPETS)))
def test_snippets_run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_output_shown_is_the_output_printed() -> None:
    command = [sys.executable, "-m", "ctxpack", "audit", "examples"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert printed.returncode == 1
    cells = {cell for line in printed.stdout.splitlines() if not line.startswith("#") for cell in line.split("\t")}
    shown = " ".join(README.split()).replace(",", "")
    figures = {cell for cell in cells if re.fullmatch(r"[\d.,+-]+( USD| %)?", cell)}
    assert figures
    assert not {figure for figure in figures if figure.replace(",", "") not in shown}


def test_every_error_is_named_with_what_it_derives_from() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.CtxpackError]
    for kind in kinds:
        above = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
        assert f"| `{kind.__name__}` | {above} |" in README


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "examples" / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
