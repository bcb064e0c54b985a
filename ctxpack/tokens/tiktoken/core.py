"""The class that stands in for `tiktoken.Encoding`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ctxpack._native.encoding import Encoding as NativeEncoding
from ctxpack._native.encoding import TokenIds
from ctxpack.tokens.tiktoken.decoding import Decoding
from ctxpack.tokens.tiktoken.specials import (
    Allowed,
    Disallowed,
    Text,
    after_specials,
    allowed_specials,
    bytes_of,
    is_default,
    readable,
)
from ctxpack.tokens.tiktoken.specials import raise_disallowed_special_token as raise_disallowed_special_token

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ctxpack.tokens.patterns import Split
    from ctxpack.tokens.tiktoken.unstable import Completions


class Definition(NamedTuple):
    """What an encoding is made of, beside its special tokens.

    Attributes:
        regexes: the split pattern, applied one after another.
        ranks: bytes -> id of every token that is not special.
    """

    regexes: tuple[str, ...]
    ranks: dict[bytes, int]


class Encoding(Decoding):
    """What `tiktoken.Encoding` is: every method takes, returns and raises what tiktoken's does.

    Get one from `get_encoding`, or make one.

    Args:
        name: of the encoding.
        pat_str: the split pattern. One that the core has no scanner for is run by the `regex` package; that may know
            characters of a later version of Unicode than tiktoken does.
        mergeable_ranks: bytes -> id of the tokens, which merge in that order. Every byte that UTF-8 has must be there.
        special_tokens: text -> id of the special tokens.
        explicit_n_vocab: how many tokens there must be, special ones too; 0 and None ask for none.

    Raises:
        AssertionError: there are not as many tokens as that.
        VocabularyError: the tokens contradict each other, lack such a byte, or the pattern cannot be run.

    Complexity: making one takes some 10 us a token. Thread-safety: every method may be called from any number of
    threads.
    """

    def __init__(
        self,
        name: str,
        *,
        pat_str: str,
        mergeable_ranks: dict[bytes, int],
        special_tokens: dict[str, int],
        explicit_n_vocab: int | None = None,
    ) -> None:
        from ctxpack.tokens.tiktoken.making import core_of

        if explicit_n_vocab:
            assert len(mergeable_ranks) + len(special_tokens) == explicit_n_vocab
            assert max(*mergeable_ranks.values(), *special_tokens.values()) == explicit_n_vocab - 1
        core = core_of(name, pat_str, mergeable_ranks, special_tokens)
        self._start(name, core, special_tokens, lambda: Definition((pat_str,), mergeable_ranks))

    def _start(
        self, name: str, core: NativeEncoding, special_tokens: dict[str, int], define: Callable[[], Definition]
    ) -> None:
        self.name = name
        self.max_token_value: int = core.n_vocab - 1
        self._core = core
        self._special_tokens = special_tokens
        self._define = define

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _remade, (type(self), self.name, self._pat_str, self._mergeable_ranks, self._special_tokens)

    def encode_ordinary(self, text: Text) -> list[int]:
        """Token ids of a text; what looks like a special token is plain text."""
        return _listed(self._core.encode(text))

    def encode(
        self,
        text: Text,
        *,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> list[int]:
        """Token ids of a text.

        Args:
            text: the text.
            allowed_special: special tokens that stand for themselves.
            disallowed_special: texts that may not occur; by default all special tokens that are not allowed. None is
                nothing, as () is.

        Raises:
            ValueError: the text has something that is disallowed.
        """
        return _listed(self._encoded(text, allowed_special, disallowed_special))

    def encode_to_numpy(
        self,
        text: Text,
        *,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
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
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> list[list[int]]:
        """As `encode`, for many texts at once."""
        texts = list(text)
        if is_default(allowed_special, disallowed_special):
            with suppress(ValueError):
                return [_listed(ids) for ids in self._core.encode_batch(texts, num_threads, special="refuse")]
        allowed = allowed_specials(self.special_tokens_set, texts, allowed_special, disallowed_special)
        return [_listed(ids) for ids in self._core.encode_batch(texts, num_threads, special=allowed)]

    def encode_with_unstable(
        self,
        text: Text,
        *,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """The tokens that no text after this one can change, and all that what is after them may become, sorted.

        Raises:
            ValueError: as `encode` does.
            VocabularyError: the `regex` package is not installed, which finds the last pretoken.
        """
        ids = self.encode(text, allowed_special=allowed_special, disallowed_special=disallowed_special)
        allowed = self._special_tokens if allowed_special == "all" else self.special_tokens_set & allowed_special
        return self._completions.split(ids, self._split(self._normal(after_specials(readable(text), allowed))))

    def encode_single_token(self, text_or_bytes: Text) -> int:
        """The id of a token, special or not: the rank, if it is both; KeyError where the text is not one token.

        Raises UnicodeEncodeError where it has half a surrogate pair.
        """
        text = bytes_of(text_or_bytes)
        token = self._core.token(text)
        return self._mergeable_ranks.get(bytes(text), token)

    def token_byte_values(self) -> list[bytes]:
        """The bytes of all tokens that are not special, in the order of bytes."""
        return sorted(self._mergeable_ranks)

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
        return token in self._special_token_values

    @property
    def n_vocab(self) -> int:
        """One more than the largest token id."""
        return self.max_token_value + 1

    # What others build encodings of their own from, although it has an underscore in tiktoken.

    @property
    def _pat_str(self) -> str:
        regexes = self._definition.regexes
        if len(regexes) > 1:
            raise AttributeError(
                f"{self.name} has no _pat_str: it is split by {len(regexes)} patterns one after another"
            )
        return regexes[0]

    @property
    def _mergeable_ranks(self) -> dict[bytes, int]:
        return self._definition.ranks

    @cached_property
    def _special_token_values(self) -> set[int]:
        return set(self._special_tokens.values())

    @cached_property
    def _definition(self) -> Definition:
        return self._define()

    @cached_property
    def _completions(self) -> Completions:
        from ctxpack.tokens.tiktoken.unstable import Completions

        return Completions(self._core, self._mergeable_ranks)

    @cached_property
    def _split(self) -> Split:
        from ctxpack.tokens.patterns import matcher

        return matcher(self._definition.regexes)

    def _normal(self, text: str) -> bytes:
        """A text as it is split."""
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()

    def _encoded(self, text: Text, allowed: Allowed, disallowed: Disallowed) -> TokenIds:
        if is_default(allowed, disallowed):
            with suppress(ValueError):  # what it found is named below
                return self._core.encode(text, special="refuse")
        return self._core.encode(text, special=allowed_specials(self.special_tokens_set, [text], allowed, disallowed))


def _remade(
    kind: type[Encoding], name: str, pat_str: str, ranks: dict[bytes, int], specials: dict[str, int]
) -> Encoding:
    return kind(name=name, pat_str=pat_str, mergeable_ranks=ranks, special_tokens=specials)


def _listed(ids: TokenIds) -> list[int]:
    return memoryview(ids).tolist()
