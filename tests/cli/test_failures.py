"""Bad input: one clear line, exit code 2."""

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxpack.cli import main

from .running import BODY, EXAMPLES, run

BAD = [
    (["count", "--encoding", "rot13"], "", "rot13"),
    (["count", "--model", "nonsense-9"], "", "nonsense-9"),
    (["count", "--model", "gpt-4o", "--encoding", "o200k_base"], "", "give --model or --encoding"),
    (["count", "--encoding", "tokenizer.json"], "", "for a file: ./NAME"),
    (["count", "no-such-file"], "", "no-such-file"),
    (["pack", "-", "--model", ""], json.dumps(BODY), "'--model': it is empty"),
    (["pack", "-"], "", "empty"),
    (["pack", "-"], "nonsense", "not JSON"),
    (["pack", "-"], '{"é": "日本" x}', "not JSON: Expecting ',' delimiter at byte 16"),
    (["pack", "-"], b'{"\xed\xa0\x80": \xed\xa0\x80}', "not JSON: Expecting value at byte 8"),
    (["pack", "-"], b'\xef\xbb\xbf{"a": x}', "not JSON: Expecting value at byte 9"),
    (["pack", "-"], "[]", "not a JSON object"),
    (["pack", "-"], '{"a": 1}', "no known dialect"),
    (["pack", "-"], '{"model": "gpt-4o", "input": "x"}', "Responses (`input`) are not supported"),
    (["pack", "-"], '{"messages": [{"role": "user", "content": [{"text": "x"}]}]}', "no other known dialect fits"),
    (["count", "/"], "", "name its files"),
    (["pack", "-"], '{"model": "gpt-4o", "messages": []}', "messages is empty"),
    (["pack", "-"], '{"messages": [{"role": "user", "content": "x"}]}', "--model"),
    (["pack", "-"], '{"model": "nonsense-9", "messages": [{"role": "user", "content": "x"}]}', "nonsense-9"),
    (["pack", "-", "--policy", "brutal"], json.dumps(BODY), "lossless, balanced"),
    (["pack", "-", "--budget", "20"], json.dumps(BODY), "budget is 20"),
    (["pack", "-", "--store", "/nowhere/at/all.db"], json.dumps(BODY), "/nowhere/at/all.db"),
    (["pack", "-", "--store", ""], json.dumps(BODY), "'--store': it is empty"),
    (["original", "0123abcd"], "", "--store"),
    (["original", "0123abcd", "--store", "no-such-file"], "", "'no-such-file' does not exist"),
    (["forecast", "-"], '{"model": "claude-imaginary-1", "messages": [{"role": "user", "content": "x"}]}', "claude"),
    (["pack", "-"], '{"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}', "not JSON"),
    (["pack", "-"], "\ufeff" + json.dumps(BODY), "byte order mark"),
    (["pack", "-"], "[" * 100_000 + "]" * 100_000, "-: nested too deep"),
    (["pack", "-"], json.dumps(BODY).encode("utf-16"), "-: not JSON text (looks like UTF-16; make it UTF-8 first)"),
    (["pack", "-"], gzip.compress(json.dumps(BODY).encode()), "-: not JSON text (looks like gzip; unpack it first)"),
    (["forecast", "-"], json.dumps({"request": BODY, "usage": {}}), "a record of a call, whose `request` is the body"),
    (["audit", str(EXAMPLES), ""], "", "'PATHS...': it is empty"),
    (["count", ""], "", "'[FILES]...': it is empty"),
    (["pack", ""], "", "'BODY': it is empty"),
    (["pack", "-", "-o", ""], json.dumps(BODY), "'--output': it is empty"),
    (["policy", ""], "", "'[NAME]': it is empty"),
    (["diff", "", "-"], json.dumps(BODY), "'EARLIER': it is empty"),
    (["diff", "-", ""], json.dumps(BODY), "'LATER': it is empty"),
    (["forecast", "-", ""], json.dumps(BODY), "'BODIES...': it is empty"),
    (["pack", "-"], json.dumps(BODY) + '\n\n{"model": "gpt-4o"', "-, line 3: "),
    (["pack", "-", "--budget", "0"], json.dumps(BODY), "positive"),
    (["pack", "-", "--budget", "many"], json.dumps(BODY), "many"),
    (["pack", "-", "-o", "/nowhere/at/all.json"], json.dumps(BODY), "/nowhere/at/all.json: No such file"),
    (["pack", "/"], "", "directory"),
    (["pack"], "", "BODY"),
    (["diff", "-"], json.dumps(BODY), "LATER"),
    (["diff", "-", "no-such-file"], json.dumps(BODY), "no-such-file: No such file"),
    (["diff", "-", "-"], json.dumps(BODY), "empty"),
    (["forecast", "-"], '{"model": "gpt-4o", "messages": [{"role": 5, "content": "x"}]}', "-: messages[0].role"),
    (["forecast", "-", "--gap", "-1"], json.dumps(BODY), "--gap"),
    (["forecast", "-", "--model", "nonsense-9"], json.dumps(BODY), "nonsense-9"),
    (["forecast"], "", "BODIES"),
    (["count", "/"], "", "directory"),
    (["audit"], "", "PATHS"),
    (["audit", str(EXAMPLES), "--policy", "brutal"], "", "unknown policy 'brutal'; presets: lossless, balanced"),
    (["audit", "/dev/null"], "", "known log format"),
    (["audit", "no-such-file"], "", "no-such-file"),
    (["audit", __file__], "", "known log format"),
    (["dance"], "", "dance"),
]


