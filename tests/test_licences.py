"""The licences of bundled data come with it, in the wheel and in the source distribution."""

import tomllib
from pathlib import Path

from ctxpack.tokens.library import Listed, entries

ROOT = Path(__file__).parents[1]
# Where the text of each stands, by how a vocabulary names it.
TEXTS = {"MIT": "LICENSE", "Apache-2.0": "LICENSE-APACHE", "Modified MIT": "NOTICE"}


def test_every_licence_of_bundled_data_has_its_text() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    bundled = [entry for entry in entries() if isinstance(entry, Listed) and entry.place == "bundled"]
    assert bundled
    for entry in bundled:
        text = TEXTS[entry.licence.split(",")[0]]
        assert text in project["license-files"]
        assert (ROOT / text).is_file()
        assert entry.name in notice
