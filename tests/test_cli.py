"""The command line as its users meet it: through a pipe, on a terminal, and with bad input."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ctxpack

EXAMPLES = Path(__file__).parents[1] / "examples"
ROWS = json.dumps([{"id": n, "name": f"item {n}"} for n in range(50)], indent=2)
CALL = {"id": "c1", "type": "function", "function": {"name": "list_items", "arguments": "{}"}}
BODY: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "user", "content": "What is there?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": ROWS},
    ],
}


def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ctxpack", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(BODY, indent=1), encoding="utf-8")
    return path


def test_count_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello world", encoding="utf-8")
    assert run("count", tmp_path / "a.txt").stdout.splitlines()[-1] == f"{tmp_path / 'a.txt'}\t2"
    assert json.loads(run("count", "--json", "--model", "gpt-4o", stdin="hello world").stdout)["tokens"] == 2
    assert json.loads(run("count", "--json", "--model", "claude-opus-5", stdin="x").stdout)["kind"] == "estimate"


def test_pack_writes_the_body_and_says_what_it_did(body: Path, tmp_path: Path) -> None:
    done = run("pack", body)
    packed = json.loads(done.stdout)
    assert json.loads(packed["messages"][2]["content"])["columns"] == ["id", "name"]
    assert "1 texts rewritten" in done.stderr
    assert run("pack", body, "-o", tmp_path / "out.json").returncode == 0
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == done.stdout
    (report,) = json.loads(run("pack", body, "--json", "-o", tmp_path / "out.json").stderr)
    assert report["tokens_after"] < report["tokens_before"]


def test_pack_keeps_originals(body: Path, tmp_path: Path) -> None:
    (report,) = json.loads(run("pack", body, "--json", "--store", tmp_path / "o.db").stderr)
    session = ctxpack.Session("gpt-4o", store=tmp_path / "o.db")
    assert session.original(report["entries"][0]["handle"]) == ROWS


def test_pack_a_whole_conversation(tmp_path: Path) -> None:
    lines = [json.dumps(BODY | {"messages": BODY["messages"][:n]}) for n in (1, 3)]
    (tmp_path / "turns.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert len(run("pack", tmp_path / "turns.jsonl").stdout.splitlines()) == 2


def test_diff_says_whether_there_is_one(body: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(BODY | {"messages": [{"role": "user", "content": "No."}]}), encoding="utf-8")
    assert run("diff", body, body).returncode == 0
    done = run("diff", body, other, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["divergence"]["cause"] == "history rewritten"


def test_forecast_of_the_next_request(body: Path) -> None:
    found = json.loads(run("forecast", body, body, "--json").stdout)
    assert found["kind"] == "forecast"
    assert "input bill" in run("forecast", body).stdout


def test_audit_of_the_example() -> None:
    done = run("audit", EXAMPLES, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["calls"] == json.loads(done.stdout)["simulated_calls"] > 120
    assert "# Cache misses" in run("audit", EXAMPLES, "--policy", "lossless").stdout


def test_tables_are_drawn_on_a_terminal() -> None:
    main, side = pty.openpty()
    command = [sys.executable, "-m", "ctxpack", "audit", str(EXAMPLES)]
    with subprocess.Popen(command, stdout=side, stderr=side, stdin=subprocess.DEVNULL) as process:
        os.close(side)
        shown = b""
        while True:
            try:
                piece = os.read(main, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        process.wait(60)
    os.close(main)
    assert "─────".encode() in shown
    assert b"reading" in shown, "the progress bar"


@pytest.mark.parametrize("command", ["", "count", "pack", "diff", "forecast", "audit"])
def test_help_teaches_by_example(command: str) -> None:
    done = run(*filter(None, [command]), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout


BAD = [
    (["count", "--encoding", "rot13"], "", "rot13"),
    (["count", "--model", "nonsense-9"], "", "nonsense-9"),
    (["count", "--model", "gpt-4o", "--encoding", "o200k_base"], "", "not both"),
    (["count", "no-such-file"], "", "no-such-file"),
    (["pack", "-"], "", "empty"),
    (["pack", "-"], "nonsense", "not JSON"),
    (["pack", "-"], "[]", "not a JSON object"),
    (["pack", "-"], '{"a": 1}', "no known dialect"),
    (["pack", "-"], '{"model": "gpt-4o", "messages": []}', "messages is empty"),
    (["pack", "-"], '{"messages": [{"role": "user", "content": "x"}]}', "--model"),
    (["pack", "-"], '{"model": "nonsense-9", "messages": [{"role": "user", "content": "x"}]}', "nonsense-9"),
    (["pack", "-", "--policy", "brutal"], json.dumps(BODY), "lossless, balanced"),
    (["pack", "-", "--budget", "20"], json.dumps(BODY), "budget is 20"),
    (["pack", "-", "--store", "/nowhere/at/all.db"], json.dumps(BODY), "/nowhere/at/all.db"),
    (["forecast", "-"], '{"model": "claude-imaginary-1", "messages": [{"role": "user", "content": "x"}]}', "claude"),
    (["audit", "no-such-file"], "", "no-such-file"),
    (["audit", __file__], "", "known log format"),
    (["dance"], "", "dance"),
]


@pytest.mark.parametrize(("arguments", "stdin", "said"), BAD, ids=range(len(BAD)))
def test_bad_input_gets_one_clear_line(arguments: list[str], stdin: str, said: str) -> None:
    done = run(*arguments, stdin=stdin)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m ctxpack audit {EXAMPLES} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "# Audit\n"
    assert "Traceback" not in done.stderr
