"""From token ids back to text, as tiktoken does it."""

from collections.abc import Sequence

from ctxpack._native.encoding import Encoding as NativeEncoding
from ctxpack._native.encoding import TokenIds


class Decoding:
    """The methods of `tiktoken.Encoding` that take token ids. Thread-safety: safe."""

    _core: NativeEncoding

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """The bytes of tokens; KeyError where an id is none, OverflowError where it could not be one.

        Raises TypeError where the tokens are no sequence.
        """
        if isinstance(tokens, str | dict) or not hasattr(tokens, "__getitem__"):
            raise TypeError(f"the tokens must be a sequence of int, not {type(tokens).__name__}")
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
        _check_threads(num_threads)
        return [self.decode(tokens, errors) for tokens in batch]

    def decode_bytes_batch(self, batch: Sequence[Sequence[int]], *, num_threads: int = 8) -> list[bytes]:
        """As `decode_bytes`, for many."""
        _check_threads(num_threads)
        return [self.decode_bytes(tokens) for tokens in batch]


def _check_threads(count: int | None) -> None:
    """Raises what tiktoken does, so that a wrong number is seen although it is not used."""
    if count is not None and count <= 0:
        raise ValueError(f"num_threads must be 1 or more, not {count}")


def _is_continuation(byte: int) -> bool:
    return 0x80 <= byte < 0xC0
