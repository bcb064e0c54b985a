"""SentencePiece models: ids, counts and decoded text equal the package's, for every kind of model and text."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, TokenIds
from tests.data import shared
from tests.reference.sentencepiece import ReferenceModel
from tests.tokens.long_texts import MEGABYTE, drawn
from tests.tokens.sentencepiece_models import ALL, WORDS, Pair, mistral_files, mistral_pair, pair_named

# Parts of pieces and of normalizer rules, white space of every kind, and characters that no piece covers.
TRICKY = st.lists(
    st.sampled_from(
        [
            *WORDS, *"abcdefgh ▁é\u0301\u0308①ﬁｆ한ᄒ\u1161\u11ab中.,!?019👍🏽ſÅ",
            *"\t\n\r\x00\x01\x7f\u00a0\u3000\u200b\u2028\ufeff",
            *("  ", "▁▁", "<mask>", "<mask>x", "a b", "<s>", "</s>", "<unk>", "<ctl>", "<0x41>", " ⁇ ", "ab" * 30),
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


def assert_same(pair: Pair, text: str) -> None:
    expected = pair.expected(text)
    assert list(pair.ours.encode(text)) == expected
    assert pair.ours.count(text) == len(expected)


@pytest.fixture(scope="module", params=ALL)
def pair(request: pytest.FixtureRequest) -> Pair:
    return pair_named(request.param)


@pytest.fixture(scope="module", params=["bpe_nmt_nfkc", "unigram_nmt_nfkc"])
def plain(request: pytest.FixtureRequest) -> Pair:
    return pair_named(request.param)


SMALL = ["", " ", "   ", "▁", "▁ ▁", "a", "\x00", "\x01", "\n", "\u3000", "\ufeff", "a\x01", " \x01 "]


@pytest.mark.parametrize("text", SMALL)
def test_small_texts(pair: Pair, text: str) -> None:
    assert_same(pair, text)


@settings(max_examples=60)
@given(text=st.text())
@pytest.mark.parametrize("name", ALL)
def test_any_text(name: str, text: str) -> None:
    assert_same(pair_named(name), text)


@settings(max_examples=200)
@given(text=TRICKY)
@pytest.mark.parametrize("name", ALL)
def test_tricky_text(name: str, text: str) -> None:
    assert_same(pair_named(name), text)


@settings(max_examples=60)
@given(text=TRICKY)
@pytest.mark.parametrize("name", [name for name in ALL if name != "bpe_unused"])
def test_segmenting_by_definition(name: str, text: str) -> None:
    """Merging with unused pieces has no simple definition: what they fall into depends on the package's queue."""
    pair = pair_named(name)
    assert list(pair.ours.encode(text)) == ReferenceModel(pair.proto).encode(pair.theirs.normalize(text))


@pytest.mark.parametrize("context", ["{}", "a{} ", "{}\u0301"])
@pytest.mark.parametrize("name", ["bpe_bytes", "unigram_bytes", "unigram_nfkc_cf"])
def test_every_code_point(name: str, context: str) -> None:
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    for at in range(0, len(points), 4096):
        assert_same(pair_named(name), "".join(map(context.format, points[at : at + 4096])))


