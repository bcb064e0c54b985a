"""Audits of logs in which not one call could be read."""

import re
from pathlib import Path

import pytest

import ctxpack
from ctxpack.auditing.tables import tables
from ctxpack.errors import ReaderError
from tests.auditing.claude_code import Log, text
from tests.auditing.test_audit import FIRST, audited, record, say


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            [record(1, say("SECRET"), 0.0, (3, 0, 9)).replace("input", "SECRET")],
            "dialect not supported: unknown (1); only openai.chat and anthropic.messages are read",
        ),
        (
            [record(1, say("SECRET"), 0.0, (-3, 0, 9)), "{SECRET"],
            "usage not understood (1), not JSON (1); input_tokens is negative: -3",
        ),
        (
            [record(n, say("SECRET"), n, (3, 0, 9), model=None) for n in (1, 2)] + ['{"model": "m", "usage": null}'],
            "no model (2), no usage (1); log the `model` that was asked; log the `usage`, or the whole `response`",
        ),
        (
            ['{"request": {"model": "m", "messages": []}, "usage": null}'],
            "no usage (1); log the `usage`, or the whole `response`",
        ),
        (
            [record(1, say("SECRET"), 0.0, (3, 0, 9)).replace('"time": 0.0', '"time": "SECRET"')],
            "time not understood (1); log Unix time or ISO 8601",
        ),
    ],
)
def test_an_audit_that_read_no_call_does_not_say_that_there_was_none(
    tmp_path: Path, lines: list[str], reason: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "log.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
    with pytest.raises(ReaderError) as failure:
        ctxpack.audit(other)
    assert str(failure.value) == f"{other / 'log.jsonl'}:1: no call could be read: {reason}"
    assert audited(tmp_path, FIRST).calls == 1
    assert ctxpack.audit(tmp_path).calls == 1, "beside a call that could be read, the rest is counted"


def test_where_no_path_is_given_nothing_is_audited() -> None:
    with pytest.raises(ReaderError, match="no file or directory is given"):
        ctxpack.audit(path for path in ())


def test_an_error_says_how_many_files_could_not_be_read(tmp_path: Path) -> None:
    Log().user("hi").write(tmp_path, "fresh.jsonl")
    for name in "abc":
        (tmp_path / f"{name}.jsonl").write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ReaderError) as failure:
        ctxpack.audit(tmp_path)
    assert (
        str(failure.value) == f"{tmp_path / 'a.jsonl'} and 2 more: no call could be read: file of no known format (3)"
    )


def test_where_no_file_is_a_log_an_error_says_what_is_wanted(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.jsonl").write_text('{"question": "SECRET"}\n', encoding="utf-8")
    with pytest.raises(ReaderError) as failure:
        ctxpack.audit(tmp_path)
    start, _, wanted = str(failure.value).partition("; its first lines have: question; wanted: ")
    assert start == f"{tmp_path / 'a.jsonl'}: no record of a known log format"
    assert wanted.endswith("; none of the 3 files could be read")


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("{}", "its first lines have: nothing"),
        ('{"request": "{}", "usage": {}}', "its first lines have: request (no object), usage"),
        ("[]", "its first lines are no JSON objects"),
        ('[{"usage": {}},', "it is damaged, or several JSON values"),
        ('{"a": 1}{"a": 2}', "it is damaged, or several JSON values"),
        ('{\n"a":', "it is damaged, or several JSON values"),
    ],
)
def test_an_error_says_what_the_lines_are(tmp_path: Path, line: str, seen: str) -> None:
    (tmp_path / "log.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ReaderError, match=re.escape(seen)):
        ctxpack.audit(tmp_path)


def test_a_transcript_whose_usage_is_damaged_says_how(tmp_path: Path) -> None:
    log = Log().user("hi").say("m", text("ok"))
    log.lines[-1]["message"]["usage"] = {"input_tokens": 3}
    with pytest.raises(ReaderError, match="not understood \\(1\\); output_tokens is missing"):
        ctxpack.audit(log.write(tmp_path))


def test_the_report_says_what_was_wrong_first(tmp_path: Path) -> None:
    damaged = [record(n, say("hi"), 0.0, (-n, 0, 9)) for n in (3, 4)]
    found = audited(tmp_path, FIRST, *damaged)
    assert [skip.detail for skip in found.skipped] == ["input_tokens is negative: -3", "input_tokens is negative: -4"]
    (row,) = tables(found)[-1].rows
    assert row == ("usage not understood", 2, f"{tmp_path / 'log.jsonl'}:2: input_tokens is negative: -3")
