"""`audit`: of the examples, of one log, and of logs with names that no terminal should interpret."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import ctxpack
from ctxpack.cli import main

from .running import EXAMPLES, on_a_terminal, run


def test_audit_of_the_example() -> None:
    done = run("audit", EXAMPLES, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["calls"] == json.loads(done.stdout)["simulated_calls"] > 120
    assert "# Cache misses" in run("audit", EXAMPLES, "--policy", "lossless").stdout


def test_an_audit_on_a_terminal() -> None:
    shown, code = on_a_terminal("audit", EXAMPLES)
    assert code == 1
    assert "─────" in shown
    assert "reading" in shown, "the progress bar"
    assert "\t" not in shown


def test_an_audit_without_findings_ends_well(tmp_path: Path) -> None:
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "a"}]}
    line = json.dumps({"request": request, "usage": {"prompt_tokens": 8, "completion_tokens": 1}})
    (tmp_path / "log.jsonl").write_text(line + "\n" + line[:-9], encoding="utf-8")
    done = CliRunner().invoke(main, ["audit", str(tmp_path), "--json", "--policy", "lossless"])
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["calls"], report["skips"]) == (1, {"truncated line": 1})
    assert [other["policy"] for other in report["alternatives"]] == ["lossless"]


def test_an_audit_without_packing_says_the_rest(tmp_path: Path) -> None:
    log = EXAMPLES / "agent.anthropic.jsonl"
    alone, full = (json.loads(run("audit", log, "--json", *more).stdout) for more in (["--no-packing"], []))
    assert alone.pop("alternatives") == []
    assert len(full.pop("alternatives")) == 2
    assert alone == full
    piped = run("audit", log, "--no-packing").stdout
    assert "# Left out" in piped
    assert "With packing" not in piped
    assert run("audit", log, "--no-packing", "--policy", "lossless").returncode == 2


@pytest.mark.parametrize("command", ["cat {} | {} -", "{1} - < {0}", "{1} <(cat {0})", "gzip -c {} | {} -"])
def test_logs_through_pipes(command: str) -> None:
    log, audit = EXAMPLES / "agent.anthropic.jsonl", f"{sys.executable} -m ctxpack audit --json --policy lossless"
    piped = subprocess.run(["bash", "-c", command.format(log, audit)], capture_output=True, text=True, check=False)
    assert (piped.returncode, piped.stderr) == (1, "")
    named = run("audit", log, "--json", "--policy", "lossless")
    assert json.loads(piped.stdout)["usage"] == json.loads(named.stdout)["usage"]


def test_a_pipe_has_no_progress_bar(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    log = EXAMPLES / "agent.anthropic.jsonl"
    with subprocess.Popen(["bash", "-c", f"cat {log} > {pipe}"]):
        shown, code = on_a_terminal("audit", pipe, "--policy", "lossless")
    assert code == 1
    assert "reading" not in shown


def test_records_without_a_time_are_named_by_their_place(tmp_path: Path) -> None:
    request = {"model": "claude-opus-4-6", "max_tokens": 1, "messages": [{"role": "user", "content": "a"}]}
    usage = {"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": 100}
    (tmp_path / "log.jsonl").write_text((json.dumps({"request": request, "usage": usage}) + "\n") * 2, encoding="utf-8")
    (line,) = (line for line in run("audit", tmp_path).stdout.splitlines() if line.startswith(str(tmp_path)))
    assert line.split("\t")[1] == "1"


def test_an_audit_of_no_calls_compares_nothing(tmp_path: Path) -> None:
    fresh = {"type": "user", "sessionId": "s", "uuid": "u", "message": {"role": "user", "content": "a"}}
    (tmp_path / "log.jsonl").write_text(json.dumps(fresh) + "\n", encoding="utf-8")
    done = run("audit", tmp_path)
    assert done.returncode == 0
    assert "calls\t0\n" in done.stdout
    assert "lossless" not in done.stdout


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_audit_that_could_read_nothing_is_a_failure(tmp_path: Path, more: list[str]) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"model": "m", "usage": null}\n', encoding="utf-8")
    done = run("audit", tmp_path, *more)
    assert (done.returncode, done.stdout) == (2, "")
    told = "no call could be read: no usage (1); log the `usage`, or the whole `response`"
    assert done.stderr == f"Error: {log}:1: {told}\n"


def test_names_in_logs_are_printed_and_never_interpreted(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    request = {"max_tokens": 1, "messages": [{"role": "user", "content": "a"}]}
    usage = {"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": 100}
    lines = [
        json.dumps({"session": "[/oops]\ttwo\nlines", "time": n, "request": {"model": model} | request, "usage": usage})
        for n, model in enumerate(("[/bold] m\u001b[2J", "claude-opus-4-6"))
    ]
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    shown, code = on_a_terminal("audit", log)
    assert code == 1
    assert "Traceback" not in shown
    assert "[/oops]" in shown
    assert "\x1b[2J" not in shown
    piped = run("audit", log).stdout
    (line,) = (line for line in piped.splitlines() if line.startswith("[/oops]"))
    assert line.count("\t") == 7
    assert "\x1b" not in piped


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict", "cp1252:strict"])
def test_names_that_the_output_cannot_spell(tmp_path: Path, encoding: str) -> None:
    log = tmp_path / os.fsdecode("журнал-\udcff.jsonl".encode(errors="surrogateescape"))
    request = {"model": "ü", "messages": [{"role": "user", "content": "a"}]}
    line = json.dumps({"request": request, "usage": {"prompt_tokens": 5, "completion_tokens": 1}})
    log.write_text(f"{line}\n{{\n", encoding="utf-8")
    for more in ([], ["--json"]):
        command = [sys.executable, "-m", "ctxpack", "audit", str(log), *more]
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=60, env=os.environ | {"PYTHONIOENCODING": encoding}
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        if more:
            assert json.loads(done.stdout)["models"][0]["model"] == "ü"


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m ctxpack audit {EXAMPLES} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "# Audit\n"
    assert "Traceback" not in done.stderr


def test_an_audit_is_no_long_text() -> None:
    audit = ctxpack.audit(EXAMPLES / "agent.openai.jsonl", policies=())
    assert len(repr(audit)) < 1000
