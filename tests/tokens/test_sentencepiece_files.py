"""What a SentencePiece model file may hold, and what a damaged or contradictory one says."""

import copy
import pickle
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from ctxpack._native.sentencepiece import SentencePieceEncoding
from ctxpack.errors import VocabularyError
from ctxpack.tokens import count, encoding, load_sentencepiece
from tests.tokens.sentencepiece_models import pair_of, rule_for, trained

UNKNOWN, USER_DEFINED, BYTE = 2, 4, 6


def proto_of(name: str) -> ModelProto:
    return ModelProto.FromString(trained(name))


def assert_refused(path: Path, data: bytes, reason: str) -> None:
    path.write_bytes(data)
    with pytest.raises(VocabularyError, match=rf"^{re.escape(str(path))}: .*{reason}"):
        load_sentencepiece(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"/none\.model: cannot be read \(No such file or directory\)"):
        load_sentencepiece(tmp_path / "none.model")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff" * 20, "no SentencePiece model, or damaged"),
        (trained("bpe_bytes")[:1000], "no SentencePiece model, or damaged"),
        (b"IQ== 0\n", "no SentencePiece model, but ctxpack.tokens.encoding or ctxpack vocab add may take it"),
        (b"version https://git-lfs.github.com/spec", "in place of the file: git lfs pull gets that"),
    ],
)
def test_a_file_of_another_kind(tmp_path: Path, data: bytes, reason: str) -> None:
    assert_refused(tmp_path / "a.model", data, reason)


def drop_unknown(proto: ModelProto) -> None:
    proto.pieces[0].type = USER_DEFINED


def two_unknown(proto: ModelProto) -> None:
    proto.pieces[5].type = UNKNOWN


def repeat_piece(proto: ModelProto) -> None:
    proto.pieces[500].piece = proto.pieces[400].piece


def empty_piece(proto: ModelProto) -> None:
    proto.pieces[400].piece = ""


def null_piece(proto: ModelProto) -> None:
    proto.pieces[400].piece = "a\0b"


def long_piece(proto: ModelProto) -> None:
    proto.pieces[400].piece = "x" * 8000


def no_score(proto: ModelProto) -> None:
    proto.pieces[400].score = float("nan")


def strange_byte(proto: ModelProto) -> None:
    next(piece for piece in proto.pieces if piece.type == BYTE).piece = "<0xab>"


def missing_byte(proto: ModelProto) -> None:
    next(piece for piece in proto.pieces if piece.type == BYTE).type = 3


def bytes_without_fallback(proto: ModelProto) -> None:
    proto.trainer_spec.byte_fallback = False


def no_pieces(proto: ModelProto) -> None:
    del proto.pieces[:]


def words(proto: ModelProto) -> None:
    proto.trainer_spec.model_type = 3


def characters(proto: ModelProto) -> None:
    proto.trainer_spec.model_type = 4


def denormalizer(proto: ModelProto) -> None:
    proto.denormalizer_spec.precompiled_charsmap = b"rules"


@pytest.mark.parametrize("name", ["bpe_bytes", "unigram_bytes"])
@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (two_unknown, "two unknown pieces"),
        (repeat_piece, "piece 400 and piece 500 are the same"),
        (empty_piece, "piece 400 is empty"),
        (null_piece, "piece 400 has a null character"),
        (long_piece, "piece 400 is too long"),
        (no_score, "score of piece 400 is not finite"),
        (strange_byte, "piece 3 is no byte"),
        (missing_byte, "no piece for some byte"),
        (bytes_without_fallback, "is a byte, but the model does not"),
        (no_pieces, "it has no pieces"),
        (words, "word models are not supported"),
        (characters, "char models are not supported"),
        (denormalizer, "denormalizer"),
    ],
)
def test_contradictions(tmp_path: Path, name: str, edit: Callable[[ModelProto], None], reason: str) -> None:
    proto = proto_of(name)
    edit(proto)
    assert_refused(tmp_path / "edited.model", proto.SerializeToString(), reason)


def test_a_package_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As sentencepiece's, where protobuf is older than it wants."""
    (tmp_path / "sentencepiece").mkdir()
    (tmp_path / "sentencepiece" / "__init__.py").touch()
    (tmp_path / "sentencepiece" / "sentencepiece_model_pb2.py").write_text("raise Exception('versions differ')")
    for name in ("sentencepiece", "sentencepiece.sentencepiece_model_pb2"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(VocabularyError, match=r"any\.model: the sentencepiece package cannot .*: versions differ"):
        load_sentencepiece(tmp_path / "any.model")


@pytest.mark.parametrize("name", ["bpe_bytes", "unigram_bytes"])
def test_a_piece_that_is_not_utf8(tmp_path: Path, name: str) -> None:
    data = trained(name).replace("▁the".encode(), b"\xe2\x96\x81t\xffe", 1)
    assert_refused(tmp_path / "edited.model", data, r"piece \d+ is not UTF-8")


def test_a_model_without_unknown_piece(tmp_path: Path) -> None:
    proto = proto_of("bpe_nmt_nfkc")
    drop_unknown(proto)
    assert_refused(tmp_path / "edited.model", proto.SerializeToString(), "it has no unknown piece")


def test_a_unigram_model_of_special_pieces_only(tmp_path: Path) -> None:
    proto = proto_of("unigram_nmt_nfkc")
    del proto.pieces[3:]
    assert_refused(tmp_path / "edited.model", proto.SerializeToString(), "none of its pieces can stand in a text")


@pytest.mark.parametrize("name", ["bpe", "unigram"])
def test_a_null_character_beside_the_bytes_is_overlooked(name: str) -> None:
    proto = proto_of(f"{name}_bytes_only")
    proto.pieces[-1].piece = "\0"
    pair = pair_of(proto)
    assert list(pair.ours.encode("a\0b the")) == pair.expected("a\0b the")


# "a", "aa", "aaa" ... on without end: the children of the root's child are its own.
CIRCLE = struct.pack("<513I", 2048, 256 << 10, *[0] * (255 + 97), 97 << 10 | 97, *[0] * (255 - 97)) + b"x\0"


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (b"\0", "wrong size"),
        (b"\0\4\0\0" + bytes(1024), "wrong size"),
        (b"\1\4\0\0" + bytes(2000), "wrong size"),
        (b"\0\4\0\0" + bytes(1024) + b"a", "cut short"),
        (b"\0\4\0\0" + bytes(1024) + b"\xff\0", "not UTF-8"),
        (b"\0\4\0\0" + bytes(1024) + b"\0", "points outside"),
        (b"\0\4\0\0" + b"\0\5\0\0" + b"\xff" * 1020 + b"\0", "points outside"),
        (rule_for(b"a" * 1025, b"x"), "over 1024 bytes deep"),
        (CIRCLE, "goes in circles"),
    ],
)
def test_damaged_rules(tmp_path: Path, rules: bytes, reason: str) -> None:
    proto = proto_of("bpe_nmt_nfkc")
    proto.normalizer_spec.precompiled_charsmap = rules
    assert_refused(tmp_path / "edited.model", proto.SerializeToString(), reason)


