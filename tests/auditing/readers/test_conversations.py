"""Conversations that a log does not name are told apart by what their requests share."""

import json
from pathlib import Path
from typing import Any

import pytest

from ctxpack.auditing import recent
from ctxpack.auditing.readers.conversations import Conversations
from ctxpack.prompts.dialects import anthropic_messages
from tests.auditing.test_audit import audited

MARK = {"cache_control": {"type": "ephemeral"}}
RULES = "rule " * 6000


def requests(topic: str, turns: int, system: str = RULES) -> list[dict[str, Any]]:
    """The body of each request of one conversation, a marker on its last message."""
    asked: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": f"{topic} {turn}"}]} for turn in range(turns)
    ]
    bodies: list[dict[str, Any]] = []
    for turn in range(turns):
        said = [message for one in asked[:turn] for message in (one, {"role": "assistant", "content": "ok"})]
        last = {"role": "user", "content": [asked[turn]["content"][0] | MARK]}
        bodies.append({"model": "claude-opus-4-6", "max_tokens": 1, "system": system, "messages": [*said, last]})
    return bodies


def names(bodies: list[Any], dialect: str = "anthropic.messages") -> list[str]:
    found = Conversations()
    return [found.of(json.dumps(body).encode(), dialect, str(n))[0] for n, body in enumerate(bodies)]


def test_conversations_that_alternate_are_kept_apart() -> None:
    mixed = [body for pair in zip(requests("a", 4), requests("b", 4), strict=True) for body in pair]
    assert names(mixed) == ["0", "1"] * 4


def test_a_conversation_goes_on_whatever_changes_around_it() -> None:
    first, later = requests("a", 2, "Now: 12:29"), requests("a", 3, "Now: 12:30")
    assert names([*first, later[2]]) == ["0", "0", "0"]
    cut = later[2] | {"messages": later[2]["messages"][2:]}
    assert names([later[1], cut]) == ["0", "0"], "its start was dropped"


def test_the_same_task_given_to_another_model_is_another_conversation() -> None:
    ours = requests("a", 3)
    theirs = [body | {"model": "claude-sonnet-5"} for body in ours]
    assert names([ours[0], theirs[0], ours[1], ours[2]]) == ["0", "1", "0", "0"]
    assert names([ours[0], theirs[1], ours[2]]) == ["0", "0", "0"], "it goes on with another model"
    answered = [{"role": "assistant", "content": "yes"}, ours[0]["messages"][-1]]
    other = theirs[0] | {"messages": [*theirs[0]["messages"], *answered]}
    assert names([ours[0], ours[1], theirs[0], other]) == ["0", "0", "2", "2"]
    longer = other | {"messages": [*other["messages"], *answered]}
    assert names([ours[0], ours[1], longer]) == ["0", "0", "2"], "longer, but answered otherwise"


def test_one_that_holds_more_of_a_request_goes_before_the_latest() -> None:
    long, short = requests("a", 4), requests("a", 1)
    other = short[0]["messages"] + [{"role": "assistant", "content": "no"}, {"role": "user", "content": "why?"}]
    assert names([long[2], short[0] | {"messages": other}, long[3]])[2] == "0"


def test_only_so_many_conversations_stay_open(monkeypatch: Any) -> None:
    monkeypatch.setattr(recent, "OPEN", 2)
    a, b, c = (requests(topic, 2) for topic in "abc")
    assert names([a[0], b[0], a[1], c[0], a[1], b[1]]) == ["0", "1", "0", "3", "0", "5"]


def test_only_so_many_bytes_of_prompts_are_kept(monkeypatch: Any) -> None:
    a, b = requests("a", 2), requests("b", 2)
    monkeypatch.setattr(recent, "BYTES", len(json.dumps(a[0])))
    assert names([a[0], b[0], b[1], a[1]]) == ["0", "1", "1", "3"]


