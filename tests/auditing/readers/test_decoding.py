"""Lines with half a surrogate pair, as JSON.stringify and json.dumps write them."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxpack
from ctxpack.auditing.calls import Reason
from ctxpack.auditing.readers.decoding import decode
from ctxpack.prompts.halves import without_halves
from tests.auditing.claude_code import Log, messages, run, text, use

HIGH, LOW = "\ud83d", "\ude00"
PIECES = [
    *(r"\ud83d", r"\uDBFF", r"\ude00", r"\uDc00", r"\u0041", r"\uffff", r"\\", r"\n", r"\"", "u", "d83d", "é"),
    *("\\", r"\ud8", r"\UD83D", r"\ud83", '"'),
]
ANY = msgspec.json.Decoder()


def reference(line: bytes) -> object:
    """Python's own reader takes halves as they are; ValueError where the line is no JSON."""
    return re.sub("[\ud800-\udfff]", "\ufffd", json.loads(line))


@given(st.lists(st.sampled_from(PIECES)).map(lambda pieces: f'"{"".join(pieces)}"'.encode()))
def test_halves_and_nothing_else_are_replaced(line: bytes) -> None:
    try:
        expected = reference(line)
    except ValueError:
        with pytest.raises(msgspec.DecodeError):
            decode(ANY, line)
    else:
        assert decode(ANY, line) == expected
        assert ("\ufffd" in str(expected)) == (without_halves(line) != line)


@pytest.mark.parametrize("half", [HIGH, LOW, LOW + HIGH])
def test_records_with_a_half_are_audited_as_if_it_were_the_replacement(tmp_path: Path, half: str) -> None:
    told = []
    for number, sign in enumerate((half, "\ufffd" * len(half))):
        path = tmp_path / f"{number}.jsonl"
        prompts = [[f"{sign} {'word ' * 6000}"], [f"{sign} {'word ' * 6000}!", "a", sign]]
        path.write_text("".join(_record(place, prompt) for place, prompt in enumerate(prompts)), encoding="ascii")
        told.append(ctxpack.audit(path).to_dict())
    assert told[0] == told[1]
    assert told[0]["calls"] == 2
    assert len(told[0]["findings"]) == 1
    assert not told[0]["skips"]


def _record(place: int, prompt: list[str]) -> str:
    said = [{"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(prompt)]
    body = {"model": "claude-opus-4-6", "max_tokens": 5, "cache_control": {"type": "ephemeral"}, "messages": said}
    usage = {"input_tokens": 3, "cache_creation_input_tokens": 7000, "output_tokens": 1}
    return json.dumps({"id": place, "session": "s", "time": 9 * place, "request": body, "usage": usage}) + "\n"


def test_a_transcript_with_halves_loses_nothing(tmp_path: Path) -> None:
    log = (
        Log()
        .user(f"hi {HIGH}")
        .say("a", text(HIGH), use("1"))
        .user([{"type": "tool_result", "tool_use_id": "1", "content": f"cut {HIGH} \\ud83d {HIGH + LOW}"}])
    )
    calls, skips = run(log.say("b").write(tmp_path))
    assert [call.id for call in calls] == ["a:r", "b:r"]
    assert messages(calls[1])[0]["content"] == "hi \ufffd"
    assert messages(calls[1])[2]["content"][0]["content"] == "cut \ufffd \\ud83d \U0001f600"
    assert not skips


def test_what_is_no_json_stays_so(tmp_path: Path) -> None:
    path = Log().user(f"hi {HIGH}").say("a").write(tmp_path)
    path.write_text(path.read_text() + '{"type": "user", "message": "\\ud83d"\n{"type": "\\ud83d')
    assert run(path)[1] == [(3, Reason.NOT_JSON), (4, Reason.TRUNCATED_LINE)]


@pytest.mark.parametrize("line", [b"[" * 300_000, b'{"a":[' * 100_000 + b"1" + b"]}" * 100_000])
def test_what_is_nested_too_deep_is_no_json(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(ANY, line)
