"""The mechanical summary: in the transcript's own words, within its budget, the same every time."""

import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack._native.text import names_in
from ctxpack.packing import Policy
from ctxpack.packing.markers import is_marked
from ctxpack.packing.summaries.mechanical import summarised
from ctxpack.packing.summaries.transcript import Transcript, transcript
from ctxpack.packing.texts import texts
from ctxpack.prompts import Prompt
from ctxpack.tokens import encoding

from .. import laws
from ..conversations import LOOKALIKE, Step, bodies, examples, numbered, working
from ..strategies import conversations, dialects

ENCODING = encoding("o200k_base")
Call = tuple[str, dict[str, object], str]


def script_of(made: Sequence[Step], dialect: str = "anthropic.messages") -> tuple[Transcript, str]:
    """The transcript of all but the opening, and all its text."""
    body = bodies(list(made), dialect)[-1]
    prompt = Prompt.parse(laws.dumped(body))
    script = transcript(texts(prompt, Policy("plain")), set(range(1, len(prompt.messages))))
    return script, "\n".join(laws.strings(body["messages"])) + json.dumps(body["messages"])


def put(text: str) -> str:
    return f"{len(text):08x}"


def summary(made: Sequence[Step], budget: int = 2000, query: str = "") -> str:
    return summarised(script_of(made)[0], query, budget, ENCODING, put)


def used(*calls: Call) -> list[Step]:
    return [Step("", False, [(f"id_{n}", name, given)], [result]) for n, (name, given, result) in enumerate(calls)]


def section(text: str, heading: str) -> list[str]:
    """The items under a heading."""
    match = re.search(rf"^{re.escape(heading)}\n((?:- .*\n?)*)", text, re.MULTILINE)
    return [] if match is None else match[1].splitlines()


@examples(40)
@given(conversations, dialects, st.integers(0, 900))
def test_names_nothing_that_the_transcript_does_not_and_fits(made: list[Step], dialect: str, budget: int) -> None:
    script, everything = script_of(made, dialect)
    text = summarised(script, "fix function_1_3", budget, ENCODING, put)
    assert ENCODING.count(text) <= budget
    assert not is_marked(text)
    assert summarised(script, "fix function_1_3", budget, ENCODING, put) == text
    said = re.sub(r"\(handle [0-9a-f]{8}\)", "", text)
    for name in names_in(said):
        # Line numbers are joined to a range; a cut ends in the middle of nothing but a very long word.
        assert all(part in everything for part in re.split(r"(?<=\d)-(?=\d)", name)), name


@pytest.mark.parametrize("budget", [60, 200, 700, 3000])
def test_a_long_session_fills_its_budget_and_no_more(budget: int) -> None:
    text = summary(working(60), budget)
    assert 0.8 * budget < ENCODING.count(text) <= budget


def test_too_small_a_budget_gives_nothing() -> None:
    assert summary(working(4), 5) == ""


def test_the_last_state_of_each_file() -> None:
    made = used(
        ("Read", {"file_path": "/a/one.py"}, numbered(["x = 1", "y = 2"], 41)),
        ("Edit", {"file_path": "/a/one.py", "old_string": "x = 1", "new_string": "x = 3"}, "done"),
        ("Edit", {"file_path": "/a/one.py", "old_string": "x = 3", "new_string": "\n  total = 4\nmore"}, "done"),
        ("Edit", {"file_path": "/a/one.py", "old_string": "z", "new_string": "never"}, "Error: z not found"),
        ("Write", {"file_path": "/a/two.py", "content": "print()"}, "ok"),
        ("Read", {"file_path": "/a/three.py"}, "plain text"),
    )
    three, two, one = section(summary(made), "Files:")
    assert re.fullmatch(r"- /a/three\.py: read \(handle 0000000a\)", three)
    assert re.fullmatch(r"- /a/two\.py: changed by Write \(handle .{8}\): print\(\)", two)
    assert re.fullmatch(
        r"- /a/one\.py: read, lines 41-42 \(handle .{8}\); changed 2 times, last by Edit \(handle .{8}\): total = 4",
        one,
    )


def test_a_file_that_was_read_again_and_again() -> None:
    [line] = section(summary(used(*[("Read", {"file_path": "/a.py"}, "text")] * 3)), "Files:")
    assert re.fullmatch(r"- /a\.py: read 3 times \(handle .{8}\)", line)


