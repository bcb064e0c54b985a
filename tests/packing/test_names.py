"""Names beside the regular expressions that say what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack._native.text import names_in
from ctxpack.packing.names import first_names, names
from tests.reference.names import names_in as twin

alike = st.text("aZ0_./-@~ \nbQ9é→", max_size=60)
long_runs = st.builds(lambda unit, times: unit * times, st.text("aZ0_./", min_size=1, max_size=4), st.integers(1, 210))


@given(alike | long_runs | st.text(st.characters()))
def test_the_scanner_finds_what_the_expressions_find(text: str) -> None:
    assert names_in(text) == list(twin(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see src/app/main.py:12.", ["src/app/main.py"]),
        ("os.path.join and snake_case", ["os.path.join", "snake_case"]),
        ("lowerCamel and UpperCamel", ["lowerCamel", "UpperCamel"]),
        ("build 20811 of x86_64", ["20811", "x86_64"]),
        ("Simple words, v1 and a/b", []),
        ("a" * 200 + "/" + "b" * 200, []),
    ],
)
def test_what_is_a_name(text: str, found: list[str]) -> None:
    assert names_in(text) == found


def test_names_are_kept_once_and_within_the_budget() -> None:
    text = "first_name second_name first_name third_name"
    assert names(text, 2, lambda _: 1) == "first_name third_name"
    assert names(text, 9, lambda _: 1, known={"second_name"}) == "first_name third_name"
    assert first_names(text, 2, lambda _: 1) == "first_name second_name"


def test_no_name_is_looked_up_behind_the_first_that_does_not_fit() -> None:
    """A summary that shows the others is searched through for each."""
    asked: list[str] = []

    class Shown(tuple[str, ...]):
        def __contains__(self, name: object) -> bool:
            asked.append(str(name))
            return False

    assert first_names("first_name second_name third_name", 1, lambda _: 1, Shown()) == "first_name"
    assert asked == ["first_name", "second_name"]


def test_names_come_from_all_of_a_long_text() -> None:
    """A search lists the docs first; what is looked for stands further down."""
    docs = [f"./docs/ref/contrib/gis/chapter_{number}.txt: optimize" for number in range(30)]
    found = names("\n".join([*docs, "./src/optimizer.py: def optimize_inner"]), 40, len)
    assert found == "./src/optimizer.py optimize_inner"


def test_no_text_is_refused() -> None:
    with pytest.raises(TypeError):
        names_in(b"bytes")  # type: ignore[arg-type]
