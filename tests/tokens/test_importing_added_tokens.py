"""Added tokens of a tokenizer.json: special where that comes to what Hugging Face's library does, else refused."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ctxpack.errors import VocabularyError
from ctxpack.tokens.byte_level import alphabet
from ctxpack.tokens.encodings import load
from tests.tokens.tokenizer_json import added, both, small, written

NFC = {"type": "NFC"}
LETTERS = list(alphabet())


@pytest.fixture
def body() -> dict[str, Any]:
    return small()


def test_added_tokens_are_special(body: dict[str, Any], tmp_path: Path) -> None:
    ours, theirs = both(body, tmp_path)
    assert ours.decode([2000]) == "<|end|>"
    assert ours.encode("a<|end|>", special="allow") == theirs.encode("a<|end|>").ids
    assert len(ours.encode("<|end|>")) > 1, "which their library never gives"
    assert ours.n_vocab == 2001


# As in the files of Qwen 3, Kimi, DeepSeek V4, GLM 4.7 and MiniMax.
TAGS = ["<think>", "[EOS]", "<｜User｜>", "<dsml:", "</dsml:", "｜DSML｜", "<｜/table>｜", "/nothink", "]<]minimax[>["]


@pytest.mark.parametrize("normalized", [False, True])
def test_tags_are_special_whether_their_file_says_so_or_not(
    normalized: bool, body: dict[str, Any], tmp_path: Path
) -> None:
    rows = [added(2000 + at, text, special=False, normalized=normalized) for at, text in enumerate(TAGS)]
    ours, theirs = both(body | {"added_tokens": rows}, tmp_path)
    text = "a".join(TAGS) + "".join(TAGS) + " <｜/table>｜DSML｜ the <think"
    assert ours.encode(text, special="allow") == theirs.encode(text).ids
    assert ours.special_tokens == {text: 2000 + at for at, text in enumerate(TAGS)}


@pytest.mark.parametrize(
    ("row", "text", "reason"),
    [
        (added(2000, "  ", special=False), "a  b", r"'  ' is neither special nor written as a tag"),
        (added(2000, "the", special=False), "weather", "'the' is neither special nor written as a tag"),
        (added(2000, "õ", special=False, normalized=True), "õ", "'õ' is neither special nor written as a tag"),
        (added(2000, "<", special=False), "a < b", "'<' is neither special nor written as a tag"),
        (added(2000, "<a b>", special=False), "<a b>", "'<a b>' is neither special nor written as a tag"),
        (added(2000, "<m>", lstrip=True), "a <m> b", "'<m>' has lstrip"),
        (added(2000, "<m>", rstrip=True), "a <m> b", "'<m>' has rstrip"),
        (added(2000, "<m>", single_word=True), "x<m>y", "'<m>' has single_word"),
        (added(3000, "<m>"), "<m>", "'<m>' has the id 3000, where Hugging Face's library gives it 2000"),
        (added(2000, "end"), "end", r"'end' has the id 2000, where Hugging Face's library gives it 437"),
        (added(437, "end"), " end", "'end' is also what plain text becomes"),
        (added(68, "e"), "the", "'e' is also what plain text becomes"),
    ],
)
def test_tokens_that_would_be_found_elsewhere_are_refused(
    row: dict[str, Any], text: str, reason: str, body: dict[str, Any], tmp_path: Path
) -> None:
    plain = Tokenizer.from_file(str(written(body | {"added_tokens": []}, tmp_path)))
    before, after = text.split(row["content"])
    as_text, allowed = plain.encode(text).ids, [*plain.encode(before).ids, row["id"], *plain.encode(after).ids]
    path = written(body | {"added_tokens": [row]}, tmp_path)
    assert not as_text == allowed == Tokenizer.from_file(str(path)).encode(text).ids
    with pytest.raises(VocabularyError, match=rf"tokenizer\.json: its added token {reason}"):
        load(str(path))


def test_tokens_that_are_looked_for_in_normalized_text(body: dict[str, Any], tmp_path: Path) -> None:
    row = added(2000, "<\u00e9>", normalized=True)
    path = written(body | {"normalizer": NFC, "added_tokens": [row]}, tmp_path)
    assert Tokenizer.from_file(str(path)).encode("<e\u0301>").ids == [2000]
    with pytest.raises(VocabularyError, match=r"its added token '<.>' is looked for in text that was brought to NFC"):
        load(str(path))


def test_tokens_among_normalized_text(body: dict[str, Any], tmp_path: Path) -> None:
    ours, theirs = both(body | {"normalizer": NFC, "added_tokens": [added(2000, "<\u00e9>")]}, tmp_path)
    for text in ("<\u00e9>", "<e\u0301>", "<\u00e9>\u0338", "<\u00e9\u0338>", "e\u0301<\u00e9>\u0301e\u0301"):
        assert ours.encode(text, special="allow") == theirs.encode(text).ids


@pytest.mark.parametrize("second", [added(2000, "<t>"), added(2001, "<s>")])
def test_two_tokens_in_one_place(second: dict[str, Any], body: dict[str, Any], tmp_path: Path) -> None:
    path = written(body | {"added_tokens": [added(2000, "<s>"), second]}, tmp_path)
    theirs = Tokenizer.from_file(str(path))
    assert theirs.token_to_id(second["content"]) != second["id"]
    with pytest.raises(VocabularyError, match=f"'{second['content']}' has the id {second['id']}, where"):
        load(str(path))


@pytest.mark.parametrize("token", ["2000", 2000.5, None, -1, 1 << 32])
def test_an_id_that_is_no_number(token: object, body: dict[str, Any], tmp_path: Path) -> None:
    row = added(2000, "<s>") | {"id": token}
    with pytest.raises(VocabularyError, match="the id of an added token is no whole number"):
        load(str(written(body | {"added_tokens": [row]}, tmp_path)))


def test_a_token_that_is_the_letters_of_another_text(body: dict[str, Any], tmp_path: Path) -> None:
    """Where a pretoken may be a token that no merge makes, plain text becomes it."""
    body["model"]["vocab"]["Ġqzq"] = token = len(body["model"]["vocab"])
    body |= {"added_tokens": [added(token, "Ġqzq")]}
    ours, theirs = both(body, tmp_path)
    assert ours.encode(" qzq", special="allow") == theirs.encode(" qzq").ids != [token]
    body["model"]["ignore_merges"] = True
    path = written(body, tmp_path)
    assert Tokenizer.from_file(str(path)).encode(" qzq").ids == [token]
    with pytest.raises(VocabularyError, match="'Ġqzq' is also what plain text becomes"):
        load(str(path))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("added")


PIECES = st.text(st.sampled_from("<>|a"), min_size=1, max_size=4)
ROWS = st.lists(st.tuples(PIECES, st.booleans()), min_size=1, max_size=4, unique_by=lambda row: row[0])
TEXTS = st.lists(st.text(st.sampled_from("<>|a e"), max_size=12), min_size=5, max_size=5)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, texts=TEXTS, nfc=st.booleans())
def test_any_tokens(rows: list[tuple[str, bool]], texts: list[str], nfc: bool, directory: Path) -> None:
    """Whatever is taken is found where their library finds it, also where tokens overlap."""
    tokens = [added(259 + at, text, normalized=late) for at, (text, late) in enumerate(rows)]
    vocab = {letter: at for at, letter in enumerate([*LETTERS, "<>", "||", "aa"])}
    model = {"type": "BPE", "vocab": vocab, "merges": ["< >", "| |", "a a"]}
    path = written(small() | {"added_tokens": tokens, "normalizer": NFC if nfc else None, "model": model}, directory)
    try:
        ours = load(str(path))
    except VocabularyError:
        reject()
    theirs = Tokenizer.from_file(str(path))
    for text in [*texts, *map("".join, pairwise(texts))]:
        assert list(ours.encode(text, special="allow")) == theirs.encode(text).ids