def test_one_file_under_several_spellings_of_its_path() -> None:
    made = used(
        ("read", {"filePath": "/srv/./a.py"}, "text"),
        ("edit", {"filePath": "/srv/a.py", "oldString": "a", "newString": "b = 1"}, "edited"),
    )
    [line] = section(summary(made), "Files:")
    assert re.fullmatch(r"- /srv/\./a\.py: read \(handle .{8}\); changed by edit \(handle .{8}\): b = 1", line)


def test_one_tool_that_views_and_edits() -> None:
    made = used(
        ("str_replace_editor", {"command": "view", "path": "/a.py"}, "text"),
        ("str_replace_editor", {"command": "str_replace", "path": "/a.py", "new_str": "b = 1"}, "edited"),
    )
    [line] = section(summary(made), "Files:")
    assert re.fullmatch(r"- /a\.py: read \(handle .{8}\); changed by str_replace_editor \(handle .{8}\): b = 1", line)


def test_errors_that_went_away_and_those_that_did_not() -> None:
    made = used(
        ("Bash", {"command": "pytest"}, "collected 3\nE   TypeError: bad\n1 failed"),
        ("Bash", {"command": "make"}, "cc: fatal error: no input"),
        ("Bash", {"command": "pytest"}, "3 passed, 0 failed"),
        ("Bash", {"command": "cat notes"}, "a long text about an error that was\n" * 10),
        ("Bash", {"command": "pytest"}, "4 passed, 0 errors"),
    )
    text = summary(made)
    assert section(text, "Errors, not seen to go away:") == ["- Bash make: cc: fatal error: no input"]
    [pytest_line, _] = section(text, "Calls and their outcome:")
    assert pytest_line == "- Bash pytest (3 times): 4 passed, 0 errors; before: 1 failed"


def test_what_files_and_agents_say_of_errors_is_none() -> None:
    made = used(
        ("Bash", {"command": "grep -r raise ."}, "./a.py:    raise TypeError()\n./b.py: pass"),
        ("Bash", {"command": "cd src && find . -name '*.py'"}, "./holonomicerrors.py\n./lookuperror_a/models.py"),
        ("Grep", {"pattern": "assert"}, "454:      assert length(code_lines) == 3"),
        ("Bash", {"command": "ls logs"}, "failed.txt\nfatal.txt"),
        ("Task", {"description": "Explore"}, "| handling | safe: returns `{:error, reason}` |\n" * 9),
        ("Bash", {"command": "ls logs || echo none"}, "failed.txt"),
        ("Bash", {"command": "grep -r raise lib"}, "grep: lib: No such file or directory"),
        ("Bash", {"command": "make 2>&1 | grep -A 5 app"}, "app.c:3:1: error: expected ';'"),
        ("Bash", {"command": "ls logs && make"}, "failed.txt\ncc: fatal error: no input"),
    )
    assert section(summary(made), "Errors, not seen to go away:") == [
        "- Bash ls logs && make: cc: fatal error: no input",
        "- Bash make 2>&1 | grep -A 5 app: app.c:3:1: error: expected ';'",
        "- Bash grep -r raise lib: grep: lib: No such file or directory",
    ]


def test_what_starts_as_a_search_and_fails_otherwise_is_an_error() -> None:
    """Whether another program was run, a file is to be changed, or the search itself did not come about."""
    failing = [
        ("Bash", "find . -name '*.py' | xargs mypy", "a.py:3: error: bad type"),
        ("Bash", "find . -exec cc {} +", "a.c:3:1: error: expected ';'"),
        ("Bash", "grep -r raise || make", "a.c:3:1: error: expected ';'"),
        ("Bash", "ls logs;make", "a.c:3:1: error: expected ';'"),
        ("apply_diff", "a.py", "The diff failed to apply to a.py"),
        ("search_replace", "a.py", "The edit failed: no such string"),
        ("Grep", "raise", "<tool_use_error>InputError: the search failed</tool_use_error>"),
        ("Bash", "tree", "/bin/sh: 1: tree: not found"),
    ]
    made = used(*((name, {"command": command}, said) for name, command, said in failing))
    assert section(summary(made), "Errors, not seen to go away:") == [
        f"- {name} {command}: {said}" for name, command, said in reversed(failing)
    ]


