"""Encodings with the names, signatures and results of tiktoken 0.14: `from ctxpack.tokens import tiktoken`.

Texts may be bytes too, as everywhere in ctxpack. Not here: encodings made from ranks and a pattern of one's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, NoReturn

from ctxpack._native.bpe import Encoding as CoreEncoding
from ctxpack._native.bpe import TokenIds
from ctxpack.errors import UnknownEncodingError, UnknownModelError
from ctxpack.tokens.encodings import encoding
from ctxpack.tokens.models import model_row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ctxpack.tokens.unstable import Completions

Text = str | bytes | bytearray | memoryview
Specials = Literal["all"] | Collection[str]


# tiktoken's own encodings, of those that are bundled. `get_encoding` knows the others too.
_NAMES = ["cl100k_base", "gpt2", "o200k_base", "o200k_harmony", "p50k_base", "r50k_base"]
_SAME = {"gpt2": "r50k_base"}  # the same tokens under two names


def list_encoding_names() -> list[str]:
    """Names of the encodings that tiktoken has as well."""
    return list(_NAMES)


def get_encoding(encoding_name: str) -> Encoding:
    """The encoding of that name, made once and shared.

    Raises:
        ValueError: there is no such encoding; lists the ones that there are.

    Thread-safety: safe.
    """
    if not isinstance(encoding_name, str):
        raise ValueError(f"Expected a string in get_encoding, got {type(encoding_name)}")
    return _wrapped(encoding_name)


def encoding_name_for_model(model_name: str) -> str:
    """Name of the encoding that a model uses.

    Raises:
        KeyError: it is not known.
    """
    try:
        row = model_row(model_name)
    except UnknownModelError as error:
        raise KeyError(str(error)) from None
    if row.exactness != "exact":
        raise KeyError(f"the encoding of model {model_name!r} is not known, only one that comes near")
    return row.encoding


def encoding_for_model(model_name: str) -> Encoding:
    """The encoding that a model uses; raises as `encoding_name_for_model` does."""
    return get_encoding(encoding_name_for_model(model_name))


class Encoding:
    """What `tiktoken.Encoding` is, over an encoding of ctxpack's.

    Get one from `get_encoding`. Every method takes, returns and raises what tiktoken's does.

    Thread-safety: every method may be called from any number of threads.
    """

    def __init__(self, core: CoreEncoding, name: str) -> None:
        self.name = name
        self.max_token_value = core.n_vocab - 1
        self._core = core
        self._special_tokens = core.special_tokens

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return get_encoding, (self.name,)

    def encode_ordinary(self, text: Text) -> list[int]:
        """Token ids of a text; what looks like a special token is plain text."""
        return _listed(self._core.encode(text))

    def encode(
        self,
        text: Text,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = frozenset(),
        disallowed_special: Specials = "all",
    ) -> list[int]:
        """Token ids of a text.

        Args:
            text: the text.
            allowed_special: special tokens that stand for themselves.
            disallowed_special: texts that may not occur; by default all special tokens that are not allowed.

        Raises:
            ValueError: the text has something that is disallowed.
        """
        return _listed(self._encoded(text, allowed_special, disallowed_special))

    def encode_to_numpy(
        self,
        text: Text,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = frozenset(),
        disallowed_special: Specials = "all",
    ) -> npt.NDArray[np.uint32]:
        """As `encode`, in an array, shape (tokens,), dtype uint32."""
        import numpy as np

        return np.asarray(self._encoded(text, allowed_special, disallowed_special))

    def encode_ordinary_batch(self, text: Iterable[Text], *, num_threads: int = 8) -> list[list[int]]:
        """As `encode_ordinary`, for many texts at once."""
        return [_listed(ids) for ids in self._core.encode_batch(text, num_threads)]

    def encode_batch(
        self,
        text: Iterable[Text],
        *,
        num_threads: int = 8,
        allowed_special: Literal["all"] | AbstractSet[str] = frozenset(),
        disallowed_special: Specials = "all",
    ) -> list[list[int]]:
        """As `encode`, for many texts at once."""
        texts = list(text)
        allowed = self._checked(texts, allowed_special, disallowed_special)
        return [_listed(ids) for ids in self._core.encode_batch(texts, num_threads, special=allowed)]

    def encode_with_unstable(
        self,
        text: Text,
        *,
        allowed_special: Literal["all"] | AbstractSet[str] = frozenset(),
        disallowed_special: Specials = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """The tokens that no text behind this one can change, and all that what is behind them may become, sorted.

        Raises:
            ValueError: as `encode` does.
            VocabularyError: the `regex` package is not installed, which finds the last pretoken.
        """
        ids = self.encode(text, allowed_special=allowed_special, disallowed_special=disallowed_special)
        allowed = self._special_tokens if allowed_special == "all" else self.special_tokens_set & allowed_special
        whole = text if isinstance(text, str) else bytes(text).decode("utf-8", "replace")
        return self._completions.split(ids, self._last_pretoken(_behind_specials(whole, allowed)))

    def encode_single_token(self, text_or_bytes: Text) -> int:
        """The id of a token, special or not; KeyError where the text is not one token."""
        return self._core.token(text_or_bytes)

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """The bytes of tokens; KeyError where an id is none, OverflowError where it could not be one."""
        try:
            ids = TokenIds(tokens)
        except ValueError as error:
            raise OverflowError(str(error)) from None
        try:
            return self._core.decode_bytes(ids)
        except ValueError as error:
            raise KeyError(str(error)) from None

    def decode(self, tokens: Sequence[int], errors: str = "replace") -> str:
        """The text of tokens; raises as `decode_bytes` and `bytes.decode` do."""
        return self.decode_bytes(tokens).decode("utf-8", errors=errors)

    def decode_single_token_bytes(self, token: int) -> bytes:
        """The bytes of one token; raises as `decode_bytes` does."""
        return self.decode_bytes([token])

    def decode_tokens_bytes(self, tokens: Sequence[int]) -> list[bytes]:
        """The bytes of each token."""
        return [self.decode_single_token_bytes(token) for token in tokens]

    def decode_with_offsets(self, tokens: Sequence[int]) -> tuple[str, list[int]]:
        """The text, and the index of the first character that each token has a part of."""
        parts = self.decode_tokens_bytes(tokens)
        characters, offsets = 0, []
        for part in parts:
            offsets.append(max(0, characters - _is_continuation(part[0])))
            characters += sum(not _is_continuation(byte) for byte in part)
        return b"".join(parts).decode("utf-8", errors="strict"), offsets

    def decode_batch(
        self, batch: Sequence[Sequence[int]], *, errors: str = "replace", num_threads: int = 8
    ) -> list[str]:
        """As `decode`, for many; decoding is copying, so that threads would not make it faster."""
        return [self.decode(tokens, errors) for tokens in batch]

    def decode_bytes_batch(self, batch: Sequence[Sequence[int]], *, num_threads: int = 8) -> list[bytes]:
        """As `decode_bytes`, for many."""
        return [self.decode_bytes(tokens) for tokens in batch]

    def token_byte_values(self) -> list[bytes]:
        """The bytes of all tokens that are not special, in the order of bytes."""
        return sorted(self._core.decode_bytes([token]) for token in range(self._core.n_ordinary))

    @property
    def eot_token(self) -> int:
        """The id of <|endoftext|>."""
        return self._special_tokens["<|endoftext|>"]

    @cached_property
    def special_tokens_set(self) -> set[str]:
        """The texts of the special tokens."""
        return set(self._special_tokens)

    def is_special_token(self, token: int) -> bool:
        """Whether the id is a special token's."""
        assert isinstance(token, int)
        return token in self._special_tokens.values()

    @property
    def n_vocab(self) -> int:
        """One more than the largest token id."""
        return self.max_token_value + 1

    @cached_property
    def _completions(self) -> Completions:
        from ctxpack.tokens.unstable import Completions

        return Completions(self._core, self.token_byte_values())

    @cached_property
    def _splitter(self) -> Callable[[str | bytes], Iterable[int]]:
        from ctxpack.tokens.library import bundled, find
        from ctxpack.tokens.patterns import splitter

        return splitter((bundled(self._core.name) or find(self._core.name)[1]).about.regexes)

    def _last_pretoken(self, text: str) -> int:
        """Bytes of a text's last pretoken, in the encoding's normal form."""
        ends = [0, 0, *self._splitter(self._core.decode_bytes(self._core.encode(text)))]
        return ends[-1] - ends[-2]

    def _encoded(self, text: Text, allowed: Literal["all"] | AbstractSet[str], disallowed: Specials) -> TokenIds:
        return self._core.encode(text, special=self._checked([text], allowed, disallowed))

    def _checked(
        self, texts: Sequence[Text], allowed: Literal["all"] | AbstractSet[str], disallowed: Specials
    ) -> AbstractSet[str]:
        """The special tokens that are allowed, once the texts are known to have nothing that is disallowed."""
        known = self.special_tokens_set
        wanted = known if allowed == "all" else allowed
        unwanted = known - wanted if disallowed == "all" else set(disallowed)
        for text in texts:
            _refuse(text if isinstance(text, str) else bytes(text).decode("utf-8", "replace"), unwanted)
        return known & wanted


