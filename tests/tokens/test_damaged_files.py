"""Vocabulary files with anything wrong in them: an encoding that works, or an error that names file and reason.

For longer fuzzing of what reads them: pytest tests/tokens/test_damaged_files.py --hypothesis-profile long
"""

import copy
import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxpack.errors import VocabularyError
from ctxpack.tokens import Encoding
from ctxpack.tokens.byte_level import alphabet
from ctxpack.tokens.encodings import load
from ctxpack.tokens.importing import Rules, import_vocabulary
from ctxpack.tokens.making import made
from ctxpack.tokens.vocabulary import read_vocabulary
from ctxpack.tokens.writing import packed
from tests.tokens.test_importing import RULES, tiktoken_lines
from tests.tokens.tokenizer_json import LEVEL

LETTERS = {byte: letter for letter, byte in alphabet().items()}
TEXTS = ["", "abab ab", "<s>a<|end|>", "é 中\n\x00", "b" * 50]

TIKTOKEN = tiktoken_lines(b"ab", b"abab", b" a")
TEKKEN: dict[str, Any] = {
    "config": {"pattern": r"\p{L}+|\P{L}+", "default_vocab_size": 270, "default_num_special_tokens": 10},
    "vocab": [
        {"rank": rank, "token_bytes": b64encode(token).decode()}
        for rank, token in enumerate([*(bytes([byte]) for byte in range(256)), b"ab", b"abab", b"unused", b" a"])
    ],
    "special_tokens": [{"rank": 1, "token_str": "<s>"}],
}
HUGGING_FACE: dict[str, Any] = {
    "added_tokens": [{"id": 259, "content": "<|end|>", "special": True}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]},
    "pre_tokenizer": {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": r"\p{L}+|\P{L}+"}, "behavior": "Isolated", "invert": False},
            LEVEL,
        ],
    },
    "model": {
        "type": "BPE",
        "vocab": {LETTERS[byte]: byte for byte in range(256)} | {"ab": 256, "abab": 257, "Ġa": 258},
        "merges": ["a b", ["ab", "ab"], "Ġ a"],
    },
}
DEEP: Any = []
for _ in range(100):  # far from where writing it would fail; what is deeper has a test of its own
    DEEP = {"type": "Sequence", "pretokenizers": [DEEP]}
HOSTILE = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**31, 2**32, 2**64, 10**30, "", "x", "a b", "\ud800", "é", [], {}, [None], DEEP, "(a+)+$"]
)


def check(path: Path, encoding: Encoding) -> None:
    for text in TEXTS:
        ids = encoding.encode(text)
        assert encoding.count(text) == len(ids)
        assert path.suffix == ".json" or encoding.decode(ids) == text
    encoding.encode(TEXTS[2], special="allow")


def check_imported(path: Path, rules: Rules | None) -> None:
    error = ""
    try:
        check(path, made("damaged", str(path), import_vocabulary(path, rules)))
    except VocabularyError as raised:
        error = str(raised)
    assert not error or re.match(rf"{re.escape(str(path))}: .+", error)


@pytest.mark.parametrize("body", [TEKKEN, HUGGING_FACE], ids=["tekken", "hugging_face"])
def test_the_files_are_sound_before(body: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(body))
    check(path, load(str(path)))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"model":' + "[" * 900 + "]" * 900 + "}"])
def test_deeper_than_anything_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(text)
    with pytest.raises(VocabularyError, match=r"tokenizer\.json: .+"):
        import_vocabulary(path, None)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value stands, of long lists and vocabularies only the first and last ones."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    pairs = pairs if len(pairs) < 20 else [*pairs[:2], *pairs[-4:]]
    return [place for key, inner in pairs for place in [(*path, key), *places(inner, (*path, key))]]


@pytest.mark.parametrize("body", [TEKKEN, HUGGING_FACE], ids=["tekken", "hugging_face"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_that_do_not_belong_there(body: dict[str, Any], tmp_path: Path, data: st.DataObject) -> None:
    changed = copy.deepcopy(body)
    for *steps, last in data.draw(st.lists(st.sampled_from(places(body)), min_size=1, max_size=3)):
        place: Any = changed
        try:
            for step in steps:
                place = place[step]
            if data.draw(st.booleans()):
                place[last] = json.loads(json.dumps(data.draw(HOSTILE)))
            else:
                del place[last]
        except (LookupError, TypeError):
            continue  # an earlier change took the place away
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(changed))
    check_imported(path, None)


CUTS = st.tuples(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=6))


@pytest.mark.parametrize("name", ["a.tiktoken", "tekken.json", "tokenizer.json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(CUTS, min_size=1, max_size=3))
def test_bytes_that_do_not_belong_there(name: str, tmp_path: Path, cuts: list[tuple[int, int, bytes]]) -> None:
    sound = {
        "a.tiktoken": b"".join(TIKTOKEN),
        "tekken.json": json.dumps(TEKKEN).encode(),
        "tokenizer.json": json.dumps(HUGGING_FACE).encode(),
    }
    path = tmp_path / name
    path.write_bytes(damaged(sound[name], cuts))
    check_imported(path, RULES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(CUTS, min_size=1, max_size=3))
def test_own_files(tmp_path: Path, cuts: list[tuple[int, int, bytes]]) -> None:
    source = tmp_path / "a.tiktoken"
    source.write_bytes(b"".join(TIKTOKEN))
    sound = packed(import_vocabulary(source, RULES))
    path = tmp_path / "a.vocab"
    path.write_bytes(damaged(sound, cuts))
    if path.read_bytes() == sound:
        return
    with pytest.raises(VocabularyError, match=r"a\.vocab: .+"):
        read_vocabulary(str(path))


def damaged(data: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for start, length, put in cuts:
        at = start % (len(data) + 1)
        data = data[:at] + put + data[at + length :]
    return data


@pytest.mark.parametrize("line", range(0, 259, 37))
def test_a_tiktoken_file_with_two_ranks_swapped_counts_by_them(line: int, tmp_path: Path) -> None:
    tokens = [text.split()[0] for text in TIKTOKEN]
    tokens[line], tokens[-1] = tokens[-1], tokens[line]
    path = tmp_path / "a.tiktoken"
    path.write_bytes(b"".join(b"%s %d\n" % (token, rank) for rank, token in enumerate(tokens)))
    check(path, made("swapped", str(path), import_vocabulary(path, RULES)))
