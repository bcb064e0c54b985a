"""When a text is old: by what became of it."""

import sys
from dataclasses import replace

from ctxpack.packing import Compaction, Policy
from ctxpack.packing.ages import old
from ctxpack.packing.texts import texts
from ctxpack.prompts import Prompt

from . import laws
from .conversations import Step, bodies

PLAIN = Policy("plain")
RULE = Compaction(keep_turns=8, keep_commands=6, keep_replaced=3, keep_arguments=4)


def read(path: str, **part: int) -> tuple:
    return "call", "Read", {"file_path": path, **part}


def edit(path: str) -> tuple:
    return "call", "Edit", {"file_path": path, "old_string": "a", "new_string": "b"}


def write(path: str, **how: object) -> tuple:
    return "call", "Write", {"file_path": path, "content": "a", **how}


def run(command: str) -> tuple:
    return "call", "Bash", {"command": command}


def stays(first: list[tuple], *then: list[tuple], rule: Compaction = RULE) -> list[int]:
    """For each call of the first step, how many turns its result stays: other calls follow in the next steps."""
    found = [0] * len(first)
    for turns in range(1, 30):
        steps = [first, *then, *([("call", "noop", {})] for _ in range(turns - 1 - len(then)))][:turns]
        made = [Step("", False, named(at, calls), [f"result {at}" for _ in calls]) for at, calls in enumerate(steps)]
        prompt = Prompt.parse(laws.dumped(bodies(made, "anthropic.messages")[-1]))
        gone = old(texts(prompt, PLAIN), turns_of(prompt), rule)
        removed = {text.source.call_id for text, _ in gone if text.is_result}
        for place in range(len(first)):
            found[place] += f"0_{place}" not in removed
    return found


def turns_of(prompt: Prompt) -> list[int]:
    roles = [section.role for section in prompt.messages]
    return [roles[: block.message + 1].count("assistant") for block in prompt.blocks]


def named(at: int, calls: list[tuple]) -> list[tuple]:
    return [(f"{at}_{place}", *call[1:]) for place, call in enumerate(calls)]


def test_commands_go_before_reads() -> None:
    assert stays([run("make"), read("a.py")]) == [6, 8]
    assert stays([run("make"), read("a.py")], rule=replace(RULE, keep_commands=20)) == [8, 8]


def test_what_a_newer_result_replaces_goes_first() -> None:
    assert stays([read("a.py")], [read("a.py")]) == [3]
    assert stays([read("a.py")], [write("a.py")]) == [3]
    assert stays([run("make")], [run("make")]) == [3]
    assert stays([write("a.py")]) == [3]
    assert stays([edit("a.py")], [write("a.py")]) == [6], "what an edit answered is no text of the file"
    assert stays([read("a.py")], [read("a.py")], rule=replace(RULE, keep_replaced=20)) == [8]


def is_written_text_old(then: tuple, rule: Compaction = RULE, first: tuple = write("a.py")) -> bool:
    """Whether what a call put into a file is old three turns later, after a call in each of the next two."""
    made = [Step("", False, named(at, [call]), ["done"]) for at, call in enumerate([first, then, then])]
    prompt = Prompt.parse(laws.dumped(bodies([*made, Step("On.")], "anthropic.messages")[-1]))
    gone = old(texts(prompt, PLAIN), turns_of(prompt), rule)
    return any(text.is_arguments and text.source.call_id == "0_0" for text, _ in gone)


def test_what_was_written_goes_when_the_whole_file_is_written_again() -> None:
    """Edits of it, writes that add to it, and other calls make nothing of it out of date."""
    assert is_written_text_old(write("a.py"))
    adding = (write("a.py", mode="append"), write("a.py", append=True))
    for then in (edit("a.py"), *adding, write("b.py"), run("a.py")):
        assert not is_written_text_old(then)
    assert not is_written_text_old(write("a.py"), first=edit("a.py"))


def test_what_was_written_stays_no_longer_for_being_replaced() -> None:
    rule = replace(RULE, keep_replaced=8, keep_arguments=1)
    assert is_written_text_old(edit("a.py"), rule) == is_written_text_old(write("a.py"), rule)
    assert is_written_text_old(write("a.py"), rule)


def test_what_is_added_to_a_file_makes_no_read_of_it_out_of_date() -> None:
    assert stays([read("a.py")], [write("a.py", mode="append")]) == [8]


def test_a_part_of_a_file_replaces_no_other_part() -> None:
    assert stays([read("a.py", offset=1)], [read("a.py", offset=90)]) == [8]
    assert stays([read("a.py", offset=1)], [read("a.py")]) == [3]
    assert stays([read("a.py", offset=1)], [read("a.py", offset=1)]) == [3]


def test_reads_wait_while_files_read_with_them_are_worked_on() -> None:
    others = [[edit("b.py")]] * 5
    assert stays([read("a.py"), read("b.py")], *others) == [17, 8]
    assert stays([read("a.py")], *others) == [8]


def functions_called(turns: int) -> int:
    """How many functions it takes to tell how old the parts of one file are, a new one read in each turn."""
    steps = [Step("", False, [(f"{at}", *read("a.py", offset=at)[1:])], ["part"]) for at in range(turns)]
    prompt = Prompt.parse(laws.dumped(bodies(steps, "anthropic.messages")[-1]))
    found, begun, calls = texts(prompt, PLAIN), turns_of(prompt), []
    sys.setprofile(lambda frame, event, argument: calls.append(event) if event == "call" else None)
    try:
        old(found, begun, RULE)
    finally:
        sys.setprofile(None)
    return len(calls)


def test_many_calls_on_one_subject_take_no_longer_each() -> None:
    assert functions_called(400) < 2.5 * functions_called(200)


def test_an_editor_that_shows_and_changes_files_does_each_in_turn() -> None:
    def editor(action: str) -> tuple:
        return "call", "str_replace_editor", {"command": action, "path": "a.py"}

    assert stays([editor("view")], [editor("str_replace")]) == [8]
    assert stays([editor("view")], [editor("view")]) == [3]
    assert stays([editor("view")], [editor("create")]) == [3]


def test_no_text_is_no_old_text() -> None:
    assert old([], [], RULE) == []


def test_a_reason_says_after_how_many_turns() -> None:
    made = [Step("", False, [run("make")], ["built"]), *(Step("on", False, [], [], "go on") for _ in range(6))]
    prompt = Prompt.parse(laws.dumped(bodies(made, "anthropic.messages")[-1]))
    whys = {why for _, why in old(texts(prompt, PLAIN), turns_of(prompt), RULE)}
    assert whys == {"older than 6 turns", "no call on it for 4 turns"}
    sooner = {why for _, why in old(texts(prompt, PLAIN), turns_of(prompt), RULE, sooner=9)}
    assert sooner == {"older than 1 turns", "no call on it for 1 turns"}
