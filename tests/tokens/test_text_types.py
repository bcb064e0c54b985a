"""What may be counted: every kind of text and of bytes, and what is refused."""

import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, encoding
from tests.tokens.pairs import Pair

TEXT = "Größe 中文 👍 and plain"


@pytest.mark.parametrize("kind", [str.encode, lambda t: bytearray(t.encode()), lambda t: memoryview(t.encode())])
def test_bytes_like_texts(o200k: Encoding, kind: object) -> None:
    text = kind(TEXT)
    assert o200k.count(text) == o200k.count(TEXT)
    assert o200k.encode(text) == o200k.encode(TEXT)


def test_memoryview_with_steps(o200k: Encoding) -> None:
    assert o200k.count(memoryview(b"h-e-l-l-o-")[::2]) == o200k.count("hello")


@pytest.mark.parametrize("times", [1, 100])
def test_str_subclass(o200k: Encoding, times: int) -> None:
    assert o200k.count(type("Name", (str,), {})(TEXT * times)) == o200k.count(TEXT * times)


@pytest.mark.parametrize("kind", [str, bytes])
def test_of_a_subclass_what_it_holds_counts(o200k: Encoding, kind: type) -> None:
    longer = type("Longer", (kind,), {"__len__": lambda _: 1000, "__str__": lambda _: "else"})
    text = longer(TEXT if kind is str else TEXT.encode())
    assert o200k.count(text) == o200k.offsets(text).total == o200k.counter().append(text) == o200k.count(TEXT)
    assert o200k.decode(o200k.encode(text)) == TEXT
    assert o200k.truncate(text, 1000) == (TEXT if kind is str else TEXT.encode())


# Python keeps characters in one, two or four bytes each; the UTF-8 of long ones is not Python's.
@pytest.mark.parametrize("last", ["\xff", "\uffff", "\U0010ffff"])
@given(data=st.data())
def test_long_texts_of_every_width(last: str, data: st.DataObject) -> None:
    part = data.draw(st.text(st.characters(max_codepoint=ord(last), exclude_categories=["Cs"]), max_size=40))
    text = (part + last) * data.draw(st.integers(600 // (len(part) + 1), 900 // (len(part) + 1)))
    o200k = encoding("o200k_base")
    utf8 = text.encode()
    assert o200k.encode(text) == o200k.encode(utf8)
    assert o200k.count(text) == o200k.count(utf8)
    assert o200k.count_batch([text, "", text]) == [o200k.count(utf8), 0, o200k.count(utf8)]
    assert o200k.truncate(text, 100).encode() == o200k.truncate(utf8, 100)
    assert o200k.offsets(text).count(3, 700) == o200k.count(text[3:700].encode())


@pytest.mark.parametrize("surrogates", ["\ud800", "\ud83d\udc4d"])
def test_surrogates_of_long_texts_are_put_together_or_replaced(o200k: Encoding, surrogates: str) -> None:
    text = TEXT * 100 + surrogates + TEXT * 100
    readable = TEXT * 100 + ("\U0001f44d" if len(surrogates) == 2 else "\ufffd") + TEXT * 100
    assert o200k.encode(text) == o200k.encode(readable)
    assert o200k.count(text) == o200k.count(readable)


@pytest.mark.parametrize("text", [None, 1, 1.5, ["a"], object(), array.array("I", [1])])
def test_other_types_are_refused(o200k: Encoding, text: object) -> None:
    message = "text must be str, bytes, bytearray or memoryview, not "
    for method in (o200k.count, o200k.encode, lambda value: o200k.count_batch(["a", value])):
        with pytest.raises(TypeError, match=message + type(text).__name__):
            method(text)


@given(data=st.binary())
def test_any_bytes(data: bytes) -> None:
    o200k = encoding("o200k_base")
    assert o200k.encode(data) == o200k.encode(data.decode("utf-8", "replace"))
    assert o200k.count(data) == o200k.count(data.decode("utf-8", "replace"))


@pytest.mark.parametrize(
    "data",
    [
        b"\x80", b"\xc3", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80", b"\xff", b"abcdefgh\xe4\xbd", b"\xe4\xbd\xa0\xa0ok", b"\xf0\x9f\x91",
    ],
)  # fmt: skip
def test_bytes_that_are_not_utf8(pair: Pair, data: bytes) -> None:
    assert list(pair.ours.encode(data)) == pair.theirs.encode_ordinary(data.decode("utf-8", "replace"))


def test_text_is_left_as_it_was(o200k: Encoding) -> None:
    data = bytearray(TEXT.encode())
    o200k.encode(data)
    assert data == TEXT.encode()
    data.append(1)  # and no view of it is kept
