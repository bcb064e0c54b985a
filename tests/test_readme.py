"""The README shows what the command prints and names every error; its links and those of the docs lead somewhere."""

import re
from pathlib import Path

import pytest

from ctxpack import errors
from tests.cli.running import on_a_terminal

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_output_shown_is_the_output_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    [(command, shown)] = re.findall(r"```\n\$ v/bin/ctxpack (.*?)\n(.*?)\n```", README, re.DOTALL)
    printed, code = on_a_terminal(*command.split(), columns=120)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed)
    drawn = drawn[drawn.index("Audit") :]  # behind the progress bar
    assert [line.rstrip() for line in drawn.strip().splitlines()] == shown.split("\n")
    assert code == 1


def test_every_error_is_named_with_what_it_derives_from() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.CtxpackError]
    for kind in kinds:
        above = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
        assert f"| `{kind.__name__}` | {above} |" in README


def anchors(page: Path) -> set[str]:
    """What links to the headings of a page end in."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere() -> None:
    others = ["README.md", "CHANGELOG.md", "examples/README.md", "benchmarks/RESULTS.md"]
    for page in [*(ROOT / "docs").glob("*.md"), *(ROOT / other for other in others)]:
        for target, anchor in re.findall(r"\]\(([^)#:]+)#?([^)]*)\)", page.read_text(encoding="utf-8")):
            found = page.parent / target
            assert found.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors(found), f"{page.name} links to {target}#{anchor}"
