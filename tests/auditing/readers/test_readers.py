"""Finding, opening and sniffing logs, and records of calls."""

import bz2
import errno
import gzip
import json
import lzma
import os
import zlib
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import files, find, read
from ctxpack.errors import ReaderError
from ctxpack.providers import Usage
from tests.data import shared

CHAT = b'{"model" : "gpt-5", "messages":[{"role":"user","content":"\\u0068i"}], "n":1.0}'
CHAT_USAGE = {"prompt_tokens": 30, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 10}}
MESSAGES = {"model": "claude-sonnet-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
MESSAGES_USAGE = {"input_tokens": 3, "output_tokens": 1, "cache_read_input_tokens": 2}


def record(request: bytes | dict[str, Any] = CHAT, usage: object = CHAT_USAGE, **members: object) -> bytes:
    raw = request if isinstance(request, bytes) else json.dumps(request).encode()
    rest = json.dumps({"usage": usage, **members}).encode()
    return b'{"request": ' + raw + b", " + rest.removeprefix(b"{") + b"\n"


def run(*paths: Path) -> list[Any]:
    return list(read(paths))


def run_bytes(folder: Path, data: bytes, name: str = "log.jsonl") -> list[Any]:
    (folder / name).write_bytes(data)
    return run(folder / name)


def cut(data: bytes, off: int) -> bytes:
    """A gzip that breaks off, and how many bytes are missing of what it holds."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data[:-off]) + packer.flush(zlib.Z_SYNC_FLUSH)


def reasons(items: list[Any]) -> list[tuple[int, str]]:
    return [(item.line, item.reason) for item in items if isinstance(item, Skip)]


def test_a_record_keeps_the_bytes_of_its_request(tmp_path: Path) -> None:
    data = record(time=1.5, session="a", simulated=True, id="one")
    assert run_bytes(tmp_path, data) == [
        Call("one", "a", 0, "gpt-5", "openai.chat", 1.5, Usage(20, 10, 0, 0, 4), CHAT, False, True)
    ]


def test_reprs_hold_no_text_of_prompts(tmp_path: Path) -> None:
    (call,) = run_bytes(tmp_path, record())
    (line,) = files.lines(*find([tmp_path / "log.jsonl"]), lambda read: None)
    assert b"messages" in call.body
    assert b"messages" in line.data
    assert "messages" not in repr((call, line))


def test_a_record_without_names_or_clock_takes_them_from_its_place(tmp_path: Path) -> None:
    path = str(tmp_path / "log.jsonl")
    calls = run_bytes(tmp_path, record() + record(session="c") + record())
    found = [(call.id, call.session, call.time) for call in calls]
    assert found == [(f"{path}:1", f"{path}:1", 0.0), (f"{path}:2", "c", 0.0), (f"{path}:3", f"{path}:1", 1.0)]


@pytest.mark.parametrize(
    ("model", "usage", "dialect", "billed"),
    [
        ("claude-sonnet-4-5", MESSAGES_USAGE, "anthropic.messages", Usage(3, 2, 0, 0, 1)),
        ("gpt-5", CHAT_USAGE, "openai.chat", Usage(20, 10, 0, 0, 4)),
    ],
)
@pytest.mark.parametrize("is_answer", [False, True])
def test_a_record_without_a_request_is_billed(
    tmp_path: Path, model: str, usage: dict[str, object], dialect: str, billed: Usage, is_answer: bool
) -> None:
    answer = {"response": {"usage": usage}} if is_answer else {"usage": usage}
    lines = [
        json.dumps({"model": model, "time": n, **session, **answer})
        for n, session in enumerate(({}, {}, {"session": "s"}))
    ]
    calls = run_bytes(tmp_path, "\n".join(lines).encode())
    path = str(tmp_path / "log.jsonl")
    assert [call.session for call in calls] == [f"{path}:1", f"{path}:2", "s"]
    assert {(call.model, call.dialect, call.usage, call.body) for call in calls} == {(model, dialect, billed, None)}


def test_a_record_without_a_request_whose_counters_are_another_dialects_is_named(tmp_path: Path) -> None:
    usage = {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 1}
    items = run_bytes(tmp_path, json.dumps({"model": "gpt-5", "usage": usage}).encode())
    assert reasons(items) == [(1, f"{Reason.DIALECT}: openai.responses")]


@pytest.mark.parametrize(
    ("uses", "ran"),
    [
        ({"web_search_requests": 2}, True),
        ({"web_search_requests": 0}, False),
        ({"web_search_requests": None}, False),
        ({}, False),
        (None, False),
        ("x", False),
    ],
)
def test_a_call_says_whether_the_provider_ran_tools(tmp_path: Path, uses: object, ran: bool) -> None:
    (call,) = run_bytes(tmp_path, record(MESSAGES, MESSAGES_USAGE | {"server_tool_use": uses}))
    assert call.ran_tools == ran


@pytest.mark.parametrize(
    ("request_body", "usage", "uri", "dialect"),
    [
        (MESSAGES, MESSAGES_USAGE, None, "anthropic.messages"),
        (MESSAGES, MESSAGES_USAGE, "https://api.anthropic.com/v1/messages?beta=true", "anthropic.messages"),
        (CHAT, CHAT_USAGE, None, "openai.chat"),
        (CHAT, CHAT_USAGE, "https://x.example/openai/deployments/a/chat/completions", "openai.chat"),
    ],
)
def test_the_dialect_is_the_endpoints_or_the_shapes(
    tmp_path: Path, request_body: bytes | dict[str, Any], usage: object, uri: str | None, dialect: str
) -> None:
    (call,) = run_bytes(tmp_path, record(request_body, usage, uri=uri))
    assert call.dialect == dialect


@pytest.mark.parametrize(
    ("request_body", "usage", "uri", "dialect"),
    [
        ({"input": "hi"}, {"input_tokens": 1}, None, "openai.responses"),
        (MESSAGES, MESSAGES_USAGE, "https://bedrock.example/model/m/invoke", "bedrock.invoke"),
        (MESSAGES, MESSAGES_USAGE, "https://api.anthropic.com/v1/messages/count_tokens", "anthropic.count_tokens"),
        ({"contents": []}, {"promptTokenCount": 1}, None, "gemini.generate_content"),
        ({"query": "hi"}, {"tokens": 1}, "http://[bad", "unknown"),
    ],
)
def test_other_dialects_are_left_out_by_name(
    tmp_path: Path, request_body: bytes | dict[str, Any], usage: object, uri: str | None, dialect: str
) -> None:
    assert reasons(run_bytes(tmp_path, record(request_body, usage, uri=uri))) == [(1, f"{Reason.DIALECT}: {dialect}")]


def test_faults_of_records_are_named(tmp_path: Path) -> None:
    lines = [
        record(),
        b"not json\n",
        b'{"request": {}}\n',
        record(usage=None),
        record(usage={"prompt_tokens": 1, "completion_tokens": -1}),
        record(b'{"messages": []}'),
        record(id="x"),
        record(id="x"),
        record(time="yesterday"),
        record(time="2026-13-45"),
        record()[:-20],
    ]
    items = run_bytes(tmp_path, b"".join(lines))
    assert [i.id.rpartition(":")[2] for i in items if isinstance(i, Call)] == ["1", "x"]
    assert reasons(items) == [
        (2, Reason.NOT_JSON),
        (3, Reason.UNKNOWN_RECORD),
        (4, Reason.NO_USAGE),
        (5, Reason.BAD_USAGE),
        (6, Reason.NO_MODEL),
        (8, Reason.REPEATED_CALL),
        (9, Reason.BAD_TIME),
        (10, Reason.BAD_TIME),
        (11, Reason.TRUNCATED_LINE),
    ]


def test_marks_and_line_ends_of_other_systems_are_fine(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + record().replace(b"\n", b"\r\n") + b"\r\n\n  \n" + record().rstrip()
    items = run_bytes(tmp_path, data)
    assert [type(item) for item in items] == [Call, Call]
    assert items[1].id.endswith(":5")


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    packed = gzip.compress(record(id="a") + record(id="b"))
    assert [call.id for call in run_bytes(tmp_path, packed, "log.jsonl.gz")] == ["a", "b"]
    assert [call.id for call in run_bytes(tmp_path, packed, "log.jsonl")] == ["a", "b"]


def test_an_archive_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    noise = Random(0)
    lines = [record({**MESSAGES, "seed": noise.randbytes(16).hex()}, MESSAGES_USAGE) for _ in range(4000)]
    items = run_bytes(tmp_path, gzip.compress(b"".join(lines))[:-2000], "log.jsonl.gz")
    assert sum(isinstance(item, Call) for item in items) > 100
    assert reasons(items) == [(0, Reason.UNREADABLE_REST)]


def test_a_short_archive_that_breaks_off_is_read_as_a_file_that_does(tmp_path: Path) -> None:
    log = record(id="a") + record(id="b")
    for data, reason in ((log[:-20], (2, Reason.TRUNCATED_LINE)), (cut(log, 20), (0, Reason.UNREADABLE_REST))):
        items = run_bytes(tmp_path, data)
        assert [item.id for item in items if isinstance(item, Call)] == ["a"]
        assert reasons(items) == [reason]


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


CHAT_BODY = json.loads(CHAT)
RESPONSE = {"id": "r", "choices": [], "usage": CHAT_USAGE}
SHAPES = {
    "request and response": {"request": CHAT_BODY, "response": RESPONSE},
    "body and usage": {"body": CHAT_BODY, "usage": CHAT_USAGE},
    "body and response": {"body": CHAT_BODY, "response": RESPONSE},
    "flat": {**CHAT_BODY, "usage": CHAT_USAGE, "timestamp": 1.5, "id": "x"},
    "flat with its response": {**CHAT_BODY, "response": RESPONSE, "startTime": 1.5, "session": None},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_records_of_other_shapes(tmp_path: Path, shape: str) -> None:
    (call,) = run_bytes(tmp_path, json.dumps(SHAPES[shape]).encode() + b"\n")
    assert json.loads(call.body) == CHAT_BODY
    assert (call.dialect, call.usage) == ("openai.chat", Usage(20, 10, 0, 0, 4))


def test_a_response_without_usage_is_a_call_without_usage(tmp_path: Path) -> None:
    line = json.dumps({"request": CHAT_BODY, "response": {"error": "overloaded"}}).encode() + b"\n"
    assert reasons(run_bytes(tmp_path, line)) == [(1, Reason.NO_USAGE)]


def test_the_error_of_an_unknown_format_names_what_is_there_and_what_is_wanted(tmp_path: Path) -> None:
    lines = b'{"prompt": "SECRET", "tokens": 5}\n{"prompt": "SECRET", "cost": 1}\n'
    with pytest.raises(ReaderError) as failure:
        run_bytes(tmp_path, lines)
    assert "its first lines have: prompt, tokens, cost; wanted: " in str(failure.value)
    assert "SECRET" not in str(failure.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hello\n", "its first lines are no JSON objects;"),
        (b'[{"a": 1},\n', "its first lines are no JSON objects;"),
        (b"\n\n", "it is empty;"),
        (record().decode().encode("utf-16"), "its first lines are no JSON objects (looks like UTF-16; make it UTF-8"),
    ],
)
def test_the_error_of_what_is_no_json_says_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(ReaderError) as failure:
        run_bytes(tmp_path, data)
    assert f"log.jsonl: no record of a known log format; {said}" in str(failure.value)


ZSTANDARD = b"\x28\xb5\x2f\xfd\x04\n"
PACKED = [
    (ZSTANDARD, "zst", "Zstandard; unpack it: `zstdcat "),
    (lzma.compress(record()), "xz", "xz; unpack it: `xzcat "),
    (bz2.compress(record()), "bz2", "bzip2; unpack it: `bzcat "),
    (b"PK\x03\x04", "zip", "a zip archive; unpack it: `unzip -p "),
]


@pytest.mark.parametrize(("data", "suffix", "said"), PACKED)
def test_the_error_of_what_is_packed_otherwise_says_how_to_read_it(
    tmp_path: Path, data: bytes, suffix: str, said: str
) -> None:
    with pytest.raises(ReaderError) as failure:
        run_bytes(tmp_path, data, f"my log.jsonl.{suffix}")
    path = tmp_path / f"my log.jsonl.{suffix}"
    assert str(failure.value) == f"{path}: looks like {said}'{path}' | ctxpack audit -`"


def test_what_is_packed_otherwise_in_a_directory_is_counted(tmp_path: Path) -> None:
    for data, suffix, _ in PACKED:
        (tmp_path / f"log.jsonl.{suffix}").write_bytes(data)
        (tmp_path / f"log.log.{suffix}").write_bytes(data)
    (tmp_path / "photos.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(ReaderError, match=r"log\.jsonl\.bz2: looks like bzip2; .*; none of the 8 files could be read$"):
        run(tmp_path)
    (tmp_path / "other.jsonl").write_bytes(record())
    assert reasons(run(tmp_path)) == [(0, Reason.PACKED)] * 8
    (tmp_path / "log.jsonl").write_bytes(record())
    assert Counter(reason for _, reason in reasons(run(tmp_path))) == {Reason.PACKED: 4, Reason.COPY: 4}


def test_links_to_directories_are_not_followed_where_they_are_not_named(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.jsonl").write_bytes(record(id=name))
    (tmp_path / "a" / "link").symlink_to(tmp_path / "b")
    assert [item.id for item in run(tmp_path / "a")] == ["a"]
    assert [item.id for item in run(tmp_path / "a", tmp_path / "a" / "link")] == ["a", "b"]


def test_every_log_may_number_its_records_from_one(tmp_path: Path) -> None:
    for name in "ab":
        lines = [record({**CHAT_BODY, "user": name}, id=number) for number in range(3)]
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "a.jsonl").read_bytes())
    items = run(tmp_path)
    assert sum(isinstance(item, Call) for item in items) == 6
    assert [item.reason for item in items if isinstance(item, Skip)] == [Reason.REPEATED_CALL] * 3


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    assert len(run_bytes(tmp_path, record())) == 1
    assert len(run(tmp_path, tmp_path / "log.jsonl", tmp_path)) == 1


@pytest.mark.parametrize("data", [b"", b"\n\n", b'{"question": "?"}\n', b"\x00\x01\xff\n", b'{"type": "event"}\n'])
def test_a_named_file_of_no_known_format_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ReaderError, match=r"log\.jsonl: no record of a known log format; it"):
        run_bytes(tmp_path, data)


def test_a_named_file_that_cannot_be_unpacked_is_an_error(tmp_path: Path) -> None:
    for data in (b"", b"hello\n" * 9, record()):
        with pytest.raises(ReaderError, match=r"log\.jsonl: Compressed file ended"):
            run_bytes(tmp_path, cut(data, 5))


def test_a_line_without_an_end_ends_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST", 100_000)
    endless = b'{"a": "' + b"a" * 10_000_000
    with pytest.raises(ReaderError, match=r"log\.jsonl: line 1 has more than 100,000 bytes"):
        run_bytes(tmp_path, gzip.compress(endless))
    items = run_bytes(tmp_path, record(id="a") * 40 + endless + b"\n" + record(id="b"))
    assert [item.id for item in items if isinstance(item, Call)] == ["a"]
    assert reasons(items)[-1] == (0, Reason.UNREADABLE_REST)


def test_a_file_that_goes_away_meanwhile_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(record())
    (found,) = find([tmp_path])
    (tmp_path / "log.jsonl").unlink()
    assert found.size == 0


def test_what_cannot_be_searched_or_opened_in_a_directory_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "log.jsonl").write_bytes(record())
    for name, target in (("dangling", "nowhere"), ("loop", "loop.jsonl")):
        (tmp_path / f"{name}.jsonl").symlink_to(tmp_path / target)
    os.mkfifo(tmp_path / "pipe.jsonl")
    scandir = os.scandir

    def searched(path: str) -> Any:
        if os.path.basename(path) == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", searched)
    unread = [(Path(item.path).name, item.reason) for item in run(tmp_path) if isinstance(item, Skip)]
    assert unread == [(name, Reason.UNREADABLE) for name in ("closed", "dangling.jsonl", "loop.jsonl")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loop", os.strerror(errno.ELOOP)),
        ("log/x", os.strerror(errno.ENOTDIR)),
        ("x" * 300, os.strerror(errno.ENAMETOOLONG)),
        ("\0", "embedded null"),
    ],
)
def test_a_path_that_cannot_be_looked_up_is_an_error(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "log").write_bytes(record())
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ReaderError) as failure:
        run(tmp_path / name)
    assert str(failure.value).startswith(f"{tmp_path / name}: {said}")


def test_missing_paths_and_empty_directories_are_errors_at_once(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"missing\.jsonl: No such file or directory$"):
        read([tmp_path / "missing.jsonl"])
    with pytest.raises(ReaderError, match=r"no \.jsonl"):
        read([tmp_path])


def test_a_log_that_is_there_packed_too_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(record())
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(record())[:-4])
    seen: list[int] = []
    named = [tmp_path / "a.jsonl.gz", tmp_path / "a.jsonl"]
    for paths in ([tmp_path], named):
        items = list(read(paths, on_progress=seen.append))
        assert sum(isinstance(item, Call) for item in items) == 1
        assert [i for i in items if isinstance(i, Skip)] == [Skip(str(tmp_path / "a.jsonl.gz"), 0, Reason.COPY)]
        assert seen[-1] == sum(file.size for file in find(paths)) == (tmp_path / "a.jsonl").stat().st_size


def test_progress_ends_at_the_size_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(record() * 20_000)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(record()))
    seen: list[int] = []
    assert sum(isinstance(item, Call) for item in read([tmp_path], on_progress=seen.append)) == 20_001
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] == sum(file.path.stat().st_size for file in find([tmp_path]))


def test_recorded_provider_traffic() -> None:
    folder = shared("provider_cassettes")
    items = run(folder)
    counts = Counter(item.dialect if isinstance(item, Call) else item.reason for item in items)
    assert counts == {
        "openai.chat": 679,
        "anthropic.messages": 244,
        "dialect not supported: openai.responses": 294,
        "dialect not supported: gemini.generate_content": 287,
        "dialect not supported: bedrock.converse": 144,
        "dialect not supported: openai.embeddings": 58,
        "dialect not supported: unknown": 35,
        "dialect not supported: bedrock.invoke": 25,
        # One host counts more cached tokens than prompt tokens.
        Reason.BAD_USAGE: 16,
    }
    assert len(items) == sum(path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl"))
