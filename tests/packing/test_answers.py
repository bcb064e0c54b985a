"""Answers to a model that asks for originals: bounded, each saying how to go on, and kept once."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack import Session
from ctxpack.errors import PolicyError
from ctxpack.packing import MemoryOriginals, Policy, Summaries
from ctxpack.packing.retrieval import TOOL_NAME
from ctxpack.tokens import encoding_for

from .conversations import CLAUDE, MODELS, Step, bodies, log, working


def answers(session: Session, handle: str, **wanted: object) -> list[str]:
    """Answers to one call and to those that each asks for, the next of several places last, until nothing is left."""
    found, due = [], [{"handle": handle, **wanted}]
    while due:
        arguments = due.pop()
        answer, _, how = session.answer(arguments, tokens=100).partition("\n… cut here")
        found.append(answer)
        assert encoding_for(CLAUDE).count(answer) <= 100
        places = re.findall(r"first=(\d+)(?:, last=(\d+), first_column=(\d+))?", how)
        for first, last, column in reversed(places):
            within = {"last": int(last), "first_column": int(column)} if last else {}
            due.append(arguments | {"first": int(first)} | within)
        assert len(found) < 1000
    return found


def rows(found: list[str]) -> dict[int, str]:
    """Lines by their number, put together from the pieces of them in some answers."""
    lines: dict[int, str] = {}
    for answer in found:
        for row in answer.split("\n"):
            number, _, shown = row.partition("\t")
            lines[int(number)] = lines.get(int(number), "") + shown
    return lines


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30), st.integers(0, 2**32))
def test_a_long_answer_says_how_to_ask_for_the_rest(sizes: list[int], seed: int) -> None:
    noise = random.Random(seed)
    lines = ["".join(noise.choices("ab é字 ", k=size)) for size in sizes]
    store = MemoryOriginals()
    session = Session(CLAUDE, store=store)
    handle = store.put("\n".join(lines))
    expected = dict(enumerate(lines, 1))
    assert rows(answers(session, handle, first=1, last=len(lines))) == expected
    start, *others = answers(session, handle)
    whole = dict(enumerate(start.split("\n"), 1))
    for number, line in rows(others).items() if others else ():
        whole[number] = whole.get(number, "") + line
    assert whole == expected


def test_the_rest_of_numbered_lines_is_asked_for_by_their_numbers() -> None:
    store = MemoryOriginals()
    read = "\n".join(f"{number:6}→value = {number}" for number in range(4000, 4300))
    found = answers(
        Session(CLAUDE, store=store), store.put(f"{read}\n" + "\n".join(f"<note {number}>" for number in range(20)))
    )
    assert found[1].startswith(f"{4000 + len(found[0].split(chr(10)))}\t")
    assert "\t  4299→value = 4299" in found[-1]


def test_the_rest_of_what_a_pattern_finds_is_asked_for_with_it() -> None:
    store = MemoryOriginals()
    line = ("." * 994 + "needle") * 5
    found = answers(Session(CLAUDE, store=store), store.put(f"{line}\nneedle\n{line}"), pattern="needle")
    places = [row.split("\t")[0] for answer in found for row in answer.split("\n")]
    around = [f":{795 + 1000 * place}" for place in range(5)]
    assert places == [*(f"1{at}" for at in around), "2", *(f"3{at}" for at in around)]


def test_an_answer_is_a_quarter_of_the_budget_at_most() -> None:
    store = MemoryOriginals()
    handle, count = store.put(log(5000)), encoding_for(CLAUDE).count
    sizes = [count(Session(CLAUDE, store=store, budget=budget).answer({"handle": handle})) for budget in (None, 8000)]
    assert 9900 < sizes[0] < 10_100
    assert 1900 < sizes[1] < 2100
    for tokens in (99, 500.0, True):
        with pytest.raises(PolicyError, match="tokens"):
            Session(CLAUDE).answer({"handle": handle}, tokens=tokens)


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_an_answer_is_not_kept_in_later_originals(dialect: str) -> None:
    policy = Policy("at once", summaries=Summaries(tokens=1000, keep_turns=1, patience=0.0))
    store, made, found = MemoryOriginals(), [], []
    session = Session(MODELS[dialect], policy, store=store)
    for number, step in enumerate(working(12, size=60)):
        made.append(step)
        packed = session.pack(bodies(made, dialect)[-1], now=float(number))
        for handle in [entry.handle for entry in packed.report.entries if entry.action == "summarised"]:
            found.append((handle, session.answer({"handle": handle})))
            made.append(Step("", False, [(f"ask_{number}", TOOL_NAME, {"handle": handle})], [found[-1][1]]))
    assert len(found) > 5
    kept = "\n".join(map(session.original, dict(found)))
    behind = re.findall(r"\[ctxpack:([0-9a-f]+) what was returned here\]", kept)
    assert [session.original(handle) for handle in behind] == [answer for _, answer in found][: len(behind)]
    assert len(behind) > 4
    assert f"- {TOOL_NAME}" not in packed.dump().decode()
    assert max(len(session.original(handle)) for handle, _ in found[1:]) < 20_000
