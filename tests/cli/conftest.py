"""A body in a file."""

import json
from pathlib import Path

import pytest

from .running import BODY


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(BODY, indent=1), encoding="utf-8")
    return path
