"""The replay of sessions: on a made-up one, what each policy must and must not reach."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.replaying import traces
from benchmarks.replaying.clairvoyant import CLAIRVOYANTS
from benchmarks.replaying.comparators import COMPARATORS
from benchmarks.replaying.messages import Message, from_chat, plain, result, text, to_chat, use
from benchmarks.replaying.policies import policy
from benchmarks.replaying.references import conversation
from benchmarks.replaying.replayed import Recorded, without_names
from benchmarks.replaying.score import PRICES, Score
from benchmarks.replaying.sessions import Session, requests
from benchmarks.replaying.tables import tables
from ctxpack.packing.policy import PRESETS

TURNS = 24


def turn(number: int) -> list[Message]:
    """A read of a file, and an answer that quotes what was read two turns ago."""
    lines = [f"def function_{number}_{line}(argument): return argument + {line}" for line in range(60)]
    quoted = f"def function_{number - 2}_7(argument): return argument + 7" if number > 1 else "Let me see."
    call = use(f"call_{number}", "Read", {"file_path": f"src/module_{number}.py"})
    answer = {"role": "user", "content": [result(f"call_{number}", "\n".join(lines))]}
    return [{"role": "assistant", "content": [text(quoted), call]}, answer]


@pytest.fixture(scope="module")
def session() -> Session:
    asked = {"role": "user", "content": [text("Please tidy up the modules.")]}
    said = [message for number in range(TURNS) for message in turn(number)]
    return Session("made up", requests([asked, *said, {"role": "assistant", "content": [text("Done.")]}]))


@pytest.fixture(scope="module")
def recorded(session: Session) -> Recorded:
    return Recorded(session)


@pytest.fixture(scope="module")
def scores(session: Session, recorded: Recorded) -> dict[str, Score]:
    return {name: recorded.replay(policy(name, session, 0)) for name in (*PRESETS, *COMPARATORS, *CLAIRVOYANTS)}


def bill(score: Score) -> float:
    write, read = PRICES["5m"]
    return write * score.after.cache_write + read * score.after.cache_read


def test_each_turn_refers_to_the_line_and_the_name_that_it_quotes(recorded: Recorded) -> None:
    found = recorded.conversation.turns[5]
    assert {(reference.kind, reference.turns, reference.holders) for reference in found} == {
        ("line", 1, (3,)),
        ("id", 1, (3,)),
    }


def test_nothing_changes_nothing_and_drop_leaves_no_reference(scores: dict[str, Score]) -> None:
    nothing, drop = scores["nothing"], scores["drop"]
    assert nothing.before == nothing.after
    assert (nothing.bill("5m", 6000), nothing.share("id", "line"), nothing.breaks) == (0, 100, 0)
    assert drop.share("id", "line") == 0
    assert drop.refetched.input > 0


@pytest.mark.parametrize("name", CLAIRVOYANTS)
def test_a_clairvoyant_shows_every_reference(scores: dict[str, Score], name: str) -> None:
    assert scores[name].share("id", "line") == 100
    assert scores[name].bill("5m", 0) < -50


def test_compactions_never_raise_a_clairvoyants_bill(scores: dict[str, Score]) -> None:
    assert bill(scores["clairvoyant DP"]) <= bill(scores["clairvoyant entry"])


def test_the_bound_is_below_every_policy_that_shows_all(recorded: Recorded, scores: dict[str, Score]) -> None:
    bounds = recorded.bounds()
    whole = [score for score in scores.values() if score.share("id", "line") == 100]
    assert len(whole) >= 4
    assert all(bounds["entry"]["5m"] < bill(score) for score in whole)
    assert bounds["own text may go too"]["5m"] <= bounds["just in time"]["5m"] <= bounds["entry"]["5m"]


def test_pairs_stay_whole_and_prefixes_hold_where_nothing_is_compacted(scores: dict[str, Score]) -> None:
    assert not any(score.broken_pairs for name, score in scores.items() if name not in PRESETS)
    assert not any(scores[name].breaks for name in ("lossless", "ends 500", "clairvoyant entry"))
    assert scores["window 16"].breaks > 5


def test_a_constant_block_only_shrinks_percentages(scores: dict[str, Score]) -> None:
    assert scores["ends 500"].bill("5m", 6000) < scores["ends 500"].bill("5m", 25_000) < 0


def test_messages_survive_the_shape_of_chat_completions(session: Session) -> None:
    assert from_chat(to_chat(session.requests[-1])) == session.requests[-1]


def test_bounds_and_clairvoyants_refuse_requests_that_part(session: Session) -> None:
    parted = replace(session, requests=[session.requests[3], session.requests[2]])
    with pytest.raises(ValueError, match="does not continue"):
        CLAIRVOYANTS["clairvoyant entry"](parted.requests)


def test_lists_of_names_are_told_from_what_a_result_showed() -> None:
    kept = "one line of text\n[ctxpack:0123abcd 5 lines of Read removed]\n"
    assert without_names(f"{kept}src/module.py a_name\nmore text") == f"{kept}more text"
    assert without_names(f"{kept}some words\nmore text") == f"{kept}some words\nmore text"


def test_own_text_is_no_reference_to_a_result() -> None:
    messages = plain(
        [
            {"role": "user", "content": "see lib/a_file.py"},
            {"role": "assistant", "content": [use("1", "Bash", {"command": "ls"})]},
            {"role": "user", "content": [result("1", "lib/a_file.py lib/b_file.py")]},
            {"role": "assistant", "content": "lib/a_file.py and lib/b_file.py"},
        ]
    )
    found = conversation([messages[:3], messages]).turns[0]
    assert [(reference.kind, reference.text) for reference in found] == [("id", "lib/b_file.py")]


def test_commands_of_rendered_traces_become_calls(tmp_path: Path) -> None:
    rows = [("The task.", "THOUGHT: look.\n\n```bash\nls\n```"), ("The task.\n\n<returncode>0</returncode>", "")]
    lines = (json.dumps({"timestamp": 1, "input": given, "output": said, "session_id": "s"}) for given, said in rows)
    (tmp_path / "s.jsonl").write_text("\n".join(reversed(list(lines))))
    [(_, prompts)] = traces.read(tmp_path)
    assert traces.fits(tmp_path)
    assert [part["type"] for message in prompts[-1] for part in message["content"]] == [
        "text",
        "text",
        "tool_use",
        "tool_result",
    ]


def test_a_table_has_a_line_for_each_policy(scores: dict[str, Score]) -> None:
    rows = [
        {"path": "/data/pi/a.jsonl", "session": "all", "policy": name, "constant": constant, **score.to_dict(constant)}
        for name, score in scores.items()
        for constant in (6000, 25_000)
    ]
    [table] = tables(rows)
    assert len(table.splitlines()) == len(scores) + 4
    assert "| 100 / 100 |" in table
