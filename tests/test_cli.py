"""The command line as its users meet it: through a pipe, on a terminal, and with bad input."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import ctxpack
from ctxpack.cli import main
from ctxpack.packing.policy import PRESETS

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
    rows = [line.split("\t") for line in done.stderr.splitlines()]
    assert [row[:4] for row in rows if row[0].startswith("messages")] == [
        ["messages[2].content", "list_items", "columnar", "objects with the same keys"]
    ]
    (sums,) = (row for row in rows if row[0] == "all 1 requests")
    assert int(sums[2]) < int(sums[1])
    assert run("pack", body, "-o", tmp_path / "out.json").returncode == 0
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == done.stdout
    (report,) = json.loads(run("pack", body, "--json", "-o", tmp_path / "out.json").stderr)
    assert report["tokens_after"] < report["tokens_before"]
    assert report["totals"]["expected_after"] < report["totals"]["expected_before"]
    assert 0 < report["entries"][0]["expected_after"] < report["entries"][0]["expected_before"]
    assert report["money"] == "forecast"


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


def on_a_terminal(*arguments: str | Path) -> tuple[str, int]:
    """What a command draws on a terminal of 100 columns, and its exit code."""
    leader, side = pty.openpty()
    command = [sys.executable, "-m", "ctxpack", *map(str, arguments)]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=side, stderr=side, stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(side)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        code = process.wait(60)
    os.close(leader)
    return shown.decode(), code


def test_an_audit_on_a_terminal() -> None:
    shown, code = on_a_terminal("audit", EXAMPLES)
    assert code == 1
    assert "─────" in shown
    assert "reading" in shown, "the progress bar"
    assert "\t" not in shown


def test_every_other_command_on_a_terminal(body: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(BODY | {"messages": [{"role": "user", "content": "No."}]}), encoding="utf-8")
    for arguments, said, exit_code in [
        (["count", body], "o200k_base", 0),
        (["forecast", body, body], "Forecast for gpt-4o", 0),
        (["diff", body, other], "history rewritten", 1),
    ]:
        shown, code = on_a_terminal(*arguments)
        assert code == exit_code
        assert said in shown
        assert "─────" in shown
    assert "continues" in on_a_terminal("diff", body, body)[0]
    assert "Rewritten in the latest request" in on_a_terminal("pack", body, "-o", tmp_path / "out.json")[0]


def test_policy_says_what_each_does_and_may_lose() -> None:
    presets = json.loads(run("policy", "--json").stdout)
    assert list(presets) == list(PRESETS)
    assert len(presets["lossless"]) < len(presets["balanced"])
    assert (
        "cuts results of commands to 400 tokens when they enter\tlines leave the prompt"
        in run("policy", "balanced").stdout
    )
    assert run("policy", "unheard-of").returncode == 2


def test_names_in_logs_are_printed_and_never_interpreted(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    request = {"model": "[/bold] m\u001b[2J", "max_tokens": 1, "messages": [{"role": "user", "content": "a"}]}
    usage = {"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": 100}
    lines = [
        json.dumps({"id": str(n), "session": "[/oops]\ttwo\nlines", "time": n, "request": request, "usage": usage})
        for n in range(2)
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


@pytest.mark.parametrize("command", ["", "count", "pack", "policy", "diff", "forecast", "audit"])
def test_help_teaches_by_example(command: str) -> None:
    done = CliRunner().invoke(main, [*filter(None, [command]), "--help"])
    assert done.exit_code == 0
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
    (["pack", "-"], '{"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}', "not JSON"),
    (["pack", "-"], "\ufeff" + json.dumps(BODY), "not a JSON object"),
    (["pack", "-"], "[" * 100_000 + "]" * 100_000, "not JSON text"),
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
def test_bad_input_gets_one_clear_line(arguments: list[str], stdin: str, said: str) -> None:
    done = CliRunner().invoke(main, arguments, input=stdin)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout
    assert isinstance(done.exception, SystemExit), "no traceback"
    assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1


def test_bad_input_of_a_real_process(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "\xff"}]}')
    for arguments in (["pack"], ["diff", tmp_path / "bad.json"], ["forecast"]):
        done = run(*arguments, tmp_path / "bad.json")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"Error: {tmp_path / 'bad.json'}: not JSON text\n"


def test_numbers_of_any_length_pass_through() -> None:
    data = json.dumps(BODY | {"seed": 77}).replace("77", "9" * 5000)
    done = CliRunner().invoke(main, ["pack", "-"], input=data)
    assert done.exit_code == 0
    assert "9" * 5000 in done.stdout


@pytest.mark.parametrize("policy", ["lossless", "balanced"])
def test_packing_what_was_packed_changes_nothing(body: Path, policy: str) -> None:
    once = CliRunner().invoke(main, ["pack", str(body), "--policy", policy])
    twice = CliRunner().invoke(main, ["pack", "-", "--policy", policy], input=once.stdout)
    assert twice.stdout == once.stdout
    assert len(once.stdout) < len(body.read_text(encoding="utf-8"))
    assert "\nmessages" not in twice.stderr


def test_a_body_with_nothing_to_pack_comes_back_byte_for_byte() -> None:
    data = '{ "model":"gpt-4o",\t"messages" : [{"role":"user","content":"\\u0068i"}] }\n'
    done = CliRunner().invoke(main, ["pack", "-"], input=data)
    assert done.stdout == data


def test_a_body_may_be_packed_in_place(body: Path) -> None:
    expected = CliRunner().invoke(main, ["pack", str(body)]).stdout
    assert CliRunner().invoke(main, ["pack", str(body), "-o", str(body)]).exit_code == 0
    assert body.read_text(encoding="utf-8") == expected


def test_every_command_prints_one_json_object(body: Path) -> None:
    for arguments in (["count"], ["diff", str(body)], ["forecast"], ["forecast", str(body), "--gap", "0"]):
        done = CliRunner().invoke(main, [*arguments, str(body), "--json"])
        assert done.exit_code == 0
        assert isinstance(json.loads(done.stdout), dict)


def test_plain_lines_have_a_cell_for_every_column(body: Path) -> None:
    for arguments in (["count", str(body), str(body)], ["forecast", str(body)], ["audit", str(EXAMPLES)]):
        done = CliRunner().invoke(main, arguments)
        head, *rows = (line.split("\t") for line in done.stdout.splitlines() if not line.startswith("#"))
        if arguments[0] != "audit":
            assert all(len(row) == len(head) for row in rows)
        assert "─" not in done.stdout
        assert not done.stderr, "no progress bar in a pipe"


def test_an_audit_without_findings_ends_well(tmp_path: Path) -> None:
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "a"}]}
    line = json.dumps({"request": request, "usage": {"prompt_tokens": 8, "completion_tokens": 1}})
    (tmp_path / "log.jsonl").write_text(line + "\n" + line[:-9], encoding="utf-8")
    done = CliRunner().invoke(main, ["audit", str(tmp_path), "--json", "--policy", "lossless"])
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["calls"], report["skips"]) == (1, {"truncated line": 1})
    assert [other["policy"] for other in report["alternatives"]] == ["lossless"]


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m ctxpack audit {EXAMPLES} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "# Audit\n"
    assert "Traceback" not in done.stderr
