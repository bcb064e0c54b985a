"""Telling logs from other files, and the errors where there are none."""

import gzip
from pathlib import Path

import pytest

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.errors import ReaderError

from .logs import cut, reasons, record, run, run_bytes


def test_a_directory_is_searched_and_its_other_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "1.jsonl").write_bytes(record(id="1"))
    (tmp_path / "a" / "2.jsonl.gz").write_bytes(gzip.compress(record(id="2")))
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "other.jsonl").write_bytes(b'{"question": "?"}\n')
    (tmp_path / "torn.jsonl.gz").write_bytes(cut(record(), 20))
    items = run(tmp_path)
    assert [item.id for item in items if isinstance(item, Call)] == ["2", "1"]
    assert {Path(i.path).name: i.reason for i in items if isinstance(i, Skip)} == {
        "empty.jsonl": Reason.NOT_A_LOG,
        "other.jsonl": Reason.NOT_A_LOG,
        "torn.jsonl.gz": Reason.UNREADABLE,
    }


def test_files_of_a_directory_that_need_not_be_logs_are_read_where_they_are(tmp_path: Path) -> None:
    for name in ("a.json", "b.log", "c.ndjson", "d.json.gz"):
        (tmp_path / name).write_bytes(record(id=name))
    (tmp_path / "package.json").write_bytes(b'{\n  "name": "x"\n}\n')
    (tmp_path / "server.log").write_bytes(b"[2026-01-01] started\n")
    items = run(tmp_path)
    assert [item.id for item in items if isinstance(item, Call)] == ["a.json", "b.log", "c.ndjson", "d.json.gz"]
    assert reasons(items) == []


def test_a_directory_without_a_log_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_bytes(b'{"name": "x"}')
    with pytest.raises(ReaderError, match=r"package\.json: no record .*; its first lines have: name; wanted: .*`\)$"):
        run(tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_bytes(b"hello\n")
    with pytest.raises(ReaderError, match=r"a\.jsonl: no record .*; none of the 3 files could be read$"):
        run(tmp_path)


def test_the_error_of_an_unknown_format_names_what_is_there_and_what_is_wanted(tmp_path: Path) -> None:
    lines = b'{"prompt": "SECRET", "tokens": 5}\n{"prompt": "SECRET", "cost": 1}\n'
    with pytest.raises(ReaderError) as failure:
        run_bytes(tmp_path, lines)
    assert "its first lines have: prompt, tokens, cost; wanted: " in str(failure.value)
    assert "SECRET" not in str(failure.value)


def test_the_error_of_an_unknown_format_says_where_a_text_stands_in_place_of_an_object(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"its first lines have: request \(no object\), usage, note; wanted: "):
        run_bytes(tmp_path, b'{"request": "{}", "usage": {}, "note": "x"}')


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hello\n", "its first lines are no JSON objects;"),
        (b'[{"a": 1},\n', "it is damaged, or several JSON values that are no lines: `jq -c . "),
        (b"\n\n", "it is empty;"),
        (record().decode().encode("utf-16"), "its first lines are no JSON objects (looks like UTF-16; make it UTF-8"),
    ],
)
def test_the_error_of_what_is_no_json_says_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(ReaderError) as failure:
        run_bytes(tmp_path, data)
    assert f"log.jsonl: no record of a known log format; {said}" in str(failure.value)


@pytest.mark.parametrize("data", [b"", b"\n\n", b'{"question": "?"}\n', b"\x00\x01\xff\n", b'{"type": "event"}\n'])
def test_a_named_file_of_no_known_format_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ReaderError, match=r"log\.jsonl: no record of a known log format; it"):
        run_bytes(tmp_path, data)
