"""Selections keep to their budget, stand in order, keep what the rules say, and find what was asked for."""

import json
import uuid
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.retaining.cases import READERS
from benchmarks.retention import measure, ours
from ctxpack.packing.rewrites import Pieces
from ctxpack.packing.selection import Selection, select
from ctxpack.tokens import encoding
from tests.data import shared

ROOT = Path(__file__).parents[2]

O200K = encoding("o200k_base")
count = O200K.count

sentences = st.sampled_from(
    [
        "The river is long. ",
        "Who knows? ",
        "He was born in 1949. ",
        "今日は雨。",
        "明日は晴れ！",
        "get_user(id=7)\n",
        "ERROR 12\n",
    ]
)
texts = st.lists(sentences, max_size=60).map("".join) | st.text(st.characters(), max_size=400)
gaps = st.sampled_from(["", "\n", " … ", "\n[left out]\n"])


def assert_sound(selection: Selection, text: str, budget: int) -> None:
    assert selection.tokens == count(selection.text) <= budget
    assert Pieces(selection.parts).apply(text) == selection.text
    covered = sorted(selection.ranges + selection.left_out)
    assert all(start < stop for start, stop in covered)
    assert "".join(text[start:stop] for start, stop in covered) == text
    assert list(selection.ranges) == sorted(selection.ranges)


@given(texts, st.sampled_from(["", "Where was he born?", "雨", "user \ud800"]), st.integers(0, 150), gaps)
def test_any_text_fits_any_budget(text: str, query: str, budget: int, gap: str) -> None:
    selection = select(text, query, budget, O200K, gap)
    assert_sound(selection, text, budget)
    assert selection == select(text, query, budget, O200K, gap)


@given(texts)
def test_a_text_that_fits_is_kept_whole(text: str) -> None:
    selection = select(text, "river", count(text), O200K)
    assert selection.text == text
    assert selection.left_out == ()


@pytest.mark.parametrize("name", ["cl100k_base", "deepseek_v3", "qwen3"])
@given(texts, st.integers(0, 100))
def test_the_budget_is_that_of_the_encoding(name: str, text: str, budget: int) -> None:
    other = encoding(name)
    selection = select(text, "river", budget, other)
    assert other.count(selection.text) == selection.tokens <= budget


@pytest.mark.parametrize("text", ["a" * 100_000, "word " * 20_000, "\n" * 50_000, "中" * 30_000, '{"k":"v"},' * 10_000])
@pytest.mark.parametrize("budget", [0, 1, 7, 500])
def test_huge_texts_without_sentences(text: str, budget: int) -> None:
    selection = select(text, "k", budget, O200K)
    assert_sound(selection, text, budget)


def test_most_of_the_budget_is_used() -> None:
    text = " ".join(f"Fact {i} is that town {i * 7 % 31} has {i * i} people." for i in range(400))
    for budget in (100, 500, 2000):
        assert select(text, "How many people has town 3?", budget, O200K).tokens >= 0.95 * budget


def log(errors: dict[int, str]) -> str:
    return "".join(
        f"10:00:{i % 60:02} {errors.get(i, f'INFO [worker-{i % 7}] job={i} ms={i * 3 % 97}')}\n" for i in range(900)
    )


def test_lines_keep_head_tail_and_errors_whatever_the_query() -> None:
    text = log({420: "ERROR [db] connection refused", 421: "ERROR [db] connection refused", 640: "FATAL [db] gave up"})
    kept = select(text, "job=77", 600, O200K).text
    assert kept.startswith("10:00:00 INFO [worker-0] job=0 ")
    assert kept.rstrip().endswith(text.splitlines()[-1])
    assert "connection refused" in kept
    assert "gave up" in kept
    assert "job=77 " in kept


def test_what_a_command_says_in_sentences_keeps_its_end_too() -> None:
    parts = [f"{chr(65 + i % 26)}{i} was looked at. Of its pieces {i * 7} are there." for i in range(200)]
    text = "\n\n".join([*parts[:90], "Some of the rest was not.", *parts[90:]])
    about, asked = (select(text, "the pieces of B27", 200, O200K, focus=focus).text for focus in (0.05, 1))
    assert about.endswith(parts[-1])
    assert not asked.endswith(parts[-1])


def test_warnings_and_totals_of_tests_are_kept_in_any_case() -> None:
    text = log({420: "WARNING disk is nearly full", 640: "Warning: late", 700: "312 Passed in 4 s"})
    kept = select(text, "", 400, O200K).text
    assert all(line in kept for line in ("nearly full", "Warning: late", "312 Passed"))


