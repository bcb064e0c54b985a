"""The drop-in beside tiktoken itself: every method, the same results and the same exceptions."""

import copy
import pickle
import timeit
from array import array
from collections import deque
from collections.abc import Callable
from functools import partial
from unittest import mock

import numpy as np
import pytest
import tiktoken as original
from hypothesis import given, settings
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from ctxpack.tokens import tiktoken
from tests.tokens.pairs import NAMES, pair_named

EOT, EOP = "<|endoftext|>", "<|endofprompt|>"
THEIRS = {name: pair_named(name).theirs for name in NAMES}
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from([EOT, EOP, "<|", "a", "  ", "\n", "don't", "\ud800", "中", "👍🏽"])).map("".join),
)
SPECIALS = st.sampled_from(["all", set(), {EOT}, {EOP}, {"nobody"}])
IDS = st.lists(st.integers(0, 100_290), max_size=8)


def outcome(call: Callable[[], object]) -> object:
    """What a call returns, or the type of what it raises; for wrong texts also the words."""
    try:
        return call()
    except (ValueError, KeyError, OverflowError, TypeError) as error:
        return type(error), str(error) if str(error).startswith("Encountered") else ""


def assert_same(name: str, method: str, *args: object, **options: object) -> None:
    ours, theirs = (getattr(each, method) for each in (tiktoken.get_encoding(name), THEIRS[name]))
    found, expected = outcome(lambda: ours(*args, **options)), outcome(lambda: theirs(*args, **options))
    assert found == expected
    assert type(found) is type(expected)


