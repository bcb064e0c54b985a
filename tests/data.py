"""Recorded requests, traces and questions, in a folder beside the checkout."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "data"


def shared(name: str = "") -> Path:
    """A file or folder of them, or all; where it is missing, what asks for it is skipped."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs {path}")
    return path
