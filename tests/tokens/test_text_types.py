"""What may be counted: every kind of text and of bytes, and what is refused."""

import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.tokens import Encoding, encoding
from tests.tokens.conftest import Pair

TEXT = "Größe 中文 👍 and plain"


@pytest.mark.parametrize("kind", [str.encode, lambda t: bytearray(t.encode()), lambda t: memoryview(t.encode())])
def test_bytes_like_texts(o200k: Encoding, kind: object) -> None:
    text = kind(TEXT)
    assert o200k.count(text) == o200k.count(TEXT)
    assert o200k.encode(text) == o200k.encode(TEXT)


def test_memoryview_with_steps(o200k: Encoding) -> None:
    assert o200k.count(memoryview(b"h-e-l-l-o-")[::2]) == o200k.count("hello")


def test_str_subclass(o200k: Encoding) -> None:
    assert o200k.count(type("Name", (str,), {})(TEXT)) == o200k.count(TEXT)


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