def scripts_by_turns() -> str:
    chance = random.Random(7)
    scripts = ["abc d", "中文字符测试。", "日本語のé", "测试1", "中\U00020000", "жизнь Ж", "ab tén", "ไทย "]
    letters = chance.choices(scripts, k=MEGABYTE // 1000)
    return "".join("".join(chance.choices(each, k=chance.randrange(1000))) for each in letters)


def known_and_new_by_turns() -> str:
    chance = random.Random(7)
    kinds = [WORDS, [f"{chance.getrandbits(40):x}" for _ in range(3000)], ["жизнь" + chr(0x430 + i) for i in range(30)]]
    words = (chance.choices(chance.choice(kinds), k=chance.randrange(2000)) for _ in range(MEGABYTE // 8000))
    return " ".join(" ".join(each) for each in words)


LONG: dict[str, Callable[[], str]] = {
    "run": lambda: "a" * MEGABYTE,
    "spaces": lambda: " " * MEGABYTE + "a",
    "space symbols": lambda: "▁" * (MEGABYTE // 3),
    "letters": drawn("abcdefgh"),
    "digits": drawn("0123456789"),
    "unknown": drawn("👍🏽𝔘"),
    "chinese": drawn("中文字符测试。日本語の"),
    "scripts by turns": scripts_by_turns,
    "words": lambda: " ".join(random.Random(7).choices(WORDS, k=MEGABYTE // 8)),
    "known and new by turns": known_and_new_by_turns,
    "joined words": lambda: "".join(random.Random(7).choices(WORDS, k=MEGABYTE // 8)),
}


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("name", ["bpe_bytes", "bpe_nmt_nfkc", "unigram_bytes", "unigram_across_words"])
def test_a_megabyte(name: str, text: str) -> None:
    """In long texts the sum of scores is reset again and again, and its rounding decides between near ties."""
    assert_same(pair_named(name), LONG[text]())


@pytest.mark.parametrize("path", mistral_files(), ids=lambda path: path.name)
def test_mistral(path: Path) -> None:
    pair = mistral_pair(path)
    points = "".join(chr(point) for point in range(0x20000) if not 0xD800 <= point < 0xE000)
    for text in (points, LONG["words"](), LONG["chinese"](), LONG["digits"]()):
        assert_same(pair, text)


@pytest.mark.skipif(not mistral_files(), reason="mistral-common is not installed")
def test_golden_ids() -> None:
    encoding = mistral_pair(next(path for path in mistral_files() if path.name == "tokenizer.model.v1")).ours
    assert list(encoding.encode("Hello, world!")) == [22557, 28725, 1526, 28808]
    assert (encoding.name, encoding.n_vocab) == ("tokenizer.model.v1", 32000)


def test_recorded_texts(plain: Pair) -> None:
    found = [path for path in sorted(shared().rglob("*.json*")) if path.suffix != ".gz"]
    short = [path for path in found if path.stat().st_size < MEGABYTE]
    assert short
    for path in short:
        assert_same(plain, path.read_text("utf-8", "replace"))


@settings(max_examples=60)
@given(data=st.data())
@pytest.mark.parametrize("name", ALL)
def test_decoding(name: str, data: st.DataObject) -> None:
    pair = pair_named(name)
    ids = data.draw(st.lists(st.integers(0, pair.ours.n_vocab - 1) | st.integers(0, 270)))
    ids = [token for token in ids if token < pair.ours.n_vocab]
    assert pair.ours.decode(ids) == pair.theirs.decode(ids)
    # A control piece has no text, but parts the bytes of a character.
    ids = [token for token in ids if not pair.theirs.IsControl(token)]
    assert pair.ours.decode_bytes(ids).decode("utf-8", "ignore") == pair.ours.decode(ids).replace("\ufffd", "")


@given(text=st.text(st.characters(exclude_characters="▁", exclude_categories=["Cs"])))
def test_round_trip(text: str) -> None:
    ours = pair_named("bpe_bytes_only").ours
    tidy = " ".join(part for part in text.split(" ") if part)
    assert ours.decode_bytes(ours.encode(text)) == tidy.encode()


def test_encoding_looks_like_the_others(plain: Pair) -> None:
    assert isinstance(plain.ours.encode("the tokens"), TokenIds)
    assert plain.ours.name == "edited.model"
    assert repr(plain.ours) == "<Encoding 'edited.model'>"
    assert plain.ours.n_vocab == plain.theirs.get_piece_size()


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83d\udc4d"])
def test_lone_surrogates_are_replacement_characters(plain: Pair, text: str) -> None:
    readable = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert list(plain.ours.encode(text)) == plain.expected(readable)


@given(data=st.binary())
def test_bytes(data: bytes) -> None:
    pair = pair_named("unigram_bytes")
    assert list(pair.ours.encode(data)) == pair.expected(data.decode("utf-8", "replace"))
    assert pair.ours.count(memoryview(data)) == pair.ours.count(bytearray(data)) == pair.ours.count(data)


def test_other_types_are_refused(plain: Pair) -> None:
    with pytest.raises(TypeError, match="text must be str, bytes, bytearray or memoryview, not int"):
        plain.ours.count(1)
    with pytest.raises(ValueError, match="1000000 is not a token id"):
        plain.ours.decode([1_000_000])


@pytest.mark.parametrize("threads", [None, 1, 5])
def test_batches(plain: Pair, threads: int | None) -> None:
    texts = ["the tokens " * 9000, "", b"bytes", "中文" * 20_000, *(f"line {i}" for i in range(50))]
    assert plain.ours.count_batch(texts, threads) == [plain.ours.count(text) for text in texts]
    assert plain.ours.encode_batch(texts, threads) == [plain.ours.encode(text) for text in texts]
    with pytest.raises(ValueError, match="threads must be at least 1, not 0"):
        plain.ours.count_batch(texts, 0)


@pytest.mark.parametrize("name", ["bpe_symbols", "unigram_symbols"])
def test_control_pieces_are_special_tokens(name: str) -> None:
    ours, theirs, _ = pair_named(name)
    specials = {piece: theirs.piece_to_id(piece) for piece in ("<s>", "</s>", "<ctl>")}
    assert ours.special_tokens == specials
    text = "the </s>tokens<ctl><s> "
    apart = [*theirs.encode("the "), specials["</s>"], *theirs.encode("tokens"), specials["<ctl>"], specials["<s>"]]
    assert ours.encode(text, special="allow") == apart
    assert ours.encode_batch([text, ""], special="allow") == [apart, []]
    assert ours.count_batch([text, text], special="allow") == [len(apart)] * 2
    assert ours.encode(text) == theirs.encode(text)
    assert ours.encode(text, special={"</s>"}) == [
        *theirs.encode("the "), specials["</s>"], *theirs.encode("tokens<ctl><s> "),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="the text has the special token '<ctl>', which is refused"):
        ours.count("a<ctl>", special="refuse")
    with pytest.raises(ValueError, match="'<pad>' is no special token of "):
        ours.count("a", special={"<pad>"})


def test_tokens_by_their_spelling(pair: Pair) -> None:
    for token in range(0, pair.ours.n_vocab, 7):
        assert pair.ours.token(pair.proto.pieces[token].piece) == token
    with pytest.raises(KeyError):
        pair.ours.token("nobody spells this")


def test_ways_to_decode_cut_characters() -> None:
    ours = pair_named("bpe_bytes").ours
    cut = [ours.token(f"<0x{byte:02X}>") for byte in "中".encode()[:2]]
    assert ours.decode(cut) == pair_named("bpe_bytes").theirs.decode(cut) == "\ufffd\ufffd"
    assert ours.decode(cut, errors="ignore") == ""
    assert ours.decode(cut, errors="backslashreplace") == "\\xe4\\xb8"
    with pytest.raises(UnicodeDecodeError):
        ours.decode(cut, errors="strict")
    with pytest.raises(LookupError, match="unknown error handler name 'nobody'"):
        ours.decode(cut, errors="nobody")


def test_what_all_encodings_have_in_common() -> None:
    assert isinstance(pair_named("bpe_bytes").ours, Encoding)
    with pytest.raises(TypeError, match="get one from"):
        Encoding()


def test_threads_agree(plain: Pair) -> None:
    texts = [f"prefix {i} für 中文 {'abc' * i}\n" * 40 for i in range(60)]
    expected = [len(plain.expected(text)) for text in texts]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(plain.ours.count, texts * 6)) == expected * 6
