"""Lines and their repeats, beside a slow reference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack._native.lines import LineIndex, Lines
from tests.reference import lines as reference

CONTENT = st.text(alphabet="ab é→😀\t:|1\r\x0b\u2028\ud800", max_size=4)
PLAIN = st.lists(CONTENT, max_size=12).map("\n".join)
NUMBERED = st.builds(
    lambda first, mark, contents: "".join(f"{first + i:>4}{mark}{c}\n" for i, c in enumerate(contents)),
    st.integers(0, 9_999_998),
    st.sampled_from(["→", "\t", ": ", ":", "|", "| "]),
    st.lists(CONTENT, max_size=12),
)
TEXTS = PLAIN | NUMBERED


@given(TEXTS)
def test_lines_and_their_numbers(text: str) -> None:
    found = Lines(text)
    assert [found[at] for at in range(len(found))] == [line[:3] for line in reference.lines(text)]


@given(TEXTS, TEXTS)
def test_lines_are_equal_where_their_contents_are(one: str, other: str) -> None:
    ours, theirs = Lines(one), Lines(other)
    for at, line in enumerate(reference.lines(one)):
        for there, wanted in enumerate(reference.lines(other)):
            assert ours.same(at, theirs, there) == (line[3] == wanted[3])


def twin(line: bytes) -> bytes:
    """Another line of 16 characters with the same hash under MurmurHash64A, which a standard library may use."""
    multiplier, mask = 0xC6A4A7935BD1E995, 2**64 - 1
    inverse = pow(multiplier, -1, 2**64)

    def mixed(block: int) -> int:
        block = block * multiplier & mask
        return (block ^ block >> 47) * multiplier & mask

    def state(block: int) -> int:
        return (0xC70F6907 ^ 16 * multiplier ^ mixed(block)) * multiplier & mask

    first, second = (int.from_bytes(line[at : at + 8], "little") for at in (0, 8))
    for number in range(10**8, 10**9):
        other = int.from_bytes(b"%08d" % (number % 10**8), "little")
        wanted = (state(first) ^ mixed(second) ^ state(other)) * inverse & mask
        rest = ((wanted ^ wanted >> 47) * inverse & mask).to_bytes(8, "little")
        if rest.isascii() and rest.decode().isprintable():
            return other.to_bytes(8, "little") + rest
    raise AssertionError("there is one in 3,000 numbers")


def test_no_line_can_be_made_to_be_taken_for_another() -> None:
    """Else a pointer could be made to lead to lines that are not the same."""
    line = b"delete no files!"
    made = twin(line)
    assert made != line
    assert not Lines(line.decode()).same(0, Lines(made.decode()), 0)


REPEATING = st.lists(st.sampled_from(["a", "b", "c", "longer line", ""]), max_size=20).map("\n".join)


@given(
    st.lists(TEXTS, max_size=4),
    TEXTS | REPEATING,
    st.integers(1, 4),
    st.integers(0, 9),
    st.integers(5, 20),
    st.integers(1, 4),
)
def test_runs_are_the_longest_and_lead_to_equal_lines(
    above: list[str], text: str, least: int, few: int, much: int, within: int
) -> None:
    index, lines = LineIndex(), Lines(text)
    for other in above:
        index.add(Lines(other))
    runs = index.runs(lines, least, few, much, within)
    covered: set[int] = set()
    for first, length, place, at in runs:
        known = Lines([*above, text][place])
        for step in range(length):
            assert lines.same(first + step, known, at + step)
            for numbered, start in ((lines, first), (known, at)):
                assert numbered[start + step][2] == numbered[start][2] + step
            if place == len(above):
                assert at < first
                assert at + step >= first or at + step not in covered
            else:
                assert index.number(place, at + step) == known[at + step][2]
        covered |= {*range(first, first + length)}
    contents = [content for other in [*above, text] for *_, content in reference.lines(other)]
    if all(contents.count(content) <= 4 for content in contents):  # more places than that are not remembered
        assert [run[:2] for run in runs] == reference.runs(above, text, least, few, much, within)


def test_the_first_place_of_a_line_and_the_newest_are_remembered() -> None:
    index = LineIndex()
    for place in range(9):
        index.add(Lines(f"same\nafter {place}\n"))
    for place in range(9):
        ((_, length, found, at),) = index.runs(Lines(f"same\nafter {place}\n"), 1, 0, 100, 1)[:1]
        assert (length, found, at) == ((2, place, 0) if place in (0, 6, 7, 8) else (1, 0, 0))


def test_lines_that_come_over_and_over_are_no_bomb_where_none_may_repeat() -> None:
    assert LineIndex().runs(Lines("same\n" * 400_000), 3, 40, 400, 2**32 - 1) == []


@pytest.mark.parametrize("numbers", [[], [(1, 0)], [(1, 0)] * 3, [(1, 0), (2, 3)]])
def test_numbers_that_do_not_fit_the_lines(numbers: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="number"):
        Lines("a\nb\n", numbers)


def test_nothing_takes_the_place_of_what_threads_may_read() -> None:
    lines = Lines("a\nb\n")
    lines.__init__("a\n")
    assert len(lines) == 2
    with pytest.raises(TypeError):
        Lines.__new__(Lines)


def test_lines_that_are_not_there() -> None:
    lines = Lines("a\n")
    for at in (-1, 1):
        with pytest.raises(IndexError):
            lines[at]
        with pytest.raises(IndexError):
            lines.same(0, lines, at)
    index = LineIndex()
    index.add(lines)
    index.add(Lines("b\nc\n"))
    for place, at in ((0, 1), (1, 2), (1, 2**32 - 1), (2, 0)):
        with pytest.raises(IndexError):
            index.number(place, at)
    with pytest.raises(TypeError):
        Lines(b"bytes")  # type: ignore[arg-type]
