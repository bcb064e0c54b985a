"""The anthropic SDK (2.12 or later): `Anthropic(middleware=[CtxpackMiddleware()])`, sync and async."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

from anthropic import APIRequest, APIResponse, AsyncAPIResponse, AsyncCallNext, CallNext, Middleware

from ctxpack.middleware.sessions import Sessions
from ctxpack.middleware.streams import listen, listen_async
from ctxpack.packing import Originals, Policy, Summarizer

_DIALECT = "anthropic.messages"


class CtxpackMiddleware(Middleware):
    """Packs each Messages request before it is sent, and records what it was billed.

    Runs once per HTTP attempt; a retry sends the same bytes. Other endpoints pass through. An answer passes
    chunk by chunk as it comes; its usage is recorded when it ends or is closed.

    Args: as for Sessions.

    Attributes:
        sessions: the sessions by model, the reasons for requests left as they were, and the originals by handle.

    Thread-safety: safe.
    """

    def __init__(
        self,
        policy: str | Policy = "lossless",
        store: str | PathLike[str] | Originals | None = None,
        budget: int | None = None,
        summarizer: Summarizer | None = None,
        models: Mapping[str, str] | None = None,
    ) -> None:
        self.sessions = Sessions(policy, store, budget, summarizer, models)

    def handle(self, request: APIRequest, call_next: CallNext) -> APIResponse[Any]:
        body = _messages_body(request)
        sent = None if body is None else self.sessions.pack(body, _DIALECT)
        response = call_next(request if sent is None else request.copy(body=sent.packed.body))
        if sent is not None and response.status_code == 200:
            with self.sessions.guarded("usage not recorded"):
                listen(response.http_response, self.sessions.recorder(sent))
        return response

    async def handle_async(self, request: APIRequest, call_next: AsyncCallNext) -> AsyncAPIResponse[Any]:
        body = _messages_body(request)
        sent = None if body is None else await self.sessions.pack_async(body, _DIALECT)
        response = await call_next(request if sent is None else request.copy(body=sent.packed.body))
        if sent is not None and response.status_code == 200:
            with self.sessions.guarded("usage not recorded"):
                listen_async(response.http_response, self.sessions.recorder(sent))
        return response


def _messages_body(request: APIRequest) -> dict[str, object] | None:
    """The body of a Messages request, None for any other."""
    path, body = request.url.partition("?")[0], request.json
    is_messages = request.method.upper() == "POST" and path.endswith("/v1/messages")
    return body if is_messages and isinstance(body, dict) else None
