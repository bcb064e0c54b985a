"""Noise of terminals: what goes, and that nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack import Session
from ctxpack.packing.noise import cleaned
from tests.packing import laws
from tests.packing.conversations import CLAUDE, MODELS, Step, bodies
from tests.reference import terminal

COLOURED = "\n".join(f"\x1b[32m✓\x1b[0m test_{n} \x1b[2m({n} ms)\x1b[22m" for n in range(14))
BAR = "".join(f"\rDownloading {n:3d}% |{'#' * (n // 4):25}|" for n in range(101)) + "\ndone\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31merror\x1b[0m: no", "error: no"),
        ("\x1b]0;title\x07$ ls \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "$ ls link"),
        ("\x1b(B\x1b7saved\x1b8", "saved"),
        ("10%\r50%\r100% done", "100% done"),
        ("a long line\rshort", "shortg line"),
        ("one\r\ntwo\r\n", "one\r\ntwo\r\n"),
        ("x   \n\t\ny", "x\n\ny"),
        ("a\n\n\n\n\n\n\nb", "a\n\n\nb"),
        ("  kept   inside", "  kept   inside"),
    ],
)
def test_what_a_terminal_shows(text: str, shown: str) -> None:
    assert cleaned(text) == shown


@given(st.text(st.sampled_from("ab \t\n\r\x1b[]0;m(B\x07\\"), max_size=60))
def test_everything_as_a_slow_terminal_shows_it(text: str) -> None:
    assert cleaned(text) == terminal.shown(text)


@given(st.text(st.sampled_from("a \t\n\r\x1b[]0;m(B\x07\\"), max_size=60))
def test_cleaning_twice_changes_no_more_than_once_where_no_escape_is_left(text: str) -> None:
    once = cleaned(text)
    if "\x1b" not in once and "\r" not in once:
        assert cleaned(once) == once


@pytest.mark.parametrize("bomb", ["\x1b]" * 200_000, "\x1b[" + "0;" * 200_000, "\x1b" + " " * 400_000, "\r" * 400_000])
def test_no_text_is_a_bomb(bomb: str) -> None:
    assert len(cleaned(bomb)) <= len(bomb)


@pytest.mark.parametrize("output", [COLOURED, BAR])
def test_outputs_enter_as_a_terminal_shows_them(output: str) -> None:
    made = [Step("", False, [("call_1", "Bash", {"command": "make test"})], [output]), Step("", False, [], [], "go on")]
    for dialect, model in MODELS.items():
        session, requests = Session(model), bodies(made, dialect)
        packed = laws.run(session, requests)[-1]
        [entry] = packed.report.entries
        assert entry.action == "cleaned"
        assert entry.tokens_after < entry.tokens_before / 1.5
        assert session.original(entry.handle) == output
        assert b"\\u001b" not in packed.dump()


@pytest.mark.parametrize(
    ("call", "is_cleaned"), [(("Read", {"file_path": "a.py"}), False), (("Bash", {"command": "make test"}), True)]
)
def test_what_an_edit_may_quote_stays_as_it_is(call: tuple[str, dict[str, str]], is_cleaned: bool) -> None:
    made = [Step("", False, [("call_1", *call)], [COLOURED]), Step("", False, [], [], "go on")]
    packed = laws.run(Session(CLAUDE), bodies(made, "anthropic.messages"))[-1]
    assert any(entry.action == "cleaned" for entry in packed.report.entries) is is_cleaned
