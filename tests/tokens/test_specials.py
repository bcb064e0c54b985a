"""Special tokens in texts: taken as text, allowed or refused, for one text and for batches."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack._native.bpe import BpeEncoding
from ctxpack.tokens import Encoding, TokenIds, encoding
from ctxpack.tokens.library import named
from tests.tokens.pairs import NAMES, Pair, pair_named

PAIRS = {name: pair_named(name) for name in NAMES}
EOT, EOP = "<|endoftext|>", "<|endofprompt|>"
TEXTS = st.lists(st.sampled_from([EOT, EOP, "<|", "<|end", "a", " ", "  ", "\n", "don't", "中", "<"])).map("".join)


@given(text=TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_special_tokens_as_tiktoken_takes_them(name: str, text: str) -> None:
    ours, theirs, _ = PAIRS[name]
    for special, allowed in [("text", set()), ("allow", "all"), ({EOP}, {EOP}), ([], set())]:
        expected = theirs.encode(text, allowed_special=allowed, disallowed_special=())
        assert ours.encode(text, special=special) == expected
        assert ours.count(text, special=special) == len(expected)
        assert ours.encode_batch([text, text], special=special) == [expected, expected]
        assert ours.count_batch([text, ""], special=special) == [len(expected), 0]


def test_the_special_tokens(pair: Pair) -> None:
    assert pair.ours.special_tokens == pair.theirs._special_tokens
    pair.ours.special_tokens.clear()  # a copy
    assert EOT in pair.ours.special_tokens


@pytest.mark.parametrize("name", ["o200k_harmony", "p50k_base", "r50k_base"])
def test_those_of_further_encodings_of_tiktoken(name: str) -> None:
    ours, theirs, _ = pair_named(name)
    assert ours.special_tokens == theirs._special_tokens
    for text, token in theirs._special_tokens.items():
        assert ours.token(text) == token
        assert ours.encode(f"a{text}", special="allow") == theirs.encode(f"a{text}", allowed_special="all")


@pytest.mark.parametrize(
    ("name", "text", "token"),
    [
        ("deepseek_v3", "<｜place▁holder▁no▁798｜>", 128798),
        ("deepseek_v3", "<think>", 128798),  # of R1, V3.1 and V3.2
        ("deepseek_v3", "｜DSML｜", 128793),  # of V3.2
        ("deepseek_v4", "<think>", 128821),
        ("deepseek_v4", "<｜place▁holder▁no▁798｜>", 128798),
        ("minimax", "]~b]", 200019),
        ("minimax", "<beginning_of_sentence>", 200019),  # of Text-01 and M1
        ("minimax", "<minimax:tool_call>", 200052),  # of M2
    ],
)
def test_names_that_models_of_a_family_have_for_an_id(name: str, text: str, token: int) -> None:
    assert encoding(name).special_tokens[text] == token
    assert encoding(name).encode(f"a{text}", special="allow")[-1] == token


def test_several_with_one_id() -> None:
    specials = {b"<b>": 300, b"<a>": 300, b"<c>": 301}
    ours = BpeEncoding("bytes", "gpt2", bytes(range(256)), b"", [], [], [(0, 0)], [], specials)
    assert ours.special_tokens == {"<a>": 300, "<b>": 300, "<c>": 301}
    assert ours.encode("<a><b>", special="allow") == [300, 300]
    assert ours.decode([300]) == "<b>"  # the first
    assert (ours.token("<a>"), ours.token("<b>"), ours.n_vocab) == (300, 300, 302)
    with pytest.raises(ValueError, match="'<a>', which is refused"):
        ours.count("<a>", special="refuse")


@pytest.mark.parametrize("text", [EOT, f"a{EOT}", f"{EOT} b".encode()])
def test_refused(o200k: Encoding, text: str | bytes) -> None:
    message = r"the text has the special token '<\|endoftext\|>', which is refused"
    for method in (o200k.count, o200k.encode):
        with pytest.raises(ValueError, match=message):
            method(text, special="refuse")
    for method in (o200k.count_batch, o200k.encode_batch):
        with pytest.raises(ValueError, match=message):
            method(["a", text], special="refuse")
    assert o200k.count("<|endoftext", special="refuse") == o200k.count("<|endoftext")


@given(
    st.sets(st.text("<a|", min_size=1, max_size=4), min_size=1, max_size=8),
    st.text("<a|b", max_size=40),
    st.randoms(use_true_random=False),
)
def test_of_several_at_one_place_the_longest_that_is_wanted_is_taken(
    names: set[str], text: str, chance: Random
) -> None:
    # Some have one id: they are allowed one by one nevertheless.
    specials = {name: 300 + at % 5 for at, name in enumerate(chance.sample(sorted(names), len(names)))}
    encoded = {name.encode(): id for name, id in specials.items()}
    ours = BpeEncoding("bytes", "gpt2", bytes(range(256)), b"", [], [], [(0, 0)], [], encoded)
    wanted = {name: id for name, id in specials.items() if chance.random() < 0.7}
    expected, at = [], 0
    while at < len(text):
        found = max((name for name in wanted if text.startswith(name, at)), key=len, default="")
        expected.append(wanted[found] if found else ord(text[at]))
        at += len(found) or 1
    assert ours.encode(text, special=wanted.keys() or "text") == expected


def test_unknown_ways_and_tokens(o200k: Encoding) -> None:
    with pytest.raises(ValueError, match=r'special must be "text", "allow", "refuse" or a set .* not \'all\''):
        o200k.count("a", special="all")
    for unknown in (None, True, 5, b"allow"):
        with pytest.raises(ValueError, match=r'special must be "text", "allow", "refuse" or a set'):
            o200k.count("a", special=unknown)
    with pytest.raises(ValueError, match=r"'<\|fim_prefix\|>' is no special token of o200k_base"):
        o200k.encode("a", special={"<|fim_prefix|>"})


def test_tokens_by_their_text(pair: Pair) -> None:
    for token in [*range(0, len(pair.ranks), 7), *pair.ours.special_tokens.values()]:
        assert pair.ours.token(pair.theirs.decode_single_token_bytes(token)) == token
    assert pair.ours.token(EOT) == pair.theirs.eot_token
    for unknown in ("", "hello world", b"\xff\xff", "x" * 1000):
        with pytest.raises(KeyError):
            pair.ours.token(unknown)
    assert pair.ours.token("\ud800") == pair.ours.token("\ufffd")
    with pytest.raises(TypeError):
        pair.ours.token(3)


@pytest.mark.parametrize("name", ["qwen3.5", "glm4", "tekken"])
def test_tokens_that_no_text_becomes_have_ids_by_their_text(name: str) -> None:
    ours = encoding(name)
    for token, text in named(name).tokens().items():
        if token % 37 == 0 or ours.encode(text) != [token]:
            assert ours.token(text) == token


@pytest.mark.parametrize("threads", [None, 1, 2, 7, 2**70])
def test_batches_of_ids(o200k: Encoding, threads: int | None) -> None:
    texts = ["a" * 70_000, "", b"bytes", "中文" * 30_000, "\ud800", *(f"line {i}" for i in range(100))]
    batch = o200k.encode_batch(texts, threads)
    assert all(isinstance(ids, TokenIds) for ids in batch)
    assert batch == [o200k.encode(text) for text in texts]
    assert o200k.encode_batch(iter([]), threads) == []


@given(ids=st.lists(st.integers(0, 100255)), errors=st.sampled_from(["replace", "ignore", "backslashreplace"]))
def test_decoding_with_errors(ids: list[int], errors: str) -> None:
    ours = PAIRS["cl100k_base"].ours
    assert ours.decode(ids, errors) == ours.decode_bytes(ids).decode("utf-8", errors)


def test_decoding_strictly(o200k: Encoding) -> None:
    assert o200k.decode(o200k.encode("👍🏽"), errors="strict") == "👍🏽"
    ids = [o200k.token(b"\xf0")]
    with pytest.raises(UnicodeDecodeError):
        o200k.decode(ids, errors="strict")
    with pytest.raises(LookupError, match="unknown error handler name 'nobody'"):
        o200k.decode(ids, errors="nobody")
    with pytest.raises(TypeError, match="errors"):
        o200k.decode(ids, errors=None)
