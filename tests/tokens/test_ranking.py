"""How tokens are made of others, beside the definition of BPE, one merge after another."""

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given, reject
from hypothesis import strategies as st

from ctxpack.tokens.ranking import ImpliedMerges, ranked

SINGLE = {byte: bytes([byte]) for byte in range(256)}
# Few letters, so that pairs come often that make one token, or the same two anew.
WORDS = st.lists(
    st.text(st.sampled_from("ab"), min_size=2, max_size=10).map(str.encode), unique=True, min_size=1, max_size=20
)


def halves(text: bytes, ids: Mapping[bytes, int]) -> tuple[int, int] | None:
    """The two tokens that merge last into a token: always the pair of lowest id merges, the leftmost of equals."""
    parts = [bytes([byte]) for byte in text]
    while len(parts) > 2:
        made = [ids.get(left + right, len(ids)) for left, right in pairwise(parts)]
        if min(made) == len(ids):
            return None
        at = made.index(min(made))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return ids[parts[0]], ids[parts[1]]


@given(WORDS)
def test_tokens_are_made_as_they_merge(words: list[bytes]) -> None:
    tokens = SINGLE | dict(enumerate(words, 256))
    try:
        order = ranked(tokens, ImpliedMerges(tokens))
    except ValueError:  # no ranks say which of two merges is first
        reject()
    ids = {text: token for token, text in tokens.items()}
    expected = {ids[text]: halves(text, ids) for text in words}
    assert dict(zip(order.ids[256:], order.halves, strict=True)) == {
        token: found for token, found in expected.items() if found
    }
    assert order.unmade == [token for token, found in expected.items() if not found]
