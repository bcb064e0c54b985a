"""`pack` and `policy`: the packed body on standard output, the report on standard error."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import ctxpack
from ctxpack.cli import main
from ctxpack.packing.policy import PRESETS

from .running import BODY, ROWS, run


def test_pack_writes_the_body_and_says_what_it_did(body: Path, tmp_path: Path) -> None:
    done = run("pack", body)
    packed = json.loads(done.stdout)
    assert json.loads(packed["messages"][2]["content"])["columns"] == ["id", "name"]
    rows = [line.split("\t") for line in done.stderr.splitlines()]
    assert [row[:4] for row in rows if row[0].startswith("messages")] == [
        ["messages[2].content", "list_items", "columnar", "objects with the same keys"]
    ]
    (sums,) = (row for row in rows if row[0] == "requests in all: 1")
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


def test_handles_that_lead_nowhere_are_warned_of(tmp_path: Path) -> None:
    log = "\n".join(f"{number} of {number * 7919 % 1000} steps done by worker {number % 7}" for number in range(900))
    messages = [*BODY["messages"][:2], BODY["messages"][2] | {"content": log}]
    data, store = json.dumps(BODY | {"messages": messages}), tmp_path / "o.db"
    lost = CliRunner().invoke(main, ["pack", "-", "--policy", "balanced"], input=data)
    assert (lost.exit_code, lost.stderr.splitlines()[-1]) == (
        0,
        "Warning: nothing gives back what 1 handle in the packed body stands for: give --store FILE to keep it",
    )
    kept = CliRunner().invoke(main, ["pack", "-", "--policy", "balanced", "--store", str(store)], input=data)
    assert kept.stdout == lost.stdout
    assert "Warning" not in kept.stderr
    (handle,) = set(re.findall(r"\[ctxpack:([0-9a-f]{8})", kept.stdout))
    (marker,) = set(re.findall(r"\[ctxpack:[^]]+\]", kept.stdout))
    for written in (handle, f"ctxpack:{handle}", f"[ctxpack:{handle}", marker):
        assert CliRunner().invoke(main, ["original", written, "--store", str(store)]).stdout == log
    assert "Warning" not in CliRunner().invoke(main, ["pack", "-"], input=json.dumps(BODY)).stderr


def test_pack_a_whole_conversation(tmp_path: Path) -> None:
    lines = [json.dumps(BODY | {"messages": BODY["messages"][:n]}) for n in (1, 3)]
    (tmp_path / "turns.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert len(run("pack", tmp_path / "turns.jsonl").stdout.splitlines()) == 2


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


def test_policy_says_what_each_does_and_may_lose() -> None:
    presets = json.loads(run("policy", "--json").stdout)
    assert list(presets) == list(PRESETS)
    assert len(presets["lossless"]) < len(presets["balanced"])
    assert (
        "cuts results of commands to 400 tokens when they enter, a note and names apart\tlines leave the prompt"
        in run("policy", "balanced").stdout
    )
    assert run("policy", "unheard-of").returncode == 2
