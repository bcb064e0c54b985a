from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, Self, SupportsIndex, overload

from typing_extensions import Buffer

_Text = str | bytes | bytearray | memoryview
# How to take special tokens in a text: all as plain text, all or the given ones as themselves, or not at all. A str is
# a collection of strings, too: no type of these, or a slip in one of the three would pass for it.
_Special = Literal["text", "allow", "refuse"] | AbstractSet[str] | list[str] | tuple[str, ...]

class TokenIds(Sequence[int]):
    """Token ids in one block of memory: a read-only sequence of int that is also a buffer of uint32.

    `numpy.asarray(ids)` shares the memory: shape (len(ids),), dtype uint32. Equal to any sequence of the same ints;
    such a sequence may be added before or behind, in O(ids).

    Args:
        ids: ints or a buffer of uint32; copied.

    Raises:
        ValueError: an id is negative or above 2**32 - 1.
        TypeError: an id is no integer, the ids are a str, or a buffer of more than one dimension.

    Thread-safety: immutable, safe to share.
    """

    def __new__(cls, ids: Iterable[int] | Buffer = ()) -> Self: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, at: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, at: slice, /) -> TokenIds: ...
    def __iter__(self) -> Iterator[int]: ...
    def __add__(self, other: Sequence[int], /) -> TokenIds: ...
    def __radd__(self, other: Sequence[int], /) -> TokenIds: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __buffer__(self, flags: int, /) -> memoryview: ...

