"""Originals by handle: whole, by lines, by pattern, and as a tool of an agent."""

import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack import Session
from ctxpack.errors import DialectError, HandleError
from ctxpack.packing import MemoryOriginals, retrieval_tool
from ctxpack.packing.policy import PRESETS
from ctxpack.packing.retrieval import TOOL_NAME
from tests.packing.conversations import CLAUDE, Step, bodies, log

TEXT = "alpha\nBeta one\n\nbeta two\nlast"


@pytest.fixture
def store() -> MemoryOriginals:
    return MemoryOriginals()


@pytest.fixture
def session(store: MemoryOriginals) -> Session:
    return Session(CLAUDE, store=store)


def test_lines_by_number_and_pattern(session: Session, store: MemoryOriginals) -> None:
    handle = store.put(TEXT)
    assert session.lines(handle, 2, 3) == "2\tBeta one\n3\t"
    assert session.lines(handle, pattern="BETA") == "2\tBeta one\n4\tbeta two"
    assert session.lines(handle, 3, pattern="b*t*o") == "4\tbeta two"
    assert session.lines(handle, pattern="o*b") == ""
    assert session.lines(handle, 99) == ""


def test_printed_numbers_are_the_ones_that_count(session: Session, store: MemoryOriginals) -> None:
    read = "".join(f"{number:6}→value = {number}\n" for number in range(41, 61)) + "<reminder>"
    handle = store.put(read)
    assert session.lines(handle, 44, 45) == "44\t    44→value = 44\n45\t    45→value = 45"
    assert session.lines(handle, pattern="value = 60") == "60\t    60→value = 60"
    assert session.lines(handle, 1, 21).endswith("\t<reminder>")


@given(
    st.lists(st.text("ab*.\t", max_size=5), max_size=6).map("\n".join),
    st.integers(1, 7),
    st.none() | st.integers(1, 7),
    st.text("ab*", max_size=4),
)
def test_lines_are_those_of_a_regex(text: str, first: int, last: int | None, pattern: str) -> None:
    store = MemoryOriginals()
    session = Session(CLAUDE, store=store)
    meant = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if n >= first and (last is None or n <= last)]
    expected = "\n".join(f"{n}\t{line}" for n, line in lines if meant.search(line))
    assert session.lines(store.put(text), first, last, pattern) == expected


def test_a_long_line_shows_what_is_near_its_matches(session: Session, store: MemoryOriginals) -> None:
    line = "".join(f"f{number}(a,{number * 7});" for number in range(20_000))
    handle = store.put(f"head\n{line}\nf777(")
    at = line.index("f777(")
    near, short = session.lines(handle, pattern="F777(").split("\n")
    assert near == f"2:{at - 199}\t{line[at - 200 : at + 205]}"
    assert short == "3\tf777("
    assert session.answer({"handle": handle, "first": 2, "first_column": at + 1, "last_column": at + 5}) == (
        "2\tf777(\n3\t"
    )
    assert session.lines(handle, 2, 2, "f777(*f779(").split("\n") == [
        f"2:{at - 199}\t{line[at - 200 : line.index('f779(') + 205]}"
    ]


def test_a_line_of_two_thousand_characters_is_shown_whole(session: Session, store: MemoryOriginals) -> None:
    line = "needle" + "." * 1994
    assert session.lines(store.put(line), pattern="needle") == f"1\t{line}"
    assert session.lines(store.put(line + "."), pattern="needle") == f"1:1\t{line[:206]}"


def test_twenty_places_of_a_long_line_are_shown_and_where_to_go_on(session: Session, store: MemoryOriginals) -> None:
    handle = store.put(("." * 994 + "needle") * 30)
    *shown, more = session.lines(handle, pattern="needle").split("\n")
    assert [row.split("\t")[0] for row in shown] == [f"1:{795 + 1000 * place}" for place in range(20)]
    assert more == "1:20995\t… more from here on"
    rest = session.lines(handle, pattern="needle", columns=(20_995, None)).split("\n")
    assert [row.split("\t")[0] for row in rest] == ["1:20995", *(f"1:{21_795 + 1000 * place}" for place in range(9))]
    *_, more = session.lines(handle, pattern="needle", columns=(1001, None)).split("\n")
    assert more == "1:21995\t… more from here on"


