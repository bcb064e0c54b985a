"""`diff` and `forecast`."""

import json
from pathlib import Path

import pytest

from .running import BODY, run


def test_diff_says_whether_there_is_one(body: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(BODY | {"messages": [{"role": "user", "content": "No."}]}), encoding="utf-8")
    assert run("diff", body, body).returncode == 0
    done = run("diff", body, other, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["relation"], found["divergence"]["cause"]) == ("leaves", "history rewritten")


def test_diff_says_which_of_two_bodies_goes_on(body: Path, tmp_path: Path) -> None:
    shorter = tmp_path / "shorter.json"
    shorter.write_text(json.dumps(BODY | {"messages": BODY["messages"][:1]}), encoding="utf-8")
    for earlier, later, relation in [
        (shorter, body, "continues"),
        (body, body, "continues"),
        (body, shorter, "is the beginning of"),
    ]:
        done = run("diff", earlier, later)
        assert (done.returncode, done.stdout) == (0, f"# The later body {relation} the earlier one\n")
        found = json.loads(run("diff", earlier, later, "--json").stdout)
        assert found == {"relation": relation, "divergence": None}


def test_forecast_of_the_next_request(body: Path) -> None:
    found = json.loads(run("forecast", body, body, "--json").stdout)
    assert found["money"] == "forecast"
    assert 0 < found["probability"] < 1
    cold = json.loads(run("forecast", body, "--json").stdout)
    assert (cold["usage"]["cache_read"], cold["probability"]) == (0, None)
    assert "input bill" in run("forecast", body).stdout
    assert "chance of the read\tnothing to read\n" in run("forecast", body).stdout
    late = json.loads(run("forecast", body, body, "--gap=1000", "--json").stdout)
    assert (late["usage"]["cache_read"], late["possible"]) == (0, found["usage"]["cache_read"])
    assert "chance of the read\tunknown: " in run("forecast", body, body, "--gap=1000").stdout


def test_forecast_for_another_model_than_the_body_names(tmp_path: Path) -> None:
    plain = tmp_path / "plain.json"
    plain.write_text('{"messages": [{"role": "user", "content": "Hello"}]}', encoding="utf-8")
    assert json.loads(run("forecast", plain, "--model", "gpt-4o", "--json").stdout)["exactness"] == "exact"
    shown = run("forecast", plain, "--model", "claude-opus-4-6").stdout
    assert "token counts: estimate" in shown
    assert "input bill\t0.0000" in shown
    assert "input bill\t0.000000" not in shown


@pytest.mark.parametrize("gap", ["nan", "inf", "-1"])
def test_a_gap_is_a_number_of_seconds(body: Path, gap: str) -> None:
    done = run("forecast", body, f"--gap={gap}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Invalid value for '--gap'" in done.stderr
