"""Blobs: what is left out, what stays, and that all of it comes back."""

import json
import random
import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import Compaction, EntryLimits, Policy, Session
from ctxpack.packing.blobs import without_blobs
from ctxpack.tokens import encoding
from tests.packing import laws
from tests.packing.conversations import CLAUDE, Step, bodies, log

count = encoding("o200k_base").count
NOISE = random.Random(5).randbytes(900)
BASE64, HEX = b64encode(NOISE).decode(), NOISE.hex()
NOISE_OF_LETTERS = "".join(random.Random(6).choices("ACEGIKMOQSUWY", k=1200))
PAGE = f'<p>before</p><img src="data:image/png;base64,{BASE64}">\nmiddle\n{HEX}\nafter'


SCRIPT = "".join(f'function f{n}(e,t){{return e.a{n}&&t("k{n}",e[{n}])}}' for n in range(200))
STYLES = "".join(f".m-{n}{{margin:{n}px;color:#{n * 7:06x}}}" for n in range(200))
DRAWING = f'<svg><path d="{" ".join(f"M{n}.{n * 7}l-{n}.2 {n}c.{n} 0 1-.4" for n in range(200))}"/></svg>'
PROSE = [
    "Nobody would call a long paragraph minified, however long it is; it has words, and blanks between them. " * 40,
    "It names `ctxpack.packing.blobs` and [the guide](https://example.org/guide), as of 2026-11-25, in prose. " * 40,
    "没有空格的长段落也是文章，不是代码。" * 200,
    "บทความยาว" * 400,
]


def left(text: str, are_lines_kept: bool = False) -> str:
    recipe = without_blobs(text, are_lines_kept, lambda: "0123abcd", count)
    return text if recipe is None else recipe.apply(text)


def test_what_it_looks_like() -> None:
    assert left(PAGE) == (
        f'<p>before</p><img src="data:image/png;base64,{BASE64[:16]}'
        f'[ctxpack:0123abcd {len(BASE64) - 16} characters of base64 left out]">\nmiddle\n'
        f"{HEX[:16]}[ctxpack {len(HEX) - 16} characters of hexadecimal digits left out]\nafter"
    )


@pytest.mark.parametrize(
    "text",
    ["x" * 3000, "/srv/application/templates" * 40, "someVeryLongIdentifierName" * 40, BASE64[:250], "-" * 900],
)
def test_what_is_no_blob(text: str) -> None:
    assert left(text) == text


@pytest.mark.parametrize("line", [SCRIPT, STYLES, DRAWING])
def test_lines_that_nobody_wrote_by_hand(line: str) -> None:
    line = f"dist/app.js:1:{line}"
    text = f"building\n{line}\r\ndone"
    note = f"[ctxpack:0123abcd {len(line) - 300} characters of this line left out]"
    assert left(text) == f"building\n{line[:200]}{note}{line[-100:]}\r\ndone"
    assert left(text, are_lines_kept=True) == text


@pytest.mark.parametrize("text", [*PROSE, "".join(f"{n % 100:>6}" for n in range(400))])
def test_prose_on_one_line_stays(text: str) -> None:
    assert len(text) > 2000
    assert left(text) == text


@pytest.mark.parametrize(("size", "code", "stays"), [(2000, 500, False), (1999, 500, True), (2000, 499, True)])
def test_how_long_a_line_must_be_and_how_much_of_it_code(size: int, code: int, stays: bool) -> None:
    text = "a;" * code + "d" * (size - 2 * code)
    assert (left(text) == text) == stays


def test_positions_in_a_source_map_are_left_out() -> None:
    positions = ",".join(NOISE_OF_LETTERS[at : at + 4] for at in range(0, 1200, 4))
    text = f'{{"version":3,"sources":["a.ts"],"mappings":"{positions}","names":["render"]}}'
    shown = left(text, are_lines_kept=True)
    assert shown.startswith(f'{{"version":3,"sources":["a.ts"],"mappings":"{positions[:16]}[ctxpack:0123abcd ')
    assert shown.endswith('left out]","names":["render"]}')


PARTS = st.sampled_from([BASE64, HEX, SCRIPT, PROSE[0], " ", "words between\n", "=", "data:", "\n"])


@given(st.lists(PARTS, max_size=8).map("".join), st.booleans())
def test_everything_else_stays(text: str, are_lines_kept: bool) -> None:
    kept = re.split(r"\[ctxpack[^\[\]]*\]", left(text, are_lines_kept))
    at = 0
    for piece in kept:
        at = text.index(piece, at) + len(piece)
    assert count(left(text, are_lines_kept)) <= count(text)