class Encoding:
    """Turns text into token ids exactly as the reference implementation of the encoding does.

    Text is str, bytes, bytearray or memoryview. What looks like a special token is plain text unless `special` says
    otherwise. Lone surrogates, and bytes that are not UTF-8, count as U+FFFD, like `bytes.decode("utf-8", "replace")`.

    Get one from `ctxpack.tokens.encoding` or `load_sentencepiece`. All kinds have the same methods; what differs in
    their cost is said with each method and in `BpeEncoding` and `SentencePieceEncoding`.

    Raises:
        TypeError: always; this class is only what all kinds have in common.

    Thread-safety: every method may be called from any number of threads; long texts are handled without the
    interpreter lock.
    """

    @property
    def name(self) -> str:
        """The encoding's name, such as "o200k_base"."""

    @property
    def n_vocab(self) -> int:
        """One more than the largest token id, special tokens included."""

    @property
    def special_tokens(self) -> dict[str, int]:
        """Text and id of every special token, of which several may have one id; a copy.

        Of a SentencePiece model these are the control pieces.
        """

    def count(self, text: _Text, *, special: _Special = "text") -> int:
        """Number of tokens of a text, without making their ids.

        Args:
            text: the text.
            special: "text" takes special tokens as plain text, "allow" as themselves, "refuse" raises where there is
                one; a set of special tokens allows these and takes the rest as text. What stands between two that are
                allowed is taken by itself, as a text of its own.

        Raises:
            TypeError: the text is of another type.
            ValueError: the text has a special token and they are refused, or `special` is none of the above; or it is
                4 GB with no place where a SentencePiece model could be cut.

        Complexity: O(bytes), also for one letter a million times, and O(tokens) of a set; see `SentencePieceEncoding`
        for its models.
        """

    def count_batch(
        self, texts: Iterable[_Text], threads: int | None = None, *, special: _Special = "text"
    ) -> list[int]:
        """Numbers of tokens of many texts, in their order.

        Args:
            texts: the texts.
            threads: threads to use at most, and never more than there are processors; by default one, and one more for
                each 64 KB of text.
            special: as in `count`.

        Raises:
            TypeError: a text is of another type, or `texts` is a single one.
            ValueError: threads is less than 1, or as `count` does.

        Complexity: O(bytes); the result does not depend on the threads.
        """

    def encode(self, text: _Text, *, special: _Special = "text") -> TokenIds:
        """Token ids of a text. Takes special tokens, and raises, as `count` does. Complexity: O(bytes)."""

    def encode_batch(
        self, texts: Iterable[_Text], threads: int | None = None, *, special: _Special = "text"
    ) -> list[TokenIds]:
        """Token ids of many texts, in their order. Arguments, errors and complexity are those of `count_batch`."""

    def decode(self, ids: Iterable[int] | Buffer, errors: str = "replace") -> str:
        """The text of token ids.

        Args:
            ids: the token ids.
            errors: what becomes of bytes that are not UTF-8 (a character cut in two), as in `bytes.decode`:
                "replace" makes U+FFFD of them, "ignore" leaves them out, "strict" raises. Of a SentencePiece model
                "replace" makes one U+FFFD of each such byte, as its package does.

        Raises:
            TypeError: as `TokenIds` does.
            ValueError: an id is no token of this encoding; UnicodeDecodeError, a ValueError too, if errors are strict.
            LookupError: no way to handle errors has that name, and one was needed.

        Complexity: O(bytes).
        """

    def decode_bytes(self, ids: Iterable[int] | Buffer) -> bytes:
        """The bytes of token ids. Raises TypeError and ValueError as `decode` does. Complexity: O(bytes)."""

    def token(self, text: _Text) -> int:
        """The id of the token that a text is, special or not; bytes need not be UTF-8.

        A SentencePiece model's are spelt as the model spells them: "▁the", "</s>", "<0x0A>".

        Raises:
            KeyError: the text is not one token.
            TypeError: the text is of another type.

        Complexity: O(bytes), and O(tokens) where no text becomes it; of a SentencePiece model O(pieces).
        """

    @overload
    def truncate(
        self, text: str, n: SupportsIndex, keep: Literal["head", "tail", "ends"] = "head", *, special: _Special = "text"
    ) -> str: ...
    @overload
    def truncate(
        self,
        text: bytes | bytearray | memoryview,
        n: SupportsIndex,
        keep: Literal["head", "tail", "ends"] = "head",
        *,
        special: _Special = "text",
    ) -> bytes:
        """The text cut to at most `n` tokens, never inside a character.

        What comes out has at most `n` tokens when it is counted by itself; of a head or a tail, one more character
        would be too many. Counts do not rise with every character ("abc" can be fewer tokens than "ab"), so that a
        longer part may fit too. A byte-pair encoding keeps what starts from where `n` tokens of the text end; a
        SentencePiece model keeps the longest that fits, but where more than 512 bytes around the cut cannot be taken
        apart.

        Args:
            text: the text. Lone surrogates, and bytes that are not UTF-8, come out as U+FFFD; where an encoding
                normalizes to NFC, what comes out is in that form.
            n: tokens to keep at most. A text that has no more is kept whole.
            keep: the part to keep. "ends" keeps what "head" keeps of half of the tokens, rounded up, and after it what
                "tail" keeps of the rest, or less where both would be too many together, or make a special token where
                they meet that is allowed or refused; nothing marks the place where the middle was.
            special: as in `count`, by which what comes out has at most `n` tokens. A special token that is allowed is
                kept whole or left out.

        Raises:
            TypeError: the text is of another type, or n is no int.
            ValueError: n is negative, `keep` is none of the three, or as `count` does.

        Complexity: O(bytes kept); with a split pattern that has no native scanner, or where a SentencePiece model's
        text cannot be taken apart, some 20 times what counting those bytes costs. With such a pattern, and where no
        word ends beyond the cut, counting a text as long as `n` of the longest tokens besides. And O(bytes of the
        text), some 0.1 ns a byte, to see that it is UTF-8, or to make it so.
        """

    def offsets(self, text: _Text, *, special: _Special = "text") -> TokenOffsets:
        """Counts of any span of a text. Raises as `TokenOffsets` does. Complexity: O(bytes)."""

    def counter(self, *, special: _Special = "text") -> TokenCounter:
        """A count that grows with a text, for now empty. Raises as `TokenCounter` does."""

    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...