def test_calls_count_as_one_where_they_ask_for_the_same() -> None:
    script = "\n".join(f"step({number})" for number in range(40))
    made = used(
        *(("find_flight", {"origin": "EWR", "destination": to}, f"[{to}]") for to in ("CLT", "MSP")),
        *(("Bash", {"command": f"{script}\nlast({last})"}, f"done {last}") for last in range(2)),
        *(("Bash", {"command": "make", "description": why}, "built") for why in ("Build", "Build again")),
    )
    [make, run, flight] = section(summary(made), "Calls and their outcome:")
    assert make == "- Bash make (2 times): built"
    assert "times" not in run + flight
    assert flight == "- find_flight EWR: [MSP]"


def test_lines_that_several_calls_hold_are_written_again() -> None:
    """But for those that only files hold, or one call alone, and those too short or too long to be worth it."""
    setup, tests = "source venv/bin/activate", "python -m pytest tests/unit"
    once, long = "curl localhost:8080/health", "echo " + "a" * 160
    stored = {"file_path": "/a.py", "content": "from app import everything"}
    made = used(
        ("Bash", {"command": f"{setup}\nmake\n{tests}\n{long}"}, "done"),
        ("Bash", {"command": f"  {setup}\nmake\n{long}"}, "done"),
        ("Bash", {"command": f"{tests}\n{once}\n{once}"}, "done"),
        *[("Write", stored, "done")] * 2,
    )
    assert section(summary(made), "You wrote again and again:") == [f"- {tests}", f"- {setup}"]


def test_calls_on_files_are_named_where_they_failed() -> None:
    made = used(
        ("Read", {"file_path": "/a.py"}, "Error: there is no /a.py"),
        ("Read", {"file_path": "/b.py"}, "b = 1\n"),
        ("Bash", {"command": "make"}, "built"),
        ("ctxpack_original", {"handle": "0123abcd"}, "cc: fatal error: no input"),
    )
    text = summary(made)
    assert section(text, "Errors, not seen to go away:") == ["- Read /a.py: Error: there is no /a.py"]
    assert section(text, "Calls and their outcome:") == ["- Bash make: built"]


def test_a_tag_alone_is_no_outcome_and_no_conclusion() -> None:
    shown = "<returncode>0</returncode>\n<output>\n3 files\n</output>"
    made = [
        *used(("bash", {"command": "make"}, shown), ("bash", {"command": "true"}, shown.replace("3 files\n", ""))),
        Step("<answer>\nAll of it works.\n</answer>", False, [], [], "go on"),
    ]
    text = summary(made)
    calls = ["- bash true: <returncode>0</returncode>", "- bash make: 3 files"]
    assert section(text, "Calls and their outcome:") == calls
    assert section(text, "You concluded:") == ["- All of it works."]


def test_colours_hide_no_error_and_no_outcome() -> None:
    made = used(
        ("Bash", {"command": "make"}, "\x1b[1;31mfatal\x1b[0m no input\n\x1b[0m"),
        ("Bash", {"command": "npm i"}, "0%\r99%\n\x1b[32madded 3 packages\x1b[0m   \n\x1b[0m"),
    )
    text = summary(made)
    assert section(text, "Errors, not seen to go away:") == ["- Bash make: fatal no input"]
    assert section(text, "Calls and their outcome:") == ["- Bash npm i: added 3 packages"]


def test_states_of_one_line_are_not_glued_together() -> None:
    made = used(
        ("Bash", {"command": "make"}, "fetching_part_10\rTrue"),
        ("Bash", {"command": "test"}, "running_step_10\rfatal: no input"),
    )
    text = summary(made)
    assert section(text, "Calls and their outcome:") == ["- Bash make: True"]
    assert section(text, "Errors, not seen to go away:") == ["- Bash test: fatal: no input"]


