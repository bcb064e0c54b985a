"""How the texts of one result divide its limit."""

from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing.shares import ALONE, Shares

TOKENS = st.lists(st.integers(0, 300), min_size=1, max_size=12)


@given(TOKENS, st.integers(0, 1000))
def test_all_have_no_more_than_the_limit_and_no_text_could_have_more(tokens: list[int], limit: int) -> None:
    most = Shares(tokens).most(limit)
    assert sum(min(each, most) for each in tokens) <= limit
    assert max(tokens) <= most or sum(min(each, most + 1) for each in tokens) > limit


def test_a_text_alone_has_the_whole_limit() -> None:
    assert Shares([5000]).most(400) == ALONE.most(400) == 400
