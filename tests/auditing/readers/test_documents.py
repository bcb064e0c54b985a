"""Logs that are one JSON value over many lines."""

import json
import tracemalloc
from pathlib import Path

import pytest

from ctxpack.auditing.calls import Reason
from ctxpack.auditing.readers import documents
from ctxpack.errors import ReaderError

from .logs import reasons, record, run_bytes


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("last", ["", "\n"])
def test_one_json_value_is_read_as_its_records(tmp_path: Path, indent: int | None, last: str) -> None:
    one = json.loads(record(id="a"))
    many = [one, {"question": "?"}, {**one, "id": "b"}]
    items = run_bytes(tmp_path, (json.dumps(many, indent=indent) + last).encode(), "log.json")
    assert [getattr(item, "id", None) for item in items] == ["a", None, "b"]
    assert reasons(items) == [(2, Reason.UNKNOWN_RECORD)]
    (call,) = run_bytes(tmp_path, (json.dumps(one, indent=indent) + last).encode(), "log.json")
    assert json.loads(call.body) == one["request"]


def test_a_value_that_is_too_long_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 100_000)
    with pytest.raises(ReaderError, match=r"log\.json: one JSON value of more than 100,000 bytes"):
        run_bytes(tmp_path, b"[{\n" + b'"a":\n' * 50_000, "log.json")


def test_short_lines_take_no_more_than_their_bytes(tmp_path: Path) -> None:
    data = b'[{"a":[\n' + b"1,\n" * 200_000 + b"1]}]"
    tracemalloc.start()
    with pytest.raises(ReaderError, match="no record of a known log format"):
        run_bytes(tmp_path, data, "log.json")
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 8 * len(data)