class TokenOffsets:
    """Counts of any span of one text, exactly as the span counts alone.

    A span is in the units of the text that was given: characters of a str, bytes of anything else.

    Args:
        encoding: the encoding to count with.
        text: the text; a bytearray or memoryview is copied.
        special: as in `count`, for every span.

    Raises:
        TypeError: the text is of another type.
        ValueError: the text has 4 GiB or more, and the encoding is byte-pair; or as `count` does.

    Complexity: O(bytes). Memory: some 2 bytes for each byte of the text, 1 in a SentencePiece model, and some 200 for
    each text between special tokens that are allowed, 40 where that is empty; the text is kept alive, and where it is a
    str that is not ASCII, its UTF-8 too.
    Thread-safety: immutable, safe to share. They can be copied, which makes nothing, not pickled.
    """

    def __new__(cls, encoding: Encoding, text: _Text, *, special: _Special = "text") -> Self: ...
    @property
    def total(self) -> int:
        """Number of tokens of the whole text. As fast as `count()` is."""

    def count(self, start: SupportsIndex | None = 0, stop: SupportsIndex | None = None) -> int:
        """Number of tokens of `text[start:stop]`: equal to `encoding.count(text[start:stop], special=special)`, always.

        Complexity: O(1) if the span starts and ends where pretokens do (words, numbers, runs of signs). Otherwise what
        is counted anew is the span's text before the first such place that it shares with the whole text, and after
        the last; blanks at its end too. In a SentencePiece model it is the text up to the first place between words
        that is 64 bytes or more after the one before it, and as much at the end.

        Where special tokens are allowed, finding those around the span takes O(log(their number in the text)) besides.

        Counted from scratch, O(bytes), is a span that cuts a character or an allowed special token in two; every span
        of a text that is not valid Unicode or not in the encoding's normal form; every span where a split pattern has
        no native scanner or a BPE model has unused pieces; and in a unigram model a span that is so long (from some
        30,000 characters on) that the rounding of its sum of scores may decide how many tokens some word is.
        """

    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...

class TokenCounter:
    """The count of a text that grows: appending costs what is appended, and the count is exact after every step.

    Equal to `encoding.count` of everything appended, joined. Bytes may end inside a character; until its other bytes
    come it counts as U+FFFD, as it does at the end of bytes. A str always starts and ends with whole characters (a
    surrogate pair that is cut in two counts as two U+FFFD). A special token that is allowed may come in pieces: until
    its last one, what is there of it counts as plain text.

    Where a split pattern has no native scanner, or a BPE model has unused pieces, nothing is known of what may follow:
    the text is kept, and every step counts it anew.

    Args:
        encoding: the encoding to count with.
        special: as in `count`, for all that is appended.

    Raises:
        ValueError: as `count` does for `special`.

    Memory: some 30 bytes at most for each byte of the text's end that may still split otherwise, a word or two; the
    text before is not kept.
    Thread-safety: safe to share; what threads append at the same time is appended in some order. A call within one of
    its own thread, as a signal handler's may be, raises RuntimeError, and so does one in a forked process where another
    thread was within a call. It can be copied, not pickled.
    """

    def __init__(self, encoding: Encoding, *, special: _Special = "text") -> None: ...
    @property
    def count(self) -> int:
        """Number of tokens so far.

        Complexity: O(1); O(bytes of the end that is kept) where bytes end inside a character, an encoding normalizes
        to NFC, or the text ends like the beginning of a special token that is allowed.
        """

    def append(self, text: _Text) -> int:
        """Appends a text and returns the number of tokens so far.

        Raises:
            TypeError: the text is of another type; nothing is appended.
            ValueError: with it the text so far has a special token that is refused; nothing is appended.

        Complexity: O(bytes appended), amortised, also for a word of a million letters, letter by letter. Each step
        costs besides:

        - where an encoding normalizes to NFC: the bytes of the last word or two, and of the marks, vowels and finals of
          Hangul after the last character, for one that comes later may go in front of them all;
        - with a SentencePiece model: some 256 bytes, and those of its longest piece (of a unigram model, squared); and,
          however long, a run at the end that the model collapses or rewrites as one: spaces and line feeds that become
          one, characters that become nothing or are null, Hangul in jamo, user-defined pieces side by side;
        - with one that has unused pieces, or a user-defined piece or a rule of more than 256 bytes: all bytes so far;
        - where bytes end inside a character, special tokens are refused, or the text ends like the beginning of one
          that is allowed: copying the counter;
        - where they are allowed or refused: the bytes of the longest special token, times the logarithm of how many
          there are; where only some are, at a place where others go on alike, as many steps as there are of both.
        """

    def copy(self) -> Self:
        """A counter that goes on from here by itself. Complexity: O(bytes that are kept)."""

    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...