def test_errors_do_not_take_the_whole_budget() -> None:
    text = log({i: f"ERROR [{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 10 % 10]}] refused" for i in range(5, 890)})
    kept = select(text, "", 400, O200K).text.splitlines()
    assert text.splitlines()[0] in kept
    assert text.splitlines()[-1] in kept


@pytest.mark.parametrize("indent", [None, 0])
def test_a_needle_is_found(indent: int | None) -> None:
    draw = Random(5)
    pairs = {str(uuid.UUID(int=draw.getrandbits(128))): str(uuid.UUID(int=draw.getrandbits(128))) for _ in range(300)}
    text = json.dumps(pairs, indent=indent)
    for key in list(pairs)[::30]:
        selection = select(text, f'What is the value of the key "{key}"?', count(text) // 10, O200K)
        assert pairs[key] in selection.text


def test_repetitions_give_way_to_what_is_new() -> None:
    text = "\n".join(
        ["retry queue=jobs_main attempt=1;"] * 300 + ["retry queue=jobs_other attempt=1 shard=b;"] + ["done();"] * 99
    )
    assert "jobs_other" in select(text, "retry queue", 150, O200K).text


def test_lines_that_say_nothing_go_first() -> None:
    functions = [f"fn task_{name}(queue: &mut Queue) {{" for name in "abcdefghijklmnop"]
    text = "\n".join(f"{function}\n    }}\n}}\n" for function in functions)
    kept = select(text, "", count("\n".join(functions)) + 40, O200K).text
    assert all(function in kept for function in functions)


def test_a_subject_does_not_crowd_out_the_rest() -> None:
    names = [f"{one}{two}" for one in "bdfg" for two in ("alo", "emu", "ira", "oka", "usi")]
    others = [f"register(&{name}_handler, {name}_table);" for name in names]
    text = "\n".join(
        line for name, other in zip(names, others, strict=True) for line in (other, f"push(queue, {name});")
    )
    asked, about = (select(text, "the queue", count(text) // 2, O200K, focus=focus).text for focus in (1, 0.05))
    assert sum(line in asked for line in others) < sum(line in about for line in others)


@pytest.mark.parametrize(("budget", "focus"), [(-1, 1), (10, -0.5), (10, nan), (10, inf)])
def test_what_is_negative_or_endless_is_refused(budget: int, focus: float) -> None:
    with pytest.raises(ValueError, match="finite and not negative"):
        select("a\nb", "", budget, O200K, focus=focus)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": b"a b"}, "text must be str, not bytes"),
        ({"query": None}, "query must be str, not NoneType"),
        ({"encoding": "o200k_base"}, "encoding must be an Encoding, .* not str"),
    ],
)
def test_what_is_of_another_type_is_refused_though_the_text_fits(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        select(**{"text": "a b", "query": "", "budget": 9, "encoding": O200K} | wrong)


@pytest.mark.parametrize(
    ("text", "query", "answer"),
    [
        (
            "猫は魚を食べる。" * 40 + "林さんは京都に住んでいる。" + "犬は肉を食べる。" * 40,
            "林さんはどこに住んでいますか？",
            "京都",
        ),
        ("天气很好。" * 60 + "王芳在上海大学教书。" + "他们去吃饭。" * 60, "王芳在哪里教书？", "上海大学"),
        (
            "Das Wetter ist gut. " * 60 + "Frau Groß wohnt in Köln. " + "Er isst Brot. " * 60,
            "Wo wohnt Frau GROß?",
            "Köln",
        ),
        ("Погода хорошая. " * 60 + "Анна живёт в Казани. " + "Он ест хлеб. " * 60, "Где живёт АННА?", "Казани"),
        ("อากาศดี\n" * 60 + "สมชายอยู่เชียงใหม่\n" + "เขากินข้าว\n" * 60, "สมชายอยู่ที่ไหน", "เชียงใหม่"),
    ],
)
def test_any_language(text: str, query: str, answer: str) -> None:
    selection = select(text, query, count(text) // 8, O200K)
    assert answer in selection.text


def test_white_space_before_a_gap_gives_way() -> None:
    text = "The key is blue. " + "Nothing else is said here. " * 30 + "The lock is red."
    selection = select(text, "key lock", 12, O200K, gap=" […] ")
    assert selection.text == "The key is blue. […] The lock is red."


@pytest.mark.parametrize(
    ("name", "share", "answer", "supports"), [("hotpotqa", 0.25, 84, 66), ("musique", 0.5, 79, 66)]
)
def test_real_questions_keep_what_they_need(name: str, share: float, answer: float, supports: float) -> None:
    found = measure(list(READERS[name](shared(f"qa/{name}.json"))), ours, share)
    assert found["answer"] >= answer
    assert found["supports"] >= supports
