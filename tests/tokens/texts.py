"""Texts that are hard to split: every class of the patterns, in runs and mixed, with what looks ahead in them."""

from typing import AnyStr

from hypothesis import strategies as st

# Every class, contractions, tails and prefixes, and characters of one to four bytes.
LETTERS = "aAzZéÉßſ中語ी한ขåÅ\u0301\u0488ǅʰsStTrReEvVmMlLdDK\u212a"
OTHERS = "'’ \t\n\r\x0b\x85\u00a0\u3000\u2028/.,!-_=#<|>019٣Ⅷ👍🏽\u200d\ufeff"
TRICKY = st.text(st.sampled_from(LETTERS + OTHERS), max_size=60)

# Pretokens of hundreds of characters, of one class or several, so that what is special about long ones is met.
RUN = st.builds(
    lambda alphabet, repeat: (alphabet * 400)[:repeat],
    st.text(st.sampled_from("aABb中ข\u0301 \t\n\r/!-='1é"), min_size=1, max_size=4),
    st.integers(0, 400),
)
RUNS = st.lists(st.one_of(RUN, TRICKY.map(lambda text: text[:8])), max_size=5).map("".join)
TEXTS = st.one_of(TRICKY, RUNS, st.text(max_size=80))


@st.composite
def spans(draw: st.DrawFn, texts: st.SearchStrategy[AnyStr]) -> tuple[AnyStr, int, int]:
    """A text and two ends as slices have them, most with something between: counted from either end of the text."""
    text = draw(texts)
    ends = st.integers(0, len(text))
    first, last = sorted((draw(ends), draw(ends)))
    starts, stops = [first, first - len(text)], [last, last - len(text) or 99]
    return text, draw(st.sampled_from(starts)), draw(st.sampled_from(stops))
