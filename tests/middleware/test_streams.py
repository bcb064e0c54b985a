"""Answers that are read along while they pass."""

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from ctxpack.middleware import streams
from ctxpack.middleware.streams import listen, listen_async

from .test_answers import sse


class Chunks(httpx2.SyncByteStream):
    """A body that comes a hundred bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __iter__(self) -> Iterator[bytes]:
        return (self.data[at : at + 100] for at in range(0, len(self.data), 100))


def answered(data: bytes, encoding: str) -> dict[str, object]:
    """The usage that is found in an answer that comes like this."""
    found: list[dict[str, object]] = []
    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx2.Response(200, headers=headers, stream=Chunks(data))
    listen(response, found.append)
    assert b"".join(response.iter_raw()) == data
    return found[0]


@pytest.mark.parametrize("answer", [json.dumps({"usage": {"a": 1}}).encode(), sse({"usage": {"a": 1}}) * 1000])
def test_answers_are_unpacked(answer: bytes) -> None:
    assert answered(answer, "") == answered(gzip.compress(answer), "gzip") == {"a": 1}
    assert answered(zlib.compress(answer), "deflate") == {"a": 1}


def test_an_answer_that_unpacks_to_any_size_is_not_held() -> None:
    bomb = gzip.compress(b'{"usage": {"a": 1}, "text": "' + b"a" * (128 << 20) + b'"}', 1)
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    assert answered(bomb, "gzip") == {}
    assert answered(gzip.compress(bomb), "gzip, gzip") == {}
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 100 << 20


def test_of_an_answer_that_is_too_long_no_usage_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_LONGEST", 1000)
    assert answered(sse({"usage": {"a": 1}}), "") == {"a": 1}
    assert answered(sse({"usage": {"a": 1}}, *[{"text": "more"}] * 100), "") == {}


class Unclosable(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body whose connection is gone before it is closed, or whose reader is cancelled then."""

    def __iter__(self) -> Iterator[bytes]:
        yield sse({"usage": {"a": 1}})

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield sse({"usage": {"a": 1}})

    def close(self) -> None:
        raise ConnectionError

    async def aclose(self) -> None:
        raise asyncio.CancelledError


def test_usage_is_said_where_a_body_cannot_be_closed() -> None:
    found: list[dict[str, object]] = []
    response = httpx2.Response(200, stream=Unclosable())
    listen(response, found.append)
    chunks = iter(response.stream)
    next(chunks)
    with pytest.raises(ConnectionError):
        response.stream.close()
    assert found == [{"a": 1}]


def test_usage_is_said_where_a_reader_is_cancelled_while_it_closes() -> None:
    found: list[dict[str, object]] = []

    async def run() -> None:
        response = httpx2.Response(200, stream=Unclosable())
        listen_async(response, found.append)
        chunks = aiter(response.stream)
        await anext(chunks)
        with pytest.raises(asyncio.CancelledError):
            await response.stream.aclose()
        await chunks.aclose()

    asyncio.run(run())
    assert found == [{"a": 1}]
