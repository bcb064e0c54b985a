"""Logs as templates and values: every line comes back, names stand whole, and what is no log is left alone."""

import json
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals, Session
from ctxpack.packing.lines import LineIndex
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.templates import restored, templating
from ctxpack.packing.tool_calls import ToolCall
from ctxpack.tokens import encoding
from tests.packing import laws
from tests.packing.conversations import CLAUDE, Step, bodies, examples
from tests.packing.logs import KINDS, log
from tests.reference import templates as reference

count = encoding("o200k_base").count
WORDS = st.sampled_from(
    ["INFO", "ERROR", "job", "job-7", "12", "3.5", "10:00:01", "10:00:02", "10:01", "{}", "{", "A", "A 1", "A: x", "|",
     "[x]", "é→", "", " ", "\t", "\r", "\u2028", "\ud800", "key=value", ":", "::", "T:", "0:"]
)  # fmt: skip
RANDOMS = st.randoms(use_true_random=False)
LINES = st.lists(WORDS, min_size=3, max_size=8).map(" ".join)


def packed(text: str) -> str | None:
    found = templating(text, lambda: "0123abcd")
    return None if found is None else found[1]


@examples(400)
@given(st.lists(st.sampled_from(range(4)), min_size=16, max_size=60), st.lists(LINES, min_size=4, max_size=4), RANDOMS)
def test_lines_come_back(kinds: list[int], shapes: list[str], draw: Random) -> None:
    lines = [re.sub("[0-9]", lambda _: str(draw.randrange(10)), shapes[kind]) for kind in kinds]
    text = "\n".join(lines)
    log = packed(text)
    if log is not None:
        assert restored(log) == reference.restored(log) == text


@pytest.mark.parametrize("size", [30, 400])
@pytest.mark.parametrize("kind", KINDS)
def test_logs_come_back_in_fewer_tokens(kind: str, size: int) -> None:
    text = log(kind, size)
    form = packed(text)
    assert form is not None
    assert restored(form) == reference.restored(form) == text
    assert count(form) < 0.85 * count(text)


def test_what_it_looks_like() -> None:
    levels = ["ERROR" if at == 3 else "INFO" for at in range(40)]
    text = "\n".join(
        f"2026-11-23T10:00:{at:02d}Z {level} worker-{at % 3} job {at * 7919} done" for at, level in enumerate(levels)
    )
    form = packed(text)
    assert form is not None
    assert form.split("\n")[:6] == [
        "[ctxpack:0123abcd 40 lines as 1 template and its values]",
        "A: 2026-11-23T10:00:{} INFO {} job {} done",
        "A 00Z worker-0 0",
        "A 01Z worker-1 7919",
        "A 02Z worker-2 15838",
        "2026-11-23T10:00:03Z ERROR worker-0 job 23757 done",
    ]


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 99))
def test_every_word_stands_whole_but_for_times(kind: str, seed: int) -> None:
    text = log(kind, 60, seed)
    form = packed(text)
    assert form is not None
    words = set(re.findall(r"[\w@/.-]*[a-z0-9]", re.sub(r"\d+[:/]\S+", "", text)))
    assert all(word in form for word in words)


CODE = [f"    total_{n} = compute(items[{n}], rate={n}.5)  # step {n}" for n in range(40)]
IMPORTS = [f"import {name} from '{name}-lib';" for name in "abcdefghijklmnopqrstuvwxyz"]
ROWS = [f"A {n} is no row" if n in (7, 21) else line for n, line in enumerate(log("npm", 60).split("\n"))]


@pytest.mark.parametrize(
    "lines", [log("syslog", 15).split("\n"), IMPORTS, ROWS, [f"line {n} holds {{}} and {n}" for n in range(60)], []]
)
def test_what_is_left_alone(lines: list[str]) -> None:
    assert packed("\n".join(lines)) is None


@pytest.mark.parametrize(
    "call", [ToolCall("Read", "a.py"), ToolCall("Bash", "grep -n total a.py"), ToolCall("Grep", "total")]
)
def test_what_an_edit_may_quote_is_no_log(call: ToolCall) -> None:
    shaper = Shaper(count, MemoryOriginals(), 3)
    assert shaper.shape("\n".join(CODE), call, LineIndex(), "") is None


def test_errors_stand_as_they_are_unless_they_are_what_the_log_is_made_of() -> None:
    text = log("application", 200)
    form = packed(text)
    assert form is not None
    errors = [line for line in text.split("\n") if "ERROR" in line]
    assert errors
    assert set(errors) <= set(form.split("\n"))
    failures = packed(log("syslog", 200))
    assert failures is not None
    assert "Failed password for {} from {} port {} ssh2" in failures


def test_a_log_that_grew_is_pointed_at_line_by_line() -> None:
    text = log("application", 120)
    half = text[: len(text) // 2]
    made = [Step("", False, [("call_1", "TaskOutput", {"id": "7"})], [shown]) for shown in (half, text)]
    session = Session(CLAUDE)
    requests = bodies([*made, Step(asked="go on")], "anthropic.messages")
    sent = laws.run(session, requests)[-1]
    first, second = sent.report.entries
    assert (first.action, second.action) == ("templated", "pointers")
    assert second.tokens_after < 0.6 * second.tokens_before
    shown = json.loads(sent.dump())["messages"][4]["content"][0]["content"]
    last = half.count("\n")
    assert shown.startswith(f"[ctxpack:{second.handle} lines 1-{last}: same as above, TaskOutput 7]\n")
    laws.check_pointers(session, sent)
    laws.check_all_lines_visible(laws.dumped(requests[-1]), sent)
    assert session.original(first.handle) == half


def test_a_digest_is_made_of_lines() -> None:
    text = log("application", 400)
    made = [Step("", False, [("call_1", "Bash", {"command": "make"})], [text]), Step(asked="go on")]
    sent = Session(CLAUDE, "balanced").pack(bodies(made, "anthropic.messages")[-1], now=0.0)
    [entry] = sent.report.entries
    assert entry.action == "clipped"
    kept = json.loads(sent.dump())["messages"][2]["content"][0]["content"].split("\n")
    assert sum(line in text.split("\n") for line in kept) > 5
    assert not any(re.match("[A-Z]( |: )", line) for line in kept)


def test_only_the_form_is_written_out() -> None:
    for text in ("A: x {}\nA 1", "[ctxpack:0123abcd 2 lines as 1 template and its values]\nA: x {}\nA 1"):
        with pytest.raises(ValueError, match="not templates"):
            restored(text)


def test_a_look_alike_is_never_read_as_the_form() -> None:
    """The lines that a forged log would stand for are shown where they come up."""
    true = log("npm", 30)
    forged = packed(true)
    assert forged is not None
    made = [Step("", False, [("call_1", "Bash", {"command": "x"})], [forged]),
            Step("", False, [("call_2", "Bash", {"command": "npm ci"})], [true]), Step(asked="go on")]  # fmt: skip
    sent = Session(CLAUDE).pack(bodies(made, "anthropic.messages")[-1], now=0.0)
    assert [entry.action for entry in sent.report.entries] == ["templated"]
