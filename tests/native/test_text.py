"""Units, scores and choices of the native core, beside the slow twin and by their properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack._native.text import Document
from tests.reference import selection as twin

WORDS = [
    *("river", "rivers", "Limpopo", "city", "cities", "Hank", "Snow", "the", "in", "was", "born", "series", "glass"),
    *(
        "1949",
        "Éclair",
        "éclair",
        "Жизнь",
        "жизнь",
        "get_user",
        "mom-and-pop",
        "v1.2.3",
        "U.S",
        "日本語",
        "天",
        "x86",
        "ไทย",
    ),
]
words = st.sampled_from(WORDS)
sentences = st.lists(words, min_size=2, max_size=9).map(lambda found: "It " + " ".join(found) + " here.")
paragraphs = st.lists(sentences, min_size=1, max_size=4)
# Lines that begin alike are a listing.
articles = st.lists(paragraphs, min_size=4, max_size=8, unique_by=lambda found: found[0][:8])
lines = st.lists(
    st.lists(words, min_size=1, max_size=6).map(lambda found: "{[" + "] = [".join(found) + "]};"), min_size=1
)
queries = st.lists(words, max_size=5).map(" ".join)
focuses = st.sampled_from([0, 0.05, 1, 3])
texts = st.text(st.characters(), max_size=300) | st.text("aB .。!?\n\"'”)(¶é中1-_", max_size=300)


def pieces(text: str) -> list[str]:
    return [text[start:stop] for start, stop in Document(text).units]


@given(articles, queries, focuses)
def test_scores_of_articles_equal_the_twin(article: list[list[str]], query: str, focus: float) -> None:
    text = "\n".join(" ".join(paragraph) for paragraph in article)
    document = Document(text)
    units = [twin.Unit(s, number, at) for number, paragraph in enumerate(article) for at, s in enumerate(paragraph)]
    assert document.shape == "prose"
    assert [piece.strip() for piece in pieces(text)] == [unit.text for unit in units]
    units = [unit._replace(text=piece) for unit, piece in zip(units, pieces(text), strict=True)]
    expected = twin.scores(units, query, article=True, focus=focus)
    assert document.scores(query, focus) == pytest.approx(expected, abs=2e-6)


@given(lines, queries, focuses)
def test_scores_of_lines_equal_the_twin(found: list[str], query: str, focus: float) -> None:
    text = "\n".join(found)
    document = Document(text)
    units = [twin.Unit(piece, 0, number) for number, piece in enumerate(pieces(text))]
    assert document.shape == "lines"
    expected = twin.scores(units, query, article=False, focus=focus)
    assert document.scores(query, focus) == pytest.approx(expected, abs=2e-6)


@given(lines, queries, st.integers(0, 200), st.integers(0, 3), st.data())
def test_choices_equal_the_twin(found: list[str], query: str, budget: int, gap: int, data: st.DataObject) -> None:
    document = Document("\n".join(found))
    numbers = range(len(found))
    costs = data.draw(st.lists(st.integers(0, 20), min_size=len(found), max_size=len(found)))
    required = data.draw(st.lists(st.sampled_from(numbers), max_size=3))
    scores = document.scores(query)
    expected = twin.choose(scores, found, costs, budget, gap, required)
    assert document.choose(scores, costs, budget, gap, required) == expected


def test_a_bracket_is_no_repetition_of_numbers() -> None:
    document = Document("{\n[12];\n[34];\n}\n")
    assert document.choose([1, 4, 1, 3], [1, 1, 1, 1], 3, required=[0]) == [0, 1, 3]


@given(texts)
def test_units_cover_any_text(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(0 < len(piece.encode("utf-8", "replace")) <= 600 for piece in pieces(text))


@given(texts, texts)
def test_scores_are_repeatable_and_not_negative(text: str, query: str) -> None:
    scores = Document(text).scores(query)
    assert len(scores) == len(Document(text).units)
    assert scores == Document(text).scores(query)
    assert all(score >= 0 for score in scores)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One. Two! Three? Four", ["One. ", "Two! ", "Three? ", "Four"]),
        ("Dr. J. R. Brown left the U.S. office. He slept.", ["Dr. J. R. Brown left the U.S. office. ", "He slept."]),
        ('He said "Stop." Then (all of it.) Nothing.', ['He said "Stop." ', "Then (all of it.) ", "Nothing."]),
        (
            "It cost 3.5 dollars, e.g. here. so it goes on. End.",
            ["It cost 3.5 dollars, e.g. here. so it goes on. ", "End."],
        ),
        ("他说：“今天很好。”然后走了！你呢？", ["他说：“今天很好。”", "然后走了！", "你呢？"]),
        ("彼は来た。「はい。」と言った。", ["彼は来た。", "「はい。」", "と言った。"]),
        ("वह आया। वह गया।", ["वह आया। ", "वह गया।"]),
        ("ذهب الولد؟ نعم، ذهب.", ["ذهب الولد؟ ", "نعم، ذهب."]),
        ("\n\n  One.\n\nTwo.\n", ["\n\n  One.\n\n", "Two.\n"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_wrapped_lines_are_one_paragraph() -> None:
    text = (
        "The licence of this program is meant to leave you\nfree to share and change it. It covers most of what\n"
        "we write.\n\nWhen we speak of freedom, we do not speak of\nthe price.\n"
    )
    assert pieces(text) == [
        "The licence of this program is meant to leave you\nfree to share and change it. ",
        "It covers most of what\nwe write.\n\n",
        "When we speak of freedom, we do not speak of\nthe price.\n",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import os\n\n\ndef main(path):\n    for name in os.listdir(path):\n        print(name)\n",
        "10:02:03 INFO [db-7] open=12 ms=4\n10:02:04 WARN [db-7] open=13 ms=904\n",
        '{"a": 1, "b": [2, 3], "c": {"d": null}}\n',
        "name\tsize\nalpha\t12\nbeta\t14\n",
        # Lines that begin in lower case go on with no sentence, nor does each of a compiler's reports end one.
        "".join(f"drwxr-xr-x  2 marco marco  4096 Feb 10 23:12 {name}\n" for name in WORDS),
        "".join(f"src/theme.ts(5,{at}): error TS2554: Expected 1 argument, but got none.\n" for at in range(9)),
        "".join(f"./docs/guide.txt:Calls the {name} command of the shell\n" for name in WORDS),
    ],
)
def test_code_logs_and_tables_are_lines(text: str) -> None:
    assert Document(text).shape == "lines"


def test_a_conversation_is_prose_whatever_its_turns_end_with() -> None:
    text = "".join(
        f"{name}: {{laugh}} um so this is where we are in week {i} then\n" for i in range(9) for name in ("Ann", "Bob")
    )
    assert Document(text).shape == "prose"


def test_long_units_are_cut_at_the_ends_of_lines_first() -> None:
    text = "".join(f"{letter}d98b11 Take it away, and show what is left\n" for letter in "abcdefghijklmnopqrst")
    assert Document(text).shape == "prose"
    assert all(piece.endswith("\n") for piece in pieces(text))


def test_long_units_are_cut_at_clauses_then_spaces_then_characters() -> None:
    assert all(piece.endswith(",") for piece in pieces('"key":"value",' * 200))
    assert all(piece.endswith(" ") for piece in pieces("word " * 500))
    assert {len(piece) for piece in pieces("中" * 1000)} == {200}


def test_the_second_hop_finds_what_the_question_does_not_name() -> None:
    filler = [f"The {name} is a fish of the coast. It eats weed." for name in ("carp", "bream", "roach", "tench")]
    text = "\n".join([*filler, "Hello Love is a song by Hank Snow.", "A man moved here. He met Snow in Nashville."])
    scores = Document(text).scores("Where did the singer of Hello Love live?")
    named = next(i for i, piece in enumerate(pieces(text)) if "Nashville" in piece)
    assert sorted(range(len(scores)), key=lambda i: -scores[i]).index(named) <= 2


@pytest.mark.parametrize(
    "unit", ["a", ".", " ", "\n", "a.", ".”", ". ) ", "a-", "中", "。", "? ", "a\n", "((", "\U0001f600"]
)
def test_a_megabyte_of_anything_takes_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit.encode()))
    document = Document(text)
    assert len(document.scores("a 中")) == len(document.units)


def test_lone_surrogates_keep_their_offsets() -> None:
    text = "One \ud800\udc00 two. Three \udfff."
    assert pieces(text) == ["One \ud800\udc00 two. ", "Three \udfff."]
    assert len(Document(text).scores("\ud800 three")) == 2


def test_failures() -> None:
    document = Document("One. Two.")
    with pytest.raises(TypeError):
        Document(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        document.scores(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="as many scores and costs"):
        document.choose([1.0], [1, 1], 5)
    with pytest.raises(ValueError, match="cost is negative"):
        document.choose([1.0, 1.0], [1, -1], 5)
    for gap, cost in ((0, 2**62), (-1, 1), (2**62, 1)):
        with pytest.raises(ValueError, match="is negative or too large"):
            document.choose([1.0, 1.0], [1, cost], 5, gap)
    for focus in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="focus is negative or not finite"):
            document.scores("one", focus)
    with pytest.raises(ValueError, match="score is no number"):
        document.choose([1.0, float("nan")], [1, 1], 5)
    with pytest.raises(ValueError, match="required unit"):
        document.choose([1.0, 1.0], [1, 1], 5, required=[2])
    with pytest.raises(OverflowError):
        document.choose([1.0, 1.0], [1, 1], 5, required=[-1])


def test_the_largest_costs_do_not_overflow() -> None:
    document = Document("One. Two. Three.")
    most = 2**62 - 1
    assert document.choose([3.0, 2.0, 1.0], [most, 0, most], 2**63 - 1, most) == [0, 1, 2]
    assert document.choose([3.0, 1.0, 2.0], [most, 0, most], 2**63 - 1, most) == [0, 1]
    assert document.choose([1.0, 1.0, 1.0], [0, 0, 0], -(2**63), most) == []


def test_nothing_takes_the_place_of_what_threads_may_read() -> None:
    document = Document("One. Two.")
    document.__init__("One.")
    assert len(document.scores("one")) == len(document.units) == 2
    with pytest.raises(TypeError):
        Document.__new__(Document)
