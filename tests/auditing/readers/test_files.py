"""Finding, opening and unpacking logs."""

import bz2
import errno
import gzip
import lzma
import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ctxpack.auditing.calls import Call, Reason, Skip
from ctxpack.auditing.readers import files, find, read
from ctxpack.errors import ReaderError

from .logs import MESSAGES, MESSAGES_USAGE, cut, reasons, record, run, run_bytes


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


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    assert len(run_bytes(tmp_path, record())) == 1
    assert len(run(tmp_path, tmp_path / "log.jsonl", tmp_path)) == 1


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
    assert str(failure.value).startswith(f"{tmp_path / name}: ")
    assert said in str(failure.value)  # Python 3.13 has more in front of it


def test_missing_paths_and_empty_directories_are_errors_at_once(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="a path is empty"):
        read([""])
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
