"""Loads SentencePiece model files (`.model`: Mistral v1 to v7, Gemma, T5), with the sentencepiece package as parser."""

import copyreg
import importlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any

from ctxpack._native.sentencepiece import SentencePieceEncoding
from ctxpack.errors import VocabularyError
from ctxpack.tokens.other_files import other_file

_NULL, _UNUSED = b"\0", 5


def load_sentencepiece(path: str | os.PathLike[str]) -> SentencePieceEncoding:
    """The encoding of a SentencePiece model file, BPE or unigram, named after the file.

    Ids equal those of `sentencepiece.SentencePieceProcessor.encode(text, out_type=int)`, without added bos or eos.

    Args:
        path: the `.model` file; it may come from anywhere.

    Raises:
        VocabularyError: the file is missing, damaged, contradicts itself, or is of a kind that is not supported (word
            and character models, denormalizers); or the extra `sentencepiece` is not installed.

    Complexity: O(bytes) and the squares of the pieces' lengths; at most 0.1 s for 32,000 pieces. Thread-safety: safe.
    """
    name = os.fspath(path)
    try:
        return _encoding(os.path.abspath(name), _read(name))
    except ImportError:
        needed = "pip install 'ctxpack[sentencepiece]' ('.[sentencepiece]' in a clone)"
        raise VocabularyError(f"{name}: reading it needs the extra sentencepiece: {needed}") from None
    except OSError as error:
        raise VocabularyError(f"{name}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise VocabularyError(f"{name}: {error}") from error


def is_sentencepiece(path: str) -> bool:
    """Whether a file begins as SentencePiece models do: with a piece, and with bytes that no text has."""
    try:
        with open(path, "rb") as file:
            start = file.read(1024)
    except OSError:
        return False
    return start.startswith(b"\n") and (b"\0" in start or not start.isascii())


def _read(path: str) -> Any:
    """The file as the package's ModelProto."""
    schema, message = _package()
    with open(path, "rb") as file:
        data = file.read()
    try:
        return schema.ModelProto.FromString(data)
    except message.DecodeError as error:
        raise ValueError(other_file(data) or f"it is no SentencePiece model{_likeness(data)}") from error


def _likeness(data: bytes) -> str:
    """What takes a file of text: Llama 3's tokenizer.model is a .tiktoken file."""
    is_text = data.isascii() and b"\0" not in data
    return ", but ctxpack.tokens.encoding or ctxpack vocab add may take it" if is_text else ", or damaged"


def _package() -> tuple[Any, Any]:
    try:
        schema = importlib.import_module("sentencepiece.sentencepiece_model_pb2")
        return schema, importlib.import_module("google.protobuf.message")
    except ImportError:
        raise
    except Exception as error:  # protobuf's own, where it is older than what the package was made with
        raise ValueError(f"the sentencepiece package cannot read models here: {error}") from error


def _encoding(path: str, model: Any) -> SentencePieceEncoding:
    trainer, normalizer = model.trainer_spec, model.normalizer_spec
    kind = trainer.ModelType.Name(trainer.model_type)
    if kind not in ("BPE", "UNIGRAM"):
        raise ValueError(f"{kind.lower()} models are not supported")
    if model.denormalizer_spec.precompiled_charsmap:
        raise ValueError("models with a denormalizer are not supported")
    pieces = [_bytes(piece.piece) for piece in model.pieces]
    types = [piece.type for piece in model.pieces]
    if trainer.byte_fallback:  # the package overlooks a null character beside the byte <0x00>
        types = [_UNUSED if piece == _NULL else kind for piece, kind in zip(pieces, types, strict=True)]
    return SentencePieceEncoding(
        os.path.basename(path),
        path=path,
        unigram=kind == "UNIGRAM",
        pieces=pieces,
        scores=[piece.score for piece in model.pieces],
        types=types,
        charsmap=normalizer.precompiled_charsmap,
        unknown_surface=_bytes(trainer.unk_surface),
        byte_fallback=trainer.byte_fallback,
        add_dummy_prefix=normalizer.add_dummy_prefix,
        remove_extra_whitespaces=normalizer.remove_extra_whitespaces,
        escape_whitespaces=normalizer.escape_whitespaces,
        whitespace_as_suffix=trainer.treat_whitespace_as_suffix,
    )


def _bytes(text: str | bytes) -> bytes:
    """A string of the file, which the parser leaves as bytes where it is not UTF-8."""
    return text if isinstance(text, bytes) else text.encode()


@cache
def _shared(path: str) -> SentencePieceEncoding:
    """What is unpickled again and again in a process is loaded once."""
    return load_sentencepiece(path)


def _pickled(value: SentencePieceEncoding) -> tuple[Callable[[str], SentencePieceEncoding], tuple[str]]:
    """An encoding travels as the path of its file."""
    return _shared, (value.path,)


copyreg.pickle(SentencePieceEncoding, _pickled)