@pytest.mark.parametrize(("arguments", "stdin", "said"), BAD, ids=range(len(BAD)))
def test_bad_input_gets_one_clear_line(arguments: list[str], stdin: str | bytes, said: str) -> None:
    done = CliRunner().invoke(main, arguments, input=stdin)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout
    assert isinstance(done.exception, SystemExit), "no traceback"
    assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1


def test_names_from_files_steer_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(rb'{"\u001b]0;title\u0007\nError: more": 1}')
    done = CliRunner().invoke(main, ["audit", str(tmp_path / "log.jsonl")])
    assert done.exit_code == 2
    assert "]0;title" in done.stderr
    assert not {"\x1b", "\x07"} & set(done.stderr)
    assert len(done.stderr.splitlines()) == 1


def test_bad_input_of_a_real_process(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "\xff"}]}')
    for arguments in (["pack"], ["diff", tmp_path / "bad.json"], ["forecast"]):
        done = run(*arguments, tmp_path / "bad.json")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"Error: {tmp_path / 'bad.json'}: not JSON text: it is not UTF-8\n"


BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def redirected(where: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command whose streams go where a shell is told, and which may hold back what it prints until it ends."""
    command = ["sh", "-c", f'"$@" {where}', "sh", sys.executable, "-m", "ctxpack", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=BUFFERED)


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")


@pytest.mark.parametrize("arguments", [["policy"], ["policy", "--json"], ["--help"], ["policy", "--help"]])
@pytest.mark.parametrize(
    ("where", "reason"),
    [(">&-", "Bad file descriptor"), pytest.param(">/dev/full", "No space left on device", marks=FULL)],
)
def test_output_that_cannot_be_written(where: str, reason: str, arguments: list[str]) -> None:
    done = redirected(where, *arguments)
    assert (done.returncode, done.stderr) == (2, f"Error: output: {reason}\n")


@FULL
@pytest.mark.parametrize("arguments", [["pack"], ["count", "no-such-file"], ["diff"]])
def test_a_standard_error_that_cannot_be_written(body: Path, arguments: list[str]) -> None:
    done = redirected("2>/dev/full", *arguments, body)
    assert (done.returncode, done.stderr) == (2, "")


def heed_interrupts() -> None:
    """Where the tests run in a shell's background, interrupts are ignored, by what they start, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_is_no_finding() -> None:
    command = [sys.executable, "-m", "ctxpack", "count", EXAMPLES / "README.md", "no-such-file", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, preexec_fn=heed_interrupts) as waiting:
        assert "no-such-file" in waiting.stderr.readline(), "it has begun, and waits for its input"
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(60) == 130
        assert waiting.stderr.read().strip() == "Aborted!"


def test_output_that_nobody_reads_is_no_failure() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "ctxpack", "policy"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=120, env=BUFFERED)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_streams_that_are_not_needed_do_no_harm(body: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.json"
    assert redirected(">&-", "pack", body, "-o", packed).returncode == 0
    assert redirected("2>&-", "pack", body).stdout == packed.read_text(encoding="utf-8")
    assert redirected("<&- 2>&-", "audit", EXAMPLES).returncode == 1, "the examples have findings"


@pytest.mark.parametrize("arguments", [["count", __file__], ["audit", str(EXAMPLES)]])
def test_an_instruction_set_that_is_none(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTXPACK_CPU_LEVEL", "sse9")
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('Error: CTXPACK_CPU_LEVEL is "sse9"; it must be avx512, ')
    assert done.stderr.count("\n") == 1


def test_closed_input() -> None:
    done = redirected("<&-", "count")
    assert (done.returncode, done.stderr) == (2, "Error: -: Bad file descriptor\n")