@given(st.text("abß*İ", min_size=2001, max_size=2100), st.text("abB*", min_size=1, max_size=3))
def test_pieces_of_a_long_line_stand_at_their_columns(text: str, pattern: str) -> None:
    store = MemoryOriginals()
    session = Session(CLAUDE, store=store)
    meant = [piece.lower() for piece in pattern.split("*") if piece]
    shown = session.lines(store.put(text), pattern=pattern)
    if not meant:
        assert shown == f"1\t{text}"
        return
    assert bool(shown) == bool(re.search(".*".join(map(re.escape, meant)), text))
    for row in shown.split("\n") if shown else []:
        place, piece = row.split("\t")
        at = int(place.removeprefix("1:")) - 1
        assert piece.startswith("…") or text[at:].startswith(piece)
        assert text.startswith(meant[0], at) if piece.startswith("…") else any(one in piece for one in meant)


def test_a_text_that_folds_to_a_longer_one_is_searched_in_any_case(session: Session, store: MemoryOriginals) -> None:
    handle = store.put("Maß: ERROR")
    assert session.lines(handle, pattern="maß*error") == "1\tMaß: ERROR"


def test_calls_of_the_tool_are_answered(session: Session, store: MemoryOriginals) -> None:
    handle = store.put(TEXT)
    assert session.answer({"handle": f" {handle} "}) == TEXT
    for marked in (f"ctxpack:{handle}", f"[ctxpack:{handle}]", f"[ctxpack:{handle} 5 lines removed]"):
        assert session.answer({"handle": marked}) == TEXT
    assert session.answer({"handle": handle, "last": 1}) == "1\talpha"
    assert session.answer(json.dumps({"handle": handle, "last": 1})) == "1\talpha"
    assert session.answer({"handle": handle, "first": None, "pattern": "last"}) == "5\tlast"
    assert session.answer({"handle": handle, "pattern": "nowhere"}) == "no such lines"
    for arguments in (
        '{"handle": ',
        "[]",
        '{"handle":' + "[" * 10**5,
        "\ud800",
        {"handle": "\ud800"},
        None,
        {},
        {"handle": 5},
        {"handle": handle, "first": "x"},
        {"handle": handle, "pattern": 1},
        {"handle": handle, "last_column": "x"},
        {"handle": handle, "first": -1},
        {"handle": handle, "last": 0},
        {"handle": handle, "first_column": -1},
        {"handle": handle, "last_column": -1},
    ):
        with pytest.raises(HandleError):
            session.answer(arguments)
    with pytest.raises(HandleError, match="00000000"):
        session.answer({"handle": "00000000"})


@pytest.mark.parametrize("policy", PRESETS)
@pytest.mark.parametrize("name", [TOOL_NAME, f"mcp__proxy__{TOOL_NAME}"])
def test_what_a_model_asks_for_by_its_handle_is_not_left_out_again(policy: str, name: str) -> None:
    noise = random.Random(7).randbytes(3000).hex()
    text = "\n".join([*log(200).split("\n"), noise, *(f"def part_{n}(): return {n}" for n in range(400))])
    made = [Step("", False, [("call_1", "Bash", {"command": "make"})], [text])]
    session = Session(CLAUDE, policy)
    first = session.pack(bodies(made, "anthropic.messages")[-1], now=0.0)
    entries = first.report.entries
    assert (policy == "lossless") == (noise in first.dump().decode())
    answer = session.answer({"handle": entries[0].handle}, tokens=100_000)
    made.append(Step("", False, [("call_2", name, {"handle": entries[0].handle})], [answer]))
    packed = session.pack(bodies(made, "anthropic.messages")[-1], now=1.0)
    sent = packed.dump().decode()
    assert json.dumps(answer)[1:-1] in sent


def test_a_pattern_of_many_stars_is_no_bomb(session: Session, store: MemoryOriginals) -> None:
    handle = store.put("a" * 200_000)
    assert session.lines(handle, pattern="*".join("a" * 2000) + "*b") == ""


def test_tool_definitions() -> None:
    anthropic, openai = retrieval_tool("anthropic.messages"), retrieval_tool("openai.chat")
    function = openai["function"]
    assert isinstance(function, dict)
    assert anthropic["input_schema"] == function["parameters"]
    assert anthropic["name"] == function["name"]
    assert re.search(r"[0-9a-f]{8}", json.dumps(anthropic)) is None
    with pytest.raises(DialectError, match="gemini"):
        retrieval_tool("gemini")
