"""The anthropic SDK (2.12 or later): `Anthropic(middleware=[CtxpackMiddleware()])`, sync and async."""

from collections.abc import Callable
from typing import Any, Unpack

from ctxpack.middleware import missing

try:
    import httpx2
    from anthropic import APIRequest, APIResponse, AsyncAPIResponse, AsyncCallNext, CallNext, Middleware
except ImportError as error:
    raise missing("anthropic", "2.12") from error

from ctxpack.middleware.sessions import Sent, Sessions, Settings
from ctxpack.middleware.streams import Done, listen, listen_async
from ctxpack.packing import Policy

_DIALECT = "anthropic.messages"


class CtxpackMiddleware(Middleware):
    """Packs each Messages request before it is sent, and records what it was billed.

    Runs once per HTTP attempt; a retry sends the same bytes. Other requests pass through, and those with a
    body are counted. An answer passes chunk by chunk as it comes; its usage is recorded when it ends or is closed.

    Args: as for Sessions.

    Attributes:
        sessions: the sessions by model, the reasons for requests left as they were, and the originals by handle.

    Thread-safety: safe.
    """

    def __init__(self, policy: str | Policy = "lossless", **settings: Unpack[Settings]) -> None:
        self.sessions: Sessions = Sessions(policy, **settings)

    def __repr__(self) -> str:
        return f"<CtxpackMiddleware with {self.sessions}>"

    def handle(self, request: APIRequest, call_next: CallNext) -> APIResponse[Any]:
        body = self._messages_body(request)
        sent = None if body is None else self.sessions.pack(body, _DIALECT)
        response = call_next(request if sent is None else request.copy(body=sent.packed.body))
        if sent is not None:
            self._hear(response, sent, listen)
        return response

    async def handle_async(self, request: APIRequest, call_next: AsyncCallNext) -> AsyncAPIResponse[Any]:
        body = self._messages_body(request)
        sent = None if body is None else await self.sessions.pack_async(body, _DIALECT)
        response = await call_next(request if sent is None else request.copy(body=sent.packed.body))
        if sent is not None:
            self._hear(response, sent, listen_async)
        return response

    def _messages_body(self, request: APIRequest) -> dict[str, object] | None:
        """The body of a Messages request, None for any other, which is counted where it posts."""
        path, body = request.url.partition("?")[0], request.json
        if request.method.upper() != "POST":
            return None
        if path.endswith("/v1/messages") and isinstance(body, dict):
            return body
        self.sessions.pass_by(path)
        return None

    def _hear(self, response: object, sent: Sent, listening: Callable[[httpx2.Response, Done], None]) -> None:
        """Listens to an answer of the provider; none is what a middleware behind this one gives in its place."""
        with self.sessions.guarded("usage not recorded"):
            answer = getattr(response, "http_response", response)  # a caller may ask for the answer itself
            if isinstance(answer, httpx2.Response) and answer.status_code == 200:
                listening(answer, self.sessions.answered(sent))
