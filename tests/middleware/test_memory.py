"""Streamed answers whose body is in memory, as of mock transports and caches: of both kinds, synchronous and not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import anthropic
import httpx2
import openai
import pytest

from ctxpack.middleware import streams
from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.middleware.openai import AsyncPackTransport, PackTransport
from ctxpack.middleware.sessions import Sessions
from tests.middleware.asking import MODEL, recorded
from tests.middleware.conversations import anthropic_messages, openai_messages
from tests.middleware.server import events

Body = Callable[[bytes], dict[str, object]]
ASKED = {"model": MODEL, "max_tokens": 16, "messages": anthropic_messages(3)}
CHAT = {
    "model": "gpt-4o",
    "messages": openai_messages(3),
    "stream": True,
    "stream_options": {"include_usage": True},
}
BODIES = pytest.mark.parametrize(
    "body",
    [lambda data: {"content": data}, lambda data: {"stream": httpx2.ByteStream(data)}],
    ids=["read already", "not read yet"],
)


def mock(body: Body) -> httpx2.MockTransport:
    def answer(request: httpx2.Request) -> httpx2.Response:
        data = "".join(events(request.url.path, json.loads(request.content))).encode()
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, **body(data))

    return httpx2.MockTransport(answer)


@BODIES
def test_openai(body: Body) -> None:
    sessions = Sessions()
    inner = httpx2.Client(transport=PackTransport(mock(body), sessions))
    with openai.OpenAI(api_key="k", http_client=inner) as client:
        said = [choice.delta.content for chunk in client.chat.completions.create(**CHAT) for choice in chunk.choices]
    assert said == ["done"]
    assert sessions.session("gpt-4o").calibration.billed == 100
    assert not sessions.reasons


@BODIES
def test_async_openai(body: Body) -> None:
    sessions = Sessions()

    async def run() -> list[str]:
        inner = httpx2.AsyncClient(transport=AsyncPackTransport(mock(body), sessions))
        async with openai.AsyncOpenAI(api_key="k", http_client=inner) as client:
            answer = await client.chat.completions.create(**CHAT)
            return [choice.delta.content async for chunk in answer for choice in chunk.choices]

    assert asyncio.run(run()) == ["done"]
    assert sessions.session("gpt-4o").calibration.billed == 100
    assert not sessions.reasons


@BODIES
def test_anthropic(middleware: CtxpackMiddleware, body: Body) -> None:
    inner = httpx2.Client(transport=mock(body))
    with (
        anthropic.Anthropic(api_key="k", http_client=inner, middleware=[middleware]) as client,
        client.messages.stream(**ASKED) as stream,
    ):
        assert stream.get_final_text() == "done"
    assert recorded(middleware) == (1, 100)
    assert not middleware.sessions.reasons


@BODIES
def test_async_anthropic(middleware: CtxpackMiddleware, body: Body) -> None:
    async def run() -> str:
        inner = httpx2.AsyncClient(transport=mock(body))
        async with (
            anthropic.AsyncAnthropic(api_key="k", http_client=inner, middleware=[middleware]) as client,
            client.messages.stream(**ASKED) as stream,
        ):
            return await stream.get_final_text()

    assert asyncio.run(run()) == "done"
    assert recorded(middleware) == (1, 100)
    assert not middleware.sessions.reasons


async def _chunks() -> AsyncIterator[bytes]:
    yield b""


@pytest.mark.parametrize(("listen", "content"), [(streams.listen, _chunks()), (streams.listen_async, iter([b""]))])
def test_a_body_of_the_other_kind_only_stays_as_it_is(listen: Callable[..., object], content: object) -> None:
    response = httpx2.Response(200, content=content)
    body = response.stream
    with pytest.raises(TypeError, match="synchronous"):
        listen(response, lambda usage: None)
    assert response.stream is body