def test_open_items_of_the_latest_list() -> None:
    todos = [
        {"content": f"step {n}", "status": state} for n, state in enumerate(["completed", "in_progress", "pending"])
    ]
    made = used(
        ("TodoWrite", {"todos": [{"content": "old", "status": "pending"}]}, "ok"), ("TodoWrite", {"todos": todos}, "ok")
    )
    assert section(summary(made), "Open:") == ["- step 1 [in_progress]", "- step 2 [pending]"]
    boxes = [Step("Plan:\n- [x] read\n- [ ] write the test\n* [ ] run it\n", False, [], [], "go on")]
    assert section(summary(boxes), "Open:") == ["- write the test", "- run it"]


def test_items_go_by_the_first_text_that_they_have() -> None:
    items = [{"title": None, "step": "measure", "status": "pending"}, {"step": "mend", "done": True}]
    assert section(summary(used(("update_plan", {"plan": items}, "ok"))), "Open:") == ["- measure [pending]"]


def test_a_call_without_a_subject_goes_by_its_name() -> None:
    assert section(summary(used(("list", {}, "two files"))), "Calls and their outcome:") == ["- list: two files"]


def test_the_latest_request_is_whole_and_earlier_ones_stay() -> None:
    latest = "Now rename the function to compute_total, and nothing else."
    made = [Step("Well.", False, [], [], f"Earlier wish number {n}.") for n in range(3)]
    text = summary([*made, Step("Yes.", False, [], [], latest), *working(40)], 700)
    assert section(text, "The user's latest request:") == [f"- {latest}"]
    assert "Earlier wish number 2." in text


def test_conclusions_by_their_first_sentence() -> None:
    made = [Step("The cache was cold. I will now explain why that is so at length.", False, [], [], "ok")]
    assert section(summary(made), "You concluded:") == ["- The cache was cold."]


def test_a_remark_in_front_of_a_call_is_no_conclusion_in_a_message_of_its_own() -> None:
    [body] = bodies([Step("Let me look.", False, [("call", "list", {"path": "a"})], ["b"])], "openai.chat")[1:]
    *_, said, result = body["messages"]
    alone = [{"role": "assistant", "content": said["content"]}, {**said, "content": None}]
    found = texts(Prompt.parse(laws.dumped({**body, "messages": [*alone, result]})), Policy("plain"))
    script = transcript(found, range(3))
    assert (script.said, script.concluded) == (["Let me look."], [])


@pytest.mark.parametrize(
    "said",
    [
        "キャッシュが冷えていた。理由を説明します。",
        "缓存是冷的。现在解释原因。",
        "Кэш был холодный. Объясню почему.",
        "ذاكرة التخزين باردة. سأشرح.",
    ],
)
def test_in_any_language(said: str) -> None:
    made = [Step(said, False, [], [], said + " 次"), *working(30)]
    text = summary(made, 1500)
    assert said[:8] in text
    assert ENCODING.count(text) <= 1500


def test_nothing_stands_for_a_section_that_is_empty() -> None:
    assert all(summary(used(("list", {}, "two files"))).splitlines())


def test_messages_that_stay_are_not_in_it() -> None:
    text = summary([Step("Yes.", False, [], [], "And now the docs.")])
    assert section(text, "The user's latest request:") == ["- And now the docs."]
    assert "Please fix" not in text, "the opening"


def test_no_heading_without_names_under_it() -> None:
    assert "Names:" not in summary(used(("Bash", {"command": "ls"}, "ok")))
    assert "Names:" in summary(working(60))


def test_forges_no_marker() -> None:
    made = [Step(LOOKALIKE, False, [("a", "Bash", {"command": LOOKALIKE})], [LOOKALIKE + " error"], LOOKALIKE)]
    text = summary(made)
    assert "deadbeef" in text
    assert "[ctxpack" not in text


HOSTILE = [
    "a" * 200_000,
    "a/" * 100_000,
    "[" * 100_000,
    "error " * 40_000,
    "- [ ] x\n" * 20_000,
    "- [ ] \n" + "\n" * 200_000,
    " " * 200_000,
    "1" * 200_000,
    "exit code: " + " " * 200_000,
    "\n".join(f"line {n} of one command" for n in range(20_000)),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_longer(text: str) -> None:
    """Any of these is done in a second or two; what is quadratic in them would take hours."""
    calls = [("a", "Bash", {"command": text}), ("b", "Bash", {"command": text})]
    assert ENCODING.count(summary([Step(text, False, calls, [text, text], text)], 400)) <= 400