def _behind_specials(text: str, specials: Iterable[str]) -> str:
    """What is behind the last special token of a text."""
    pattern = "|".join(map(re.escape, specials))
    return re.split(pattern, text)[-1] if pattern else text


def _refuse(text: str, unwanted: AbstractSet[str]) -> None:
    found = [(text.index(token), token) for token in unwanted if token in text]
    if found:
        _raise_disallowed(min(found)[1])


def _raise_disallowed(token: str) -> NoReturn:
    """What tiktoken says."""
    raise ValueError(
        f"Encountered text corresponding to disallowed special token {token!r}.\n"
        "If you want this text to be encoded as a special token, "
        f"pass it to `allowed_special`, e.g. `allowed_special={{{token!r}, ...}}`.\n"
        f"If you want this text to be encoded as normal text, disable the check for this token "
        f"by passing `disallowed_special=(enc.special_tokens_set - {{{token!r}}})`.\n"
        "To disable this check for all special tokens, pass `disallowed_special=()`.\n"
    )


def _listed(ids: TokenIds) -> list[int]:
    return memoryview(ids).tolist()


def _is_continuation(byte: int) -> bool:
    return 0x80 <= byte < 0xC0


@cache
def _wrapped(name: str) -> Encoding:
    try:
        return Encoding(encoding(_SAME.get(name, name)), name)
    except UnknownEncodingError as error:
        raise ValueError(str(error)) from None