@pytest.mark.parametrize("name", ["Bash", "Read"])
def test_lossless_keeps_blobs_and_the_others_give_them_back(name: str) -> None:
    made = [Step("", False, [("call_1", name, {"command": "page"})], [PAGE]), Step(asked="go on")]
    requests = bodies(made, "anthropic.messages")
    assert laws.run(Session(CLAUDE), requests)[-1].report.entries == ()
    session = Session(CLAUDE, "balanced")
    [entry] = laws.run(session, requests)[-1].report.entries
    assert entry.action == "clipped"
    assert entry.tokens_after < 0.2 * entry.tokens_before
    assert session.original(entry.handle) == PAGE


def packed(name: str, command: str, result: str) -> tuple[Session, str]:
    """A session, and what it sends of a result."""
    made = [Step("", False, [("call_1", name, {"command": command})], [result]), Step(asked="go on")]
    session = Session(CLAUDE, "balanced")
    sent = session.pack(bodies(made, "anthropic.messages")[-1], now=0.0)
    return session, sent.body["messages"][2]["content"][0]["content"]


def test_hits_around_a_minified_line_all_stay() -> None:
    hits = [f"src/part_{n}.js:{n}:  $.ajax({{url: '/api/{n}'}})" for n in range(10)]
    text = "\n".join([*hits[:5], f"dist/app.min.js:1:{SCRIPT}", *hits[5:]])
    session, shown = packed("Bash", "grep -rn ajax .", text)
    assert all(hit in shown for hit in hits)
    assert "[ctxpack:" in shown
    handle = shown.split("[ctxpack:")[1][:8]
    assert session.original(handle) == text
    assert 'function f77(e,t){return e.a77&&t("k77",e[77])}' in session.lines(handle, pattern="f77(")


@pytest.mark.parametrize(
    ("name", "command"),
    [("Read", "dist/app.min.js"), ("Bash", "cat dist/app.min.js"), ("Bash", "git diff dist"), ("view", "app.js")],
)
def test_a_line_that_an_edit_would_quote_stays(name: str, command: str) -> None:
    for text in (SCRIPT[:6000], "\n".join(["first", SCRIPT[:6000], "last"])):
        _, shown = packed(name, command, text)
        assert shown == text


def test_json_on_one_line_is_written_as_json() -> None:
    text = json.dumps([{"id": n, "at": f"{n * 7:04d}", "kind": "same"} for n in range(60)])
    assert len(text) > 2000
    _, shown = packed("query", "select", text)
    assert "of this line" not in shown


def test_colours_are_no_code() -> None:
    text = "".join(f"\x1b[3{n % 8};1mword\x1b[0m " for n in range(300))
    _, shown = packed("Bash", "make", text)
    assert "of this line" not in shown


def test_a_compaction_does_not_bring_blobs_back() -> None:
    """Not even into a result that pointed to lines that are removed, and is written out again."""
    lines = [f"src/part_{n}.js:{n}:  $.ajax({{url: '/api/{n}', kind: {n * 7}}})" for n in range(12)]
    hits = "\n".join([*lines, f"dist/app.min.js:1:{SCRIPT}"])
    made = [
        Step("", False, [("call_1", "Bash", {"command": "grep -rn ajax src"})], ["\n".join(lines)]),
        *(Step("Well.", False, [("call_2", "Bash", {"command": f"make {n}"})], [log(40, n)]) for n in range(8)),
        Step("", False, [("call_3", "Bash", {"command": "grep -rn ajax ."})], [hits]),
        Step(asked="go on"),
    ]
    *earlier, last = bodies(made, "anthropic.messages")
    session = Session(CLAUDE, Policy("patient", entry=EntryLimits(), compaction=Compaction(patience=1000)))
    before = [session.pack(body, now=float(number)) for number, body in enumerate([*earlier, last])][-1]
    [path] = [entry.path for entry in before.report.entries if entry.action == "pointers"]
    made.append(Step("", False, [("call_4", "Bash", {"command": "ls"})], ["README.md"]))
    after = session.pack(bodies(made, "anthropic.messages")[-1], now=1e6)
    assert after.report.compacted
    assert [entry.action for entry in after.report.entries if entry.path == path] == ["clipped"]
    sent = after.dump().decode()
    assert "of this line left out" in sent
    assert all(line in sent for line in lines)
