"""Streams: answers read along, chunk by chunk, for the usage that they name. Only the caller reads a body."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

import httpx2

from ctxpack.middleware.answers import usage_of

# Bytes of one answer that are kept to be read; some ten times the longest that a model gives.
_LONGEST = 64 << 20
# Bytes that are unpacked at once: they may become a thousand times as many, and more.
_STEP = 256

Done = Callable[[dict[str, object]], None]


class _Listener:
    """Keeps what passes by, and says once, at the end or when the reader stops, what usage it names."""

    def __init__(self, headers: httpx2.Headers, done: Done) -> None:
        self._headers = headers
        self._done = done
        self._chunks: list[bytes] = []
        self._size = 0
        self._is_over = False

    def hear(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._chunks.append(chunk)
        if self._size > _LONGEST:  # the usage of a part is not that of the answer
            self._chunks.clear()

    def end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        chunks, self._chunks = self._chunks, []
        try:
            usage = usage_of(self._decoded(b"".join(chunks)))
        except Exception:
            # Whatever comes from the network must not break the call that reads it.
            usage = {}
        self._done(usage)

    def _decoded(self, data: bytes) -> bytes:
        """The body without its content encoding.

        Raises:
            ValueError: it has several, or more than is kept of one: an answer may unpack to any size.
        """
        encoding = self._headers.get("content-encoding", "")
        if not encoding:
            return data
        if "," in encoding:
            raise ValueError("an answer that is encoded twice")
        packed = (data[at : at + _STEP] for at in range(0, len(data), _STEP))
        body = bytearray()
        for chunk in httpx2.Response(200, headers=self._headers, content=packed).iter_bytes():
            body += chunk
            if len(body) > _LONGEST:
                raise ValueError("an answer that is too long to be read")
        return bytes(body)


class HeardStream(httpx2.SyncByteStream):
    """A body that passes through as it is."""

    def __init__(self, body: httpx2.SyncByteStream, headers: httpx2.Headers, done: Done) -> None:
        self._body = body
        self._listener = _Listener(headers, done)

    def __getattr__(self, name: str) -> object:
        # SDKs look for members of their own on the body.
        return getattr(self._body, name)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            self._listener.hear(chunk)
            yield chunk
        self._listener.end()

    def close(self) -> None:
        try:
            self._body.close()
        finally:
            self._listener.end()


class AsyncHeardStream(httpx2.AsyncByteStream):
    """The same for asynchronous clients."""

    def __init__(self, body: httpx2.AsyncByteStream, headers: httpx2.Headers, done: Done) -> None:
        self._body = body
        self._listener = _Listener(headers, done)

    def __getattr__(self, name: str) -> object:
        return getattr(self._body, name)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = self._body.__aiter__()
        try:
            async for chunk in chunks:
                self._listener.hear(chunk)
                yield chunk
        finally:
            # A body that is read in part is closed by the task that read it.
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()
        self._listener.end()

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            self._listener.end()


def listen(response: httpx2.Response, done: Done) -> None:
    """Has a body call `done` once, when it was read or closed, with the usage in it, {} where it names none.

    Raises:
        TypeError: the body is for asynchronous clients only.
    """
    if response.is_stream_consumed:
        done(usage_of(response.content))  # in memory already: nobody will read its stream
    elif isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = HeardStream(response.stream, response.headers, done)
    else:
        raise TypeError("an asynchronous body")


def listen_async(response: httpx2.Response, done: Done) -> None:
    """The same for asynchronous clients: a body may be of both kinds, so that only the client knows how it reads.

    Raises:
        TypeError: the body is for synchronous clients only.
    """
    if response.is_stream_consumed:
        done(usage_of(response.content))
    elif isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = AsyncHeardStream(response.stream, response.headers, done)
    else:
        raise TypeError("a synchronous body")
