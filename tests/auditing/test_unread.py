"""Audits of logs in which not one call could be read."""

from pathlib import Path

import pytest

import ctxpack
from ctxpack.errors import ReaderError
from tests.auditing.claude_code import Log
from tests.auditing.test_audit import FIRST, audited, record, say


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([record(1, say("SECRET"), 0.0, (3, 0, 9)).replace("input", "SECRET")], "dialect not supported: unknown"),
        ([record(1, say("SECRET"), 0.0, (-3, 0, 9)), "{SECRET"], "usage not understood (1), not JSON"),
        ([record(1, say("SECRET"), 0.0, (3, 0, 9), model=None)], "no model"),
        (['{"request": {"model": "m", "messages": []}, "usage": null}'], "no usage"),
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
    assert str(failure.value) == f"{other / 'log.jsonl'}: no call could be read: {reason} (1)"
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
