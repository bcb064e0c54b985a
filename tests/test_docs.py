"""The snippets of the README and the docs run as they stand, those of a page one after the other."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tokens.sentencepiece_models import trained

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SNIPPETS = {
    page.name: re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL) for page in PAGES
}
# Clients of SDKs are made, but send nothing.
KEYS = {"ANTHROPIC_API_KEY": "none", "OPENAI_API_KEY": "none"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader would run them: with the example and a SentencePiece model."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "tokenizer.model.v3").write_bytes(trained("bpe_bytes"))
    return tmp_path


@pytest.mark.parametrize("page", [page for page, snippets in SNIPPETS.items() if snippets])
def test_snippets_run(page: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(SNIPPETS[page])],
        cwd=folder,
        env=os.environ | KEYS | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