@pytest.mark.parametrize("key", ["中".encode(), "中文".encode(), b"\xe4", b"\xe4\xb8", b"\xc3", b"a\xcc"])
def test_rules_for_parts_of_characters(key: bytes) -> None:
    proto = proto_of("bpe_nmt_nfkc")
    proto.normalizer_spec.precompiled_charsmap = rule_for(key, b"x")
    pair = pair_of(proto)
    for text in ("中文 é á 丁", "a中b", "a\u0301é ab 中文 a\u0300", "é" * 70):
        assert list(pair.ours.encode(text)) == pair.expected(text)
        assert pair.ours.count(text) == len(pair.expected(text))


def test_the_longest_rule() -> None:
    proto = proto_of("bpe_nmt_nfkc")
    proto.normalizer_spec.precompiled_charsmap = rule_for(b"a" * 1024, b"x")
    pair = pair_of(proto)
    for size in (1023, 1024, 2050):
        text = f"b{'a' * size}c"
        assert list(pair.ours.encode(text)) == pair.expected(text)
    assert pair.ours.count("\0" * 300_000) > 0  # these walk on in the trie for ever, but are not followed so far


@settings(max_examples=150)
@given(at=st.integers(0, 2**20), bit=st.integers(0, 7), name=st.sampled_from(["bpe_nmt_nfkc", "unigram_nfkc"]))
def test_a_flipped_bit_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int, name: str
) -> None:
    data = bytearray(trained(name))
    data[at % len(data)] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flipped.model"
    path.write_bytes(data)
    with suppress(VocabularyError):
        encoding = load_sentencepiece(path)
        text = "the prefix ｆｕｌｌ ① 中文字符 e\u0301\u0300 한 👍"
        assert encoding.count(text) == len(encoding.encode(text))


@pytest.mark.parametrize(
    ("wrong", "error", "reason"),
    [
        ({"scores": []}, ValueError, "as many scores and types as pieces"),
        ({"charsmap": None}, TypeError, "None is no text"),
        ({"unknown_surface": None}, TypeError, "None is no text"),
    ],
)
def test_parts_that_are_wrong(wrong: dict[str, object], error: type[Exception], reason: str) -> None:
    names = ["unigram", "byte_fallback", "add_dummy_prefix", "remove_extra_whitespaces", "escape_whitespaces"]
    flags = dict.fromkeys([*names, "whitespace_as_suffix"], False)
    parts = {"pieces": [b"a"], "scores": [0.0], "types": [1], "charsmap": b"", "unknown_surface": b""}
    with pytest.raises(error, match=reason):
        SentencePieceEncoding("a", path="a", **flags, **parts | wrong)


def test_pickling_gives_one_encoding_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.model").write_bytes(trained("bpe_bytes"))
    monkeypatch.chdir(tmp_path)
    encoding = load_sentencepiece("a.model")
    assert (encoding.name, encoding.path) == ("a.model", str(tmp_path / "a.model"))
    data = pickle.dumps(encoding)
    monkeypatch.chdir("/")
    unpickled = pickle.loads(data)
    assert unpickled is pickle.loads(data)
    assert copy.copy(encoding) is copy.deepcopy(encoding) is encoding  # which needs no file
    assert unpickled.encode("the prefix 中文") == encoding.encode("the prefix 中文")


def test_the_package_is_imported_with_the_first_model() -> None:
    code = "import sys, ctxpack.tokens; print('sentencepiece' in sys.modules, 'google.protobuf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_encodings_by_path_may_be_sentencepiece_models(tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    path.write_bytes(trained("unigram_bytes"))
    found = encoding(path)
    assert found is encoding(str(path))
    assert (found.name, found.encode("hello world")) == ("a.model", load_sentencepiece(path).encode("hello world"))
    assert count("hello world", encoding=path) == found.count("hello world")


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentencepiece.sentencepiece_model_pb2", None)
    monkeypatch.delattr("sentencepiece.sentencepiece_model_pb2", raising=False)
    with pytest.raises(VocabularyError, match=r"a\.model: .* pip install 'ctxpack\[sentencepiece\]'"):
        load_sentencepiece(tmp_path / "a.model")
