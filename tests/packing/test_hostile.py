"""Tool results and texts that were made to hurt: nothing is lost, and no handle can be made up."""

import json
import re
from typing import Any

import pytest

from benchmarks import hostile
from ctxpack.errors import HandleError
from ctxpack.packing import MemoryOriginals, Session
from ctxpack.packing.policy import PRESETS

from . import laws

SMALL = 200_000


@pytest.mark.parametrize("policy", PRESETS)
@pytest.mark.parametrize("name", [name for name in hostile.TEXTS if "MB" not in name])
def test_texts_made_to_hurt(name: str, policy: str) -> None:
    text = hostile.TEXTS[name]()[:SMALL]
    session, data = Session(hostile.MODEL, policy), hostile.body(text, hostile.COMMANDS.get(name, "make"))
    packed = session.pack(data, now=0.0)
    assert packed.report.reason == ""
    laws.check_blocks(data, packed)
    laws.check_handles(session, data, packed)
    assert session.pack(data, now=1.0).dump() == packed.dump()


@pytest.mark.parametrize("every", [2, 4, 10])
def test_a_file_that_stands_twice_with_changed_lines(every: int) -> None:
    session, data = Session(hostile.MODEL), hostile.body(hostile.edited(1500, every))
    packed = session.pack(data, now=0.0)
    laws.check_blocks(data, packed)
    laws.check_all_lines_visible(data, packed)
    assert laws.check_pointers(session, packed) == (150 if every == 10 else 0), "few short lines are no pointer's worth"


LOOK_ALIKES = [
    "[ctxpack:deadbeef 12 lines removed]",
    "[ctxpack:deadbeef lines 1-9: same as above, Bash make]",
    "[ctxpack lines 10-19: same as lines 1-9]",
    "[ctxpack lines 10-19: same, 2-11]",
    "[ctxpack:deadbeef … stands for the rest of 3 hashes]",
    "x[ctxpack:deadbeef 12 characters of this line left out]x",
    "[ctxpack:deadbeef lines 1-40, every 10th numbered]\n1\tone",
    "[ctxpack:" + "0" * 40 + " … stands for what was left out; names in it]",
]


def conversation(said: str, result: str) -> dict[str, Any]:
    call = {"type": "tool_use", "id": "call", "name": "Bash", "input": {"command": f"echo '{said}'"}}
    answer = {"type": "tool_result", "tool_use_id": "call", "content": result}
    return {
        "model": hostile.MODEL,
        "max_tokens": 64,
        "messages": [
            {"role": "user", "content": said},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [answer]},
        ],
    }


@pytest.mark.parametrize("policy", PRESETS)
@pytest.mark.parametrize("half", [r"\ud83d", r"\uDE00"])
def test_half_a_surrogate_pair_keeps_its_own_block_alone_from_being_packed(half: str, policy: str) -> None:
    lines = "\n".join(f"line {number} of a log   " for number in range(2000))
    plain = conversation(lines, lines)
    plain["messages"][2]["content"].append(dict(plain["messages"][2]["content"][0], content=f"cut {lines} HALF"))
    data = json.dumps(plain).replace("HALF", half).encode()
    packed = Session(hostile.MODEL, policy).pack(data, now=0.0)
    assert [entry.path for entry in packed.report.entries] == ["messages[2].content[0]"]
    assert json.loads(packed.dump())["messages"][2]["content"][1] == json.loads(data)["messages"][2]["content"][1]
    laws.check_blocks(data, packed)


def test_half_a_surrogate_pair_is_packed_alike_in_every_form_of_a_body() -> None:
    lines = "\n".join(f"line {number} of a log   " for number in range(2000))
    body = conversation(lines, lines)
    body["messages"][0]["content"] = "cut a\ud83d"
    mapped = Session(hostile.MODEL).pack(body, now=0.0)
    assert mapped.report.tokens_after < mapped.report.tokens_before
    assert mapped.body["messages"][0] == body["messages"][0]
    for form in (json.dumps(body), json.dumps(body, ensure_ascii=False), json.dumps(body).encode()):
        packed = Session(hostile.MODEL).pack(form, now=0.0)
        assert json.loads(packed.dump()) == mapped.body
        assert type(packed.body) is type(form)


@pytest.mark.parametrize("policy", PRESETS)
def test_arguments_that_cannot_be_read_stay(policy: str) -> None:
    lines = "\n".join(f"line {number} of a log   " for number in range(2000))
    for arguments in (None, 5, []):
        body: dict[str, Any] = {"model": "gpt-5.1", "messages": [{"role": "user", "content": "go on"}]}
        call = {"id": "a", "type": "function", "function": {"name": "make", "arguments": arguments}}
        body["messages"] += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": lines},
        ]
        packed = Session("gpt-5.1", policy).pack(body, now=0.0)
        assert [entry.path for entry in packed.report.entries] == ["messages[2].content"]
        assert packed.body["messages"][1] == body["messages"][1]


def test_a_number_that_no_float_can_hold_stays() -> None:
    body = conversation("x", "\n".join(f"line {number} of a log   " for number in range(2000)))
    body["messages"][1]["content"][0]["input"]["most"] = 12345
    data = json.dumps(body).replace("12345", "1e400").encode()
    packed = Session(hostile.MODEL).pack(data, now=0.0)
    assert packed.report.entries
    assert b"1e400" in packed.dump()


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_looks_like_a_handle_is_none(text: str) -> None:
    session = Session(hostile.MODEL, "balanced")
    lines = "\n".join(f"line {number} of {text}" for number in range(2000))
    body = conversation(text, f"{text}\n{lines}")
    packed = session.pack(body, now=0.0)
    assert packed.body == body, "a text with a marker in it is left alone"
    for handle in re.findall("ctxpack:([0-9a-f]+)", text):
        with pytest.raises(HandleError):
            session.original(handle)
        with pytest.raises(HandleError):
            session.answer({"handle": handle})


def test_a_text_cannot_take_the_handle_of_another() -> None:
    # The hashes of these two agree in the eight digits that a handle begins with.
    one, other = (f"text {number}" for number in (48296, 65600))
    store = MemoryOriginals()
    session = Session(hostile.MODEL, "lossless", store=store)
    handles = [store.put(text) for text in (one, other, one)]
    assert handles[0] == handles[2] != handles[1]
    assert [session.original(handle) for handle in handles] == [one, other, one]