@pytest.mark.parametrize("bound", ["OPEN", "BYTES"])
def test_memory_is_of_so_many_conversations(bound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = {"input_tokens": 6000, "output_tokens": 1}
    bodies = [(topic, n, requests(topic, 2)[n]) for n in range(2) for topic in "abc"]
    lines = [json.dumps({"session": topic, "request": body, "usage": usage, "time": n}) for topic, n, body in bodies]
    whole = audited(tmp_path, *lines, policies=["lossless"])
    two = {"OPEN": 2, "BYTES": 2 * max(len(json.dumps(body)) for _, _, body in bodies)}
    monkeypatch.setattr(recent, bound, two[bound])
    found = audited(tmp_path, *lines, policies=["lossless"])
    assert (found.calls, found.sessions) == (whole.calls, whole.sessions) == (6, 3)
    assert (len(whole.transitions), len(found.transitions)) == (3, 0)
    assert found.alternatives[0].expected_before > whole.alternatives[0].expected_before


def test_the_bodies_sent_to_every_model_of_a_conversation_weigh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, models = requests("a", 1)[0], ("claude-opus-4-6", "claude-sonnet-5", "claude-haiku-4-5")
    sent = [("a", models[0]), *(("b", model) for model in models), ("a", models[0])]
    usage = {"input_tokens": 6000, "output_tokens": 1}
    records = ({"session": session, "request": body | {"model": model}, "usage": usage} for session, model in sent)
    lines = [json.dumps(record) for record in records]
    monkeypatch.setattr(recent, "BYTES", 3 * len(json.dumps(body)))
    found = audited(tmp_path, *lines, policies=["lossless"])
    assert [step.session for step in found.transitions] == ["b", "b"], "there is no room for a beside b's three"
    assert found.alternatives[0].expected_before == pytest.approx(audited_alone(tmp_path, lines))


def audited_alone(tmp_path: Path, lines: list[str]) -> float:
    """What the calls cost without packing where none finds anything of another."""
    each = (audited(tmp_path, line, policies=["lossless"]) for line in lines)
    return sum(one.alternatives[0].expected_before for one in each)


def test_bodies_that_cannot_be_read_are_each_alone() -> None:
    assert names([{"messages": []}, {"messages": 5}, {"messages": []}]) == ["0", "1", "2"]


def test_nothing_is_lost_where_conversations_alternate_in_a_log(tmp_path: Path) -> None:
    lines = []
    for n, pair in enumerate(zip(requests("a", 5), requests("b", 5), strict=True)):
        for body, base in zip(pair, (6000, 6100), strict=True):
            read, written = (0, base) if n == 0 else (base + 10 * (n - 1), 10)
            usage = {"input_tokens": 3, "cache_read_input_tokens": read, "cache_creation_input_tokens": written}
            lines.append(json.dumps({"request": body, "usage": usage | {"output_tokens": 1}, "time": 20 * len(lines)}))
    found = audited(tmp_path, *lines, policies=())
    assert (found.sessions, len(found.transitions), found.exact, found.lost_money) == (2, 8, 8, {})


def tried(topic: str, answer: str) -> list[dict[str, Any]]:
    """The two requests of one try at a task, where every other try is told the same."""
    first = {"role": "user", "content": topic}
    said = [first, {"role": "assistant", "content": answer}, {"role": "user", "content": "go on"}]
    return [{"model": "claude-opus-4-6", "max_tokens": 1, "messages": messages} for messages in ([first], said)]


def test_tries_at_the_same_task_are_kept_apart() -> None:
    a, b = tried("task", "this way"), tried("task", "that way")
    assert names([*a, *b]) == ["0", "0", "2", "2"], "one after the other"
    assert names([a[0], b[0], a[1], b[1]]) == ["0", "0", "0", "3"], "at one time"
    again = a[1] | {"messages": [*a[1]["messages"][:2], {"role": "user", "content": "no"}]}
    assert names([*a, again]) == ["0", "0", "0"], "its last question was put otherwise"
    echoed = tried("task", "go on")
    assert names([*echoed, *b]) == ["0", "0", "2", "2"], "what one answered is what the other was told"
    other = b[1] | {"messages": [*b[1]["messages"][:2], {"role": "user", "content": "no"}]}
    both = a[1] | {"messages": [*a[1]["messages"], *b[1]["messages"][1:]]}
    assert names([a[1], other, both]) == ["0", "1", "0"], "it holds more of the earlier one"


def test_a_client_may_shorten_answers_whose_calls_got_a_result() -> None:
    said: list[Any] = [{"role": "user", "content": "task"}]
    bodies = [{"model": "claude-opus-4-6", "max_tokens": 1, "messages": said}]
    for call in ("a", "b", "c"):
        asked = {"type": "tool_use", "id": call, "name": "Read", "input": {"path": f"{call}.py"}}
        done = {"type": "tool_result", "tool_use_id": call, "content": "the same in every file"}
        bodies.append(bodies[0] | {"messages": [*said, answer(asked), {"role": "user", "content": [done]}]})
        said = [*said, answer(asked | {"input": {}}), {"role": "user", "content": [done]}]
    assert names(bodies) == ["0"] * 4
    assert names([bodies[0], bodies[1], bodies[0] | {"messages": [said[0], *said[3:5]]}]) == ["0", "0", "2"]


def test_the_same_result_of_another_call_is_another_try() -> None:
    call = {"type": "function", "function": {"name": "Read", "arguments": "{}"}}
    made = [
        [
            {"role": "user", "content": "task"},
            {"role": "assistant", "content": None, "tool_calls": [call | {"id": name}]},
            {"role": "tool", "tool_call_id": name, "content": "the same in every file"},
        ]
        for name in "ab"
    ]
    bodies = [{"model": "gpt-5.1", "messages": messages} for messages in made]
    assert names([bodies[0], bodies[1], bodies[0]], "openai.chat") == ["0", "1", "0"]


def answer(part: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": [part]}


def test_a_request_is_read_once_and_only_what_is_new_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    message = anthropic_messages.message
    monkeypatch.setattr(anthropic_messages, "message", lambda part: read.append(part.path) or message(part))
    said = [{"role": role, "content": f"{n}"} for n in range(10) for role in ("user", "assistant")]
    bodies = [{"model": "claude-opus-4-6", "messages": said[:last]} for last in range(1, 20, 2)]
    usage = {"input_tokens": 6000, "output_tokens": 1}
    found = audited(tmp_path, *(json.dumps({"request": body, "usage": usage}) for body in bodies), policies=())
    assert (found.calls, found.sessions) == (10, 1)
    assert read == [f"messages[{n}]" for n in range(19)]