@given(text=TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_ordinary(name: str, text: str) -> None:
    assert_same(name, "encode_ordinary", text)
    assert_same(name, "encode_ordinary_batch", [text, "b", text], num_threads=2)


@given(text=TEXTS, allowed=SPECIALS, disallowed=st.one_of(SPECIALS, st.just(()), st.just(["a"])))
@pytest.mark.parametrize("name", NAMES)
def test_special(name: str, text: str, allowed: object, disallowed: object) -> None:
    options = {"allowed_special": allowed, "disallowed_special": disallowed}
    assert_same(name, "encode", text, **options)
    assert_same(name, "encode", text)
    assert_same(name, "encode_batch", [text, "b"], **options)


@pytest.mark.parametrize("nothing", [None, (), "", 0])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_disallowed(name: str, nothing: object) -> None:
    ours, theirs, text = tiktoken.get_encoding(name), THEIRS[name], f"a{EOT}"
    for allowed in (set(), {EOP}, "all"):
        options = {"allowed_special": allowed, "disallowed_special": nothing}
        assert_same(name, "encode", text, **options)
        assert ours.encode_with_unstable(text, **options)[0] == theirs.encode_with_unstable(text, **options)[0]


def test_nothing_is_disallowed_in_arrays_and_batches() -> None:
    ours, text = tiktoken.get_encoding("o200k_base"), f"a{EOT}"
    expected = ours.encode_ordinary(text)
    assert list(ours.encode_to_numpy(text, disallowed_special=None)) == expected
    assert ours.encode_batch([text], disallowed_special=None) == [expected]  # where tiktoken's has a TypeError


@pytest.mark.parametrize("disallowed", ["all", ["b", "a", EOP], [""], EOT])
@pytest.mark.parametrize("text", [f"b{EOP}a{EOT}", f"a{EOT}{EOP}", "é\udc00", "", b"b"])
def test_the_first_disallowed_text_is_named(text: str, disallowed: object) -> None:
    for allowed in (set(), {EOT}):
        options = {"allowed_special": allowed, "disallowed_special": disallowed}
        if isinstance(text, str):
            assert_same("o200k_base", "encode", text, **options)
            assert_same("o200k_base", "encode_batch", ["x", text], **options)
    ours = tiktoken.get_encoding("o200k_base")
    assert outcome(lambda: ours.encode(text)) == outcome(lambda: ours.encode_batch([text])[0])


def test_a_thousand_special_tokens_are_looked_for_at_once() -> None:
    ours, text = tiktoken.get_encoding("o200k_harmony"), "The quick brown fox jumps over it. " * 3000
    assert len(ours.special_tokens_set) > 1000
    ours.encode(text)
    plain = min(timeit.repeat(lambda: ours.encode_ordinary(text), number=1, repeat=5))
    checked = min(timeit.repeat(lambda: ours.encode(text), number=1, repeat=5))
    assert checked < 8 * plain  # by each of them, it was forty times as much and more


@pytest.fixture(scope="module")
def harmony() -> tuple[tiktoken.Encoding, original.Encoding]:
    ours = tiktoken.get_encoding("o200k_harmony")
    parts = {"mergeable_ranks": ours._mergeable_ranks, "special_tokens": ours._special_tokens}
    return ours, original.Encoding("o200k_harmony", pat_str=ours._pat_str, **parts)


@pytest.mark.parametrize("text", ["Hi<|reserved_200014|><|call|>", "<|channel|>", "a<|", "<|reserved_2000"])
@pytest.mark.parametrize("allowed", [set(), {"<|call|>"}, "all"])
def test_which_of_a_thousand_special_tokens_is_named(
    harmony: tuple[tiktoken.Encoding, original.Encoding], text: str, allowed: object
) -> None:
    found, expected = (outcome(lambda each=each: each.encode(text, allowed_special=allowed)) for each in harmony)
    assert found == expected


@given(text=TEXTS.filter(lambda text: text.isprintable()))
@pytest.mark.parametrize("name", NAMES)
def test_arrays(name: str, text: str) -> None:
    found = tiktoken.get_encoding(name).encode_to_numpy(text, allowed_special="all")
    assert found.dtype == np.uint32
    assert np.array_equal(found, THEIRS[name].encode_to_numpy(text, allowed_special="all"))


UNSTABLE = st.lists(
    st.sampled_from(
        [EOT, "<|", " the", "zx", "  ", " ", "\n", "\n\n ", "\t", "\u3000", "\x1c", "'l", "1", "é", "中", "👍"]
    ),
    max_size=6,
).map("".join)


@settings(max_examples=40)
@given(text=UNSTABLE, allowed=st.sampled_from(["all", set(), {EOT}]))
@pytest.mark.parametrize("name", NAMES)
def test_what_may_still_change(name: str, text: str, allowed: object) -> None:
    each = (tiktoken.get_encoding(name), THEIRS[name])
    options = {"allowed_special": allowed, "disallowed_special": ()}
    (stable, found), (their_stable, expected) = (one.encode_with_unstable(text, **options) for one in each)
    assert stable == their_stable
    assert found == sorted(expected)


@pytest.mark.parametrize("name", NAMES)
def test_what_may_still_change_of_special_tokens_and_bytes(name: str) -> None:
    assert_same(name, "encode_with_unstable", f"a{EOT}")
    ours = tiktoken.get_encoding(name)
    assert ours.encode_with_unstable(b"hello fanta") == ours.encode_with_unstable("hello fanta")
    assert ours.encode_with_unstable("") == ([], [])


@given(ids=IDS, errors=st.sampled_from(["replace", "strict", "ignore"]))
@pytest.mark.parametrize("name", NAMES)
def test_decoding(name: str, ids: list[int], errors: str) -> None:
    assert_same(name, "decode", ids)
    assert_same(name, "decode", ids, errors)
    assert_same(name, "decode_bytes", ids)
    assert_same(name, "decode_tokens_bytes", ids)
    assert_same(name, "decode_with_offsets", ids)
    assert_same(name, "decode_batch", [ids, []], errors=errors, num_threads=2)
    assert_same(name, "decode_bytes_batch", [ids, []], num_threads=2)


MAKERS = [set, dict.fromkeys, iter, lambda _: "", str, tuple, bytes, partial(array, "I"), np.array, deque]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("method", ["decode", "decode_bytes"])
def test_only_sequences_are_decoded(make: Callable[[list[int]], object], method: str) -> None:
    each = (tiktoken.get_encoding("cl100k_base"), THEIRS["cl100k_base"])
    found, expected = (outcome(lambda one=one: getattr(one, method)(make([97, 98]))) for one in each)
    assert found == expected


@pytest.mark.parametrize("threads", [0, -1, "2", None])
@pytest.mark.parametrize("method", ["decode_batch", "decode_bytes_batch"])
def test_numbers_of_threads(method: str, threads: object) -> None:
    assert_same("cl100k_base", method, [[97], []], num_threads=threads)


@given(text=TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_offsets_of_texts(name: str, text: str) -> None:
    assert_same(name, "decode_with_offsets", THEIRS[name].encode(text, allowed_special="all"))


@pytest.mark.parametrize("name", NAMES)
def test_single_tokens(name: str) -> None:
    for text in [
        "hello",
        b" world",
        EOT,
        "<|fim_prefix|>",
        b"\xff",
        "",
        "hello world",
        b"\xff\xfe",
        "\u4f60",
        "\ud800",
    ]:
        assert_same(name, "encode_single_token", text)
    for token in [0, 5000, 100_255, 100_256, 100_257, 199_999, 200_018, 200_019, 2**31, 2**32, -1]:
        assert_same(name, "decode_single_token_bytes", token)
        assert_same(name, "decode", [1, token])
        assert_same(name, "is_special_token", token)


@pytest.mark.parametrize("name", NAMES)
def test_facts(name: str) -> None:
    ours, theirs = tiktoken.get_encoding(name), THEIRS[name]
    for fact in ("name", "n_vocab", "max_token_value", "eot_token", "special_tokens_set"):
        assert getattr(ours, fact) == getattr(theirs, fact)
    assert ours.token_byte_values() == theirs.token_byte_values()
    assert repr(ours) == repr(theirs)
    with pytest.raises(AssertionError):
        ours.is_special_token("a")


def test_gpt2_is_r50k_base_by_another_name() -> None:
    ours, same = tiktoken.get_encoding("gpt2"), tiktoken.get_encoding("r50k_base")
    assert (ours.name, ours.n_vocab) == ("gpt2", 50257)
    assert ours.encode("don't  stop") == same.encode("don't  stop")
    assert ours.encode_with_unstable("don't st") == same.encode_with_unstable("don't st")
    assert pickle.loads(pickle.dumps(ours)) is ours


def test_p50k_edit_is_p50k_base_with_more_special_tokens() -> None:
    ranks = tiktoken.get_encoding("p50k_base")._mergeable_ranks
    with mock.patch.object(openai_public, "load_tiktoken_bpe", return_value=ranks):
        theirs = original.Encoding(**openai_public.p50k_edit())
    ours, text = tiktoken.get_encoding("p50k_edit"), "<|fim_prefix|>def  f():\n<|endoftext|>"
    assert ours.encode(text, allowed_special="all") == theirs.encode(text, allowed_special="all")
    assert (ours.n_vocab, ours.special_tokens_set) == (theirs.n_vocab, theirs.special_tokens_set)
    assert ours.token_byte_values() == theirs.token_byte_values()


@pytest.mark.parametrize("name", NAMES)
def test_what_encodings_are_made_of(name: str) -> None:
    ours, theirs = tiktoken.get_encoding(name), THEIRS[name]
    for part in ("_pat_str", "_mergeable_ranks", "_special_tokens", "_special_token_values"):
        assert getattr(ours, part) == getattr(theirs, part)


def test_copies_are_the_same() -> None:
    ours = tiktoken.get_encoding("cl100k_base")
    assert pickle.loads(pickle.dumps(ours)) is ours
    assert copy.deepcopy(ours) is ours


def test_bytes_are_texts_too() -> None:
    ours = tiktoken.get_encoding("o200k_base")
    for kind in (bytes, bytearray, memoryview):
        assert ours.encode(kind("größe".encode())) == ours.encode("größe")
        with pytest.raises(ValueError, match="disallowed special token"):
            ours.encode(kind(EOT.encode()))


@pytest.mark.parametrize("wrong", [None, 3, ["a"]])
def test_what_is_no_text(wrong: object) -> None:
    with pytest.raises(TypeError):
        tiktoken.get_encoding("o200k_base").encode(wrong)
