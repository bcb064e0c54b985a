"""Requests that go out as they came: bodies that were signed or encoded before, and such as ask for no answer."""

import asyncio
import gzip
import hashlib
import json
from collections.abc import Iterator

import anthropic
import httpx2
import pytest

from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.middleware.openai import AsyncPackTransport, PackTransport
from ctxpack.middleware.sessions import Sessions
from tests.middleware.conversations import openai_messages
from tests.middleware.server import Provider

BODY = json.dumps({"model": "gpt-4o", "messages": openai_messages(3)}).encode()
NAMES = ["content-md5", "digest", "content-digest", "repr-digest", "signature", "x-amz-content-sha256"]
NAMES += ["x-content-sha256", "x-ms-content-sha256"]


class Signing(httpx2.Auth):
    """As what signs requests of a client does: it runs before the client's transport."""

    requires_request_body = True

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value

    def auth_flow(self, request: httpx2.Request) -> Iterator[httpx2.Request]:
        request.headers[self.name] = self.value.format(hashlib.sha256(request.content).hexdigest())
        yield request


@pytest.mark.parametrize(
    ("name", "value"), [("authorization", "AWS4-HMAC-SHA256 Signature={}"), *[(name, "{}") for name in NAMES]]
)
def test_a_signed_body_goes_out_as_it_was_signed(provider: Provider, name: str, value: str) -> None:
    sessions = Sessions()
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions), auth=Signing(name, value)) as client:
        client.post(f"{provider.url}/v1/chat/completions", content=BODY)
    assert provider.bodies == [BODY]
    assert dict(sessions.reasons) == {"not packed: the body is signed": 1}


@pytest.mark.parametrize("value", ["Bearer sha256", "Basic azpr", ""])
def test_a_key_signs_nothing(provider: Provider, value: str) -> None:
    sessions = Sessions()
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions)) as client:
        client.post(f"{provider.url}/v1/chat/completions", content=BODY, headers={"authorization": value})
    assert len(provider.bodies[0]) < 0.6 * len(BODY)
    assert not sessions.reasons


def empty(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"data": [], "has_more": False, "first_id": None, "last_id": None})


def test_an_encoded_body_stays_encoded() -> None:
    sessions, arrived = Sessions(), []

    def answer(request: httpx2.Request) -> httpx2.Response:
        arrived.append(request.content)
        return httpx2.Response(200)

    async def post() -> None:
        transport = AsyncPackTransport(httpx2.MockTransport(answer), sessions)
        async with httpx2.AsyncClient(transport=transport) as client:
            await client.post("http://a/v1/chat/completions", **encoded)

    encoded = {"content": gzip.compress(BODY), "headers": {"content-encoding": "gzip"}}
    with httpx2.Client(transport=PackTransport(httpx2.MockTransport(answer), sessions)) as client:
        client.post("http://a/v1/chat/completions", **encoded)
    asyncio.run(post())
    assert arrived == [encoded["content"]] * 2
    assert dict(sessions.reasons) == {"not packed: the body is encoded": 2}


def test_what_sends_nothing_is_not_counted() -> None:
    sessions, middleware = Sessions(), CtxpackMiddleware()

    async def list_models() -> None:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(empty))
        async with anthropic.AsyncAnthropic(api_key="k", http_client=client, middleware=[middleware]) as models:
            assert (await models.models.list()).data == []

    with httpx2.Client(transport=PackTransport(httpx2.MockTransport(empty), sessions)) as client:
        client.get("http://a/v1/chat/completions")
    asyncio.run(list_models())
    assert not sessions.reasons
    assert not middleware.sessions.reasons
