"""Encodings whose pretokens the `regex` package finds do all that the others do, and the same."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack._native.bpe import BpeEncoding
from ctxpack.tokens import encoding
from ctxpack.tokens.patterns import SKIPPED, matcher
from tests.tokens.checks import assert_ends, assert_exact, assert_head, assert_tail, cut
from tests.tokens.test_patterns import twin
from tests.tokens.texts import TRICKY, spans

FAST, SLOW = encoding("r50k_base"), twin("r50k_base")
EOT = "<|endoftext|>"


@settings(max_examples=100)
@given(span=spans(TRICKY))
def test_spans(span: tuple[str, int, int]) -> None:
    text, start, stop = span
    assert SLOW.offsets(text).count(start, stop) == FAST.count(text[start:stop])
    assert SLOW.offsets(text.encode()).count(start, stop) == FAST.count(text.encode()[start:stop])


@settings(max_examples=100)
@given(text=TRICKY, seed=st.integers(0, 2**32))
def test_growing_texts(text: str, seed: int) -> None:
    assert_exact(SLOW, cut(text, seed, 5))
    assert_exact(SLOW, cut(text.encode(), seed, 5))


@settings(max_examples=100)
@given(text=TRICKY, n=st.integers(0, 30))
def test_cuts(text: str, n: int) -> None:
    for holds in (assert_head, assert_tail, assert_ends):
        holds(SLOW, text, n)
    for keep in ("head", "tail", "ends"):
        assert SLOW.truncate(text, n, keep) == FAST.truncate(text, n, keep)


def test_special_tokens_and_batches() -> None:
    texts = [f"a{EOT}b", EOT, "", "中 " * 50_000]
    for special in ("text", "allow", {EOT}):
        expected = FAST.encode_batch(texts, special=special)
        for threads in (1, 3):
            assert SLOW.encode_batch(texts, threads, special=special) == expected
            assert SLOW.count_batch(texts, threads, special=special) == list(map(len, expected))
    with pytest.raises(ValueError, match="which is refused"):
        SLOW.count(texts[0], special="refuse")


def made(split: object) -> BpeEncoding:
    return BpeEncoding("bytes", "external", bytes(range(256)), b"", [], [], [(0, 0)], [], {}, None, split)


def test_what_is_skipped_has_no_tokens() -> None:
    skipping = made(lambda text: [1, 2 | SKIPPED, 4])
    assert list(skipping.encode("abcd")) == [97, 99, 100]
    assert skipping.count("abcd") == 3


@pytest.mark.parametrize("n", range(8))
def test_cuts_in_pretokens_that_are_none_by_themselves(n: int) -> None:
    looking_back = made(matcher((r"x|(?<=x)[a-w]+",)))
    for text in ("xabcdef", "xabxcdxef"):
        for holds in (assert_head, assert_tail, assert_ends):
            holds(looking_back, text, n)


@pytest.mark.parametrize("ends", [[2, 1], [0], [5], [2**64 - 1]])
def test_ends_that_cannot_be(ends: list[int]) -> None:
    with pytest.raises(ValueError, match="pretokens are out of order"):
        made(lambda text: ends).count("abcd")


def test_a_split_that_fails() -> None:
    def fails(text: bytes) -> list[int]:
        raise KeyError("lost")

    failing = made(fails)
    for text in ("abcd", "abcd" * 1000):
        with pytest.raises(KeyError, match="lost"):
            failing.count(text)
    with pytest.raises((KeyError, RuntimeError)):
        failing.count_batch(["abcd"] * 10, 4)
    with pytest.raises(ValueError, match="nothing finds the pretokens"):
        made(None)


def test_a_batch_ends_where_one_text_fails() -> None:
    asked = []

    def fails(text: bytes) -> list[int]:
        asked.append(text)
        raise KeyError("lost")

    with pytest.raises((KeyError, RuntimeError)):
        made(fails).count_batch(["abcd"] * 10_000, 2)
    assert len(asked) <= 2


def test_a_call_within_a_call_of_a_counter_is_refused() -> None:
    def splits(text: bytes) -> list[int]:
        if text == b"a":
            with pytest.raises(RuntimeError, match="within a call of its own"):
                counter.append("b")
        return [len(text)]

    counter = made(splits).counter()
    assert [counter.append(text) for text in ("a", "c")] == [1, 2]


def test_no_more_threads_than_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    threads: set[int] = set()
    both = threading.Barrier(2)

    def splits(text: bytes) -> list[int]:
        if threading.get_ident() not in threads:
            threads.add(threading.get_ident())
            both.wait(20)
        return [len(text)]

    assert made(splits).count_batch(["ab"] * 50, 10**9) == [2] * 50
    assert len(threads) == 2


SHARED = """
import time
from concurrent.futures import ThreadPoolExecutor
from tests.tokens.test_external_patterns import made

def split(text):
    time.sleep(0.001)  # other threads go on
    return [len(text)]

counter = made(split).counter()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(counter.append, ["abcd"] * 20))
assert counter.count == 80
"""


def test_threads_may_share_a_counter() -> None:
    """In a process of its own: threads that wait for one another would never end."""
    subprocess.run([sys.executable, "-c", SHARED], check=True, timeout=60, cwd=Path(__file__).parents[2])
