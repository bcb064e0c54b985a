"""Thinned line numbers: every one comes back, and every line keeps its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing.lines import split
from ctxpack.packing.numbering import is_thinned, restored, thinning

HANDLE = "0123abcd"
CONTENT = st.text(alphabet="ab1 \t:→|\u2028\x0c", max_size=12)


def printed(first: int, contents: list[str], mark: str = "→", width: int = 6) -> str:
    return "".join(f"{number:>{width}}{mark}{line}\n" for number, line in enumerate(contents, first))


def thin(text: str) -> str:
    recipe = thinning(text, HANDLE)
    assert recipe is not None
    return recipe.apply(text)


@given(
    first=st.integers(0, 1200),
    contents=st.lists(CONTENT, min_size=10, max_size=40),
    mark=st.sampled_from(["→", "\t", ": ", "|", ":"]),
    width=st.sampled_from([0, 6]),
    tail=st.sampled_from(["", "\n<note>\nnot numbered\n", "7→seven", "    99→"]),
)
def test_what_is_thinned_comes_back(first: int, contents: list[str], mark: str, width: int, tail: str) -> None:
    text = printed(first, contents, mark, width) + tail
    recipe = thinning(text, HANDLE)
    if recipe is not None:
        assert restored(recipe.apply(text)) == text


def test_a_read_file_is_thinned() -> None:
    text = printed(95, [f"line {number}" for number in range(95, 130)])
    thinned = thin(text)
    assert is_thinned(thinned)
    assert thinned.splitlines()[:4] == [
        f"[ctxpack:{HANDLE} lines 95-129, every 10th numbered]",
        "    95→line 95",
        "line 96",
        "line 97",
    ]
    assert "   100→line 100\nline 101\n" in thinned


def test_lines_keep_their_numbers_and_hashes() -> None:
    text = printed(1, [f"line {number}" for number in range(1, 31)]) + "\nbehind\n"
    thinned, plain = split(thin(text)), split(text)
    assert [thinned[at][2] for at in range(1, len(thinned))] == [*range(1, 33)]
    assert all(thinned.same(at + 1, plain, at) for at in range(len(plain)))


def test_numbers_go_on_behind_a_pointer() -> None:
    text = thin(printed(1, [f"line {number}" for number in range(1, 31)]))
    pieces = text.splitlines(keepends=True)
    note = f"[ctxpack:{HANDLE} lines 5-18: same as above, Read a.py]\n"
    thinned, pointed = split(text), split("".join([*pieces[:5], note, *pieces[19:]]))
    assert len(pointed) == len(thinned) - 13
    for at in range(6, len(pointed)):
        assert pointed[at][2] == thinned[at + 13][2]
        assert pointed.same(at, thinned, at + 13)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no numbers\n" * 30,
        printed(1, ["few"] * 5),
        "".join(f"{number}:match\n" for number in range(1, 90, 3)),
        printed(1, ["a"] * 11) + "    12→",
    ],
)
def test_what_is_not_thinned(text: str) -> None:
    assert thinning(text, HANDLE) is None


def test_only_thinned_text_is_restored() -> None:
    with pytest.raises(ValueError, match="header"):
        restored("1→one\n")
    with pytest.raises(ValueError, match="number"):
        restored(f"[ctxpack:{HANDLE} lines 1-2, every 10th numbered]\nnothing\n")
