"""The openai SDK (3.54 or later): `OpenAI(http_client=http_client())`, sync and async.

The SDK has no middleware, so packing happens in the transport of its HTTP client.
"""

from typing import Unpack

from ctxpack.middleware import missing

try:
    import httpx2
    import openai
except ImportError as error:
    raise missing("openai", "3.54") from error

from ctxpack.middleware.sessions import Sent, Sessions, Settings
from ctxpack.middleware.streams import listen, listen_async
from ctxpack.packing import Policy

_DIALECT = "openai.chat"
# Headers made from the bytes of a body, which a packed one would no longer match: RFC 1864, 3230, 9530 and 9421; AWS,
# Oracle Cloud, Azure.
_OF_BODY = (
    *("content-md5", "digest", "content-digest", "repr-digest", "signature"),
    *("x-amz-content-sha256", "x-content-sha256", "x-ms-content-sha256"),
)


class PackTransport(httpx2.BaseTransport):
    """Packs each Chat Completions request on its way to another transport, and records what it was billed.

    Runs once per HTTP attempt; a retry sends the same bytes. Other requests pass through byte for byte, and those
    with a body are counted. An answer passes chunk by chunk as it comes, and its usage is recorded when it ends or is
    closed; a streamed one names it where the request says `stream_options={"include_usage": True}`.

    Attributes:
        sessions: the sessions by model, the reasons for requests left as they were, and the originals by handle.

    Thread-safety: safe.
    """

    def __init__(self, inner: httpx2.BaseTransport, sessions: Sessions) -> None:
        self.sessions = sessions
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        sent = self.sessions.pack(request.read(), _DIALECT) if _may_pack(request, self.sessions) else None
        response = self._inner.handle_request(request if sent is None else _with_body(request, sent))
        if sent is not None and response.status_code == 200:
            with self.sessions.guarded("usage not recorded"):
                listen(response, self.sessions.answered(sent))
        return response

    def close(self) -> None:
        self._inner.close()


class AsyncPackTransport(httpx2.AsyncBaseTransport):
    """The same for the asynchronous client."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, sessions: Sessions) -> None:
        self.sessions = sessions
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        may_pack = _may_pack(request, self.sessions)
        sent = await self.sessions.pack_async(await request.aread(), _DIALECT) if may_pack else None
        response = await self._inner.handle_async_request(request if sent is None else _with_body(request, sent))
        if sent is not None and response.status_code == 200:
            with self.sessions.guarded("usage not recorded"):
                listen_async(response, self.sessions.answered(sent))
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Through(httpx2.BaseTransport):
    """The SDK's default client as a transport, so that its proxies and connection limits stay."""

    def __init__(self) -> None:
        self._client = openai.DefaultHttpxClient()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._client.send(request, stream=True, auth=None, follow_redirects=False)

    def close(self) -> None:
        self._client.close()


class _AsyncThrough(httpx2.AsyncBaseTransport):
    """The same for the asynchronous client."""

    def __init__(self) -> None:
        self._client = openai.DefaultAsyncHttpxClient()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)

    async def aclose(self) -> None:
        await self._client.aclose()


class PackClient(httpx2.Client):
    """The SDK's default HTTP client, which packs. `sessions`: as of PackTransport."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(transport=PackTransport(_Through(), sessions), follow_redirects=True)
        self.sessions = sessions

    def __repr__(self) -> str:
        return f"<PackClient with {self.sessions}>"


class AsyncPackClient(httpx2.AsyncClient):
    """The same for the asynchronous client."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(transport=AsyncPackTransport(_AsyncThrough(), sessions), follow_redirects=True)
        self.sessions = sessions

    def __repr__(self) -> str:
        return f"<AsyncPackClient with {self.sessions}>"


def http_client(policy: str | Policy = "lossless", **settings: Unpack[Settings]) -> PackClient:
    """An HTTP client for `OpenAI(http_client=...)` that packs; arguments as for Sessions."""
    return PackClient(Sessions(policy, **settings))


def async_http_client(policy: str | Policy = "lossless", **settings: Unpack[Settings]) -> AsyncPackClient:
    """An HTTP client for `AsyncOpenAI(http_client=...)` that packs; arguments as for Sessions."""
    return AsyncPackClient(Sessions(policy, **settings))


def _may_pack(request: httpx2.Request, sessions: Sessions) -> bool:
    if request.method != "POST":
        return False
    path = request.url.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        sessions.pass_by(path)
        return False
    if request.headers.get("content-encoding"):
        sessions.note("not packed: the body is encoded")
        return False
    if _is_signed(request.headers):
        sessions.note("not packed: the body is signed")
        return False
    return True


def _is_signed(headers: httpx2.Headers) -> bool:
    """Whether the body was signed before it came here, as by OpenAI's `bedrock(...)`: a packed one would be refused."""
    scheme = headers.get("authorization", "").partition(" ")[0]  # such as AWS4-HMAC-SHA256
    return "sha256" in scheme.lower() or any(name in headers for name in _OF_BODY)


def _with_body(request: httpx2.Request, sent: Sent) -> httpx2.Request:
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
    return httpx2.Request(
        request.method, request.url, headers=headers, content=sent.packed.dump(), extensions=request.extensions
    )
