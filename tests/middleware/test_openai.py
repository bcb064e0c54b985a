"""The openai SDK against a real server: what arrives there, and what the caller sees."""

import asyncio
import copy
import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx2
import openai
import pytest

from ctxpack.middleware.openai import AsyncPackTransport, PackTransport, async_http_client, http_client
from ctxpack.middleware.sessions import Sessions
from ctxpack.packing.packer import Packer
from tests.middleware.conversations import openai_messages
from tests.middleware.server import Provider

MODEL = "gpt-4o"


def ask(client: openai.OpenAI, messages: list[dict[str, Any]], **more: Any) -> Any:
    return client.chat.completions.create(model=MODEL, messages=messages, **more)


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
def client(provider: Provider, sessions: Sessions) -> Iterator[openai.OpenAI]:
    inner = httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions))
    with openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=inner) as made:
        yield made


def test_a_conversation_arrives_smaller_valid_and_append_only(
    client: openai.OpenAI, provider: Provider, sessions: Sessions
) -> None:
    for turns in range(4):
        messages = openai_messages(turns)
        before = copy.deepcopy(messages)
        assert ask(client, messages).choices[0].message.content == "done"
        assert messages == before
    sent = [json.loads(body) for body in provider.bodies]
    for earlier, later in pairwise(sent):
        assert later["messages"][: len(earlier["messages"])] == earlier["messages"]
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(openai_messages(3)))
    assert not sessions.reasons


def test_a_deployment_is_packed_as_the_model_that_it_is(provider: Provider) -> None:
    with http_client(models={"our-assistant": MODEL}) as packing:
        client = openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=packing)
        client.chat.completions.create(model="our-assistant", messages=openai_messages(3))
    sent = json.loads(provider.bodies[-1])
    assert sent["model"] == "our-assistant"
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(openai_messages(3)))
    assert packing.sessions.session("our-assistant") is packing.sessions.session(MODEL)
    assert packing.sessions.session(MODEL).calibration.requests == 1


def test_claude_behind_chat_completions_is_recorded_from_the_first_turn(
    client: openai.OpenAI, sessions: Sessions
) -> None:
    claude = "claude-opus-4-6"
    for turns in range(3):
        client.chat.completions.create(model=claude, max_tokens=16, messages=openai_messages(turns))
    assert sessions.session(claude).calibration.billed == 300
    assert not sessions.reasons


def test_usage_is_recorded(client: openai.OpenAI, sessions: Sessions) -> None:
    ask(client, openai_messages(1))
    assert sessions.session(MODEL).calibration.billed == 100


def test_a_retry_sends_the_same_bytes(client: openai.OpenAI, provider: Provider) -> None:
    ask(client, openai_messages(2))
    provider.failures = [500]
    ask(client, openai_messages(3))
    assert provider.bodies[-1] == provider.bodies[-2] != provider.bodies[-3]


def test_an_internal_error_sends_the_original_bytes(
    client: openai.OpenAI, provider: Provider, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise KeyError("secret text")

    monkeypatch.setattr(Packer, "pack", fail)
    ask(client, openai_messages(3))
    assert json.loads(provider.bodies[-1])["messages"] == openai_messages(3)
    assert dict(sessions.reasons) == {"not packed: internal error: KeyError": 1}


def test_what_is_not_json_passes_through(provider: Provider, sessions: Sessions) -> None:
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions)) as client:
        client.post(f"{provider.url}/v1/embeddings", content=b'{"model": "m",  "input": "x"}')
    assert provider.bodies == [b'{"model": "m",  "input": "x"}']
    assert dict(sessions.reasons) == {"not packed: /embeddings": 1}


def test_other_endpoints_are_counted_and_never_named_after_what_is_in_them(
    provider: Provider, sessions: Sessions
) -> None:
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions)) as client:
        for path in ("/v1/responses/", "/v1/threads/thread_abc"):
            client.post(provider.url + path, json={"model": MODEL})
        client.send(client.build_request("POST", f"{provider.url}/v1/chat/completions", json={"model": "unheard-of"}))
    assert dict(sessions.reasons) == {
        "not packed: /responses": 1,
        "not packed: another endpoint": 1,
        "not packed: UnknownModelError": 1,
    }


def passed(sessions: Sessions, method: str, path: str, **more: Any) -> httpx2.Request:
    """A request as it leaves the transport that packs."""
    seen: list[httpx2.Request] = []
    inner = httpx2.MockTransport(lambda request: seen.append(request) or httpx2.Response(200, json={}))
    with httpx2.Client(transport=PackTransport(inner, sessions)) as client:
        client.request(method, f"http://provider.invalid/v1/{path}", **more)
    return seen[0]


def test_a_request_without_a_body_is_not_counted(sessions: Sessions) -> None:
    passed(sessions, "GET", "models")
    assert not sessions.reasons


def test_an_encoded_body_passes_as_it_is(sessions: Sessions) -> None:
    body = gzip.compress(json.dumps({"model": MODEL, "messages": openai_messages(3)}).encode())
    sent = passed(sessions, "POST", "chat/completions", content=body, headers={"content-encoding": "gzip"})
    assert sent.content == body
    assert dict(sessions.reasons) == {"not packed: the body is encoded": 1}


def test_a_packed_request_keeps_its_timeout(sessions: Sessions) -> None:
    body = {"model": MODEL, "messages": openai_messages(3)}
    sent = passed(sessions, "POST", "chat/completions", json=body, timeout=7.0)
    assert len(sent.content) < 0.6 * len(json.dumps(body))
    assert sent.extensions["timeout"]["read"] == 7.0


@pytest.mark.parametrize("compresses", [False, True])
def test_usage_of_streams_is_recorded_when_they_end(
    client: openai.OpenAI, provider: Provider, sessions: Sessions, compresses: bool
) -> None:
    provider.compresses = compresses
    chunks = list(ask(client, openai_messages(3), stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.content == "done"
    assert chunks[-1].usage.prompt_tokens == 100
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(openai_messages(3)))
    assert sessions.session(MODEL).calibration.billed == 100
    assert not sessions.reasons


def test_a_stream_without_usage_is_noted(client: openai.OpenAI, sessions: Sessions) -> None:
    list(ask(client, openai_messages(3), stream=True))
    with ask(client, openai_messages(3), stream=True) as stream:
        next(stream)
    assert sessions.session(MODEL).calibration.requests == 0
    assert dict(sessions.reasons) == {"usage not recorded: none was read": 2}


def test_streams_pass_event_by_event(provider: Provider) -> None:
    provider.go_on.clear()
    with openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=http_client()) as client:
        stream = ask(client, openai_messages(3), stream=True)
        assert next(stream).choices[0].delta.content == "done", "while the server holds the rest back"
        provider.go_on.set()
        assert list(stream) == []


def test_async_streams(provider: Provider) -> None:
    sessions = Sessions()

    async def run() -> str:
        inner = httpx2.AsyncClient(transport=AsyncPackTransport(httpx2.AsyncHTTPTransport(), sessions))
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=inner) as client:
            options = {"stream": True, "stream_options": {"include_usage": True}}
            answer = await client.chat.completions.create(model=MODEL, messages=openai_messages(3), **options)
            return "".join([choice.delta.content or "" async for chunk in answer for choice in chunk.choices])

    assert asyncio.run(run()) == "done"
    assert sessions.session(MODEL).calibration.billed == 100


def test_an_answer_that_breaks_off_is_asked_for_again(
    client: openai.OpenAI, provider: Provider, sessions: Sessions
) -> None:
    async def ask_async() -> str:
        inner = httpx2.AsyncClient(transport=AsyncPackTransport(httpx2.AsyncHTTPTransport(), sessions))
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=inner) as asynchronous:
            answer = await asynchronous.chat.completions.create(model=MODEL, messages=openai_messages(2))
            return answer.choices[0].message.content

    provider.cuts = 1
    assert ask(client, openai_messages(2)).choices[0].message.content == "done"
    provider.cuts = 1
    assert asyncio.run(ask_async()) == "done"
    assert len(provider.bodies) == 4
    assert sessions.session(MODEL).calibration.requests == 2
    assert dict(sessions.reasons) == {"usage not recorded: none was read": 2}


def test_an_answer_may_be_read_raw(client: openai.OpenAI, sessions: Sessions) -> None:
    create = client.chat.completions.with_streaming_response.create
    with create(model=MODEL, messages=openai_messages(2)) as response:
        assert json.loads(b"".join(response.http_response.iter_raw()))["usage"]["prompt_tokens"] == 100
    assert sessions.session(MODEL).calibration.billed == 100
    assert not sessions.reasons


def test_an_answer_that_nobody_reads_is_counted(client: openai.OpenAI, provider: Provider, sessions: Sessions) -> None:
    async def ask_async() -> None:
        inner = httpx2.AsyncClient(transport=AsyncPackTransport(httpx2.AsyncHTTPTransport(), sessions))
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=inner) as asynchronous:
            create = asynchronous.chat.completions.with_streaming_response.create
            async with create(model=MODEL, messages=openai_messages(2)) as response:
                assert response.status_code == 200

    with client.chat.completions.with_streaming_response.create(model=MODEL, messages=openai_messages(2)) as response:
        assert response.status_code == 200
    asyncio.run(ask_async())
    assert dict(sessions.reasons) == {"usage not recorded: none was read": 2}
    assert sessions.totals["USD"].requests == 2


def test_a_request_that_is_not_answered_saves_nothing(
    client: openai.OpenAI, provider: Provider, sessions: Sessions
) -> None:
    provider.failures = [400]
    with pytest.raises(openai.BadRequestError):
        ask(client, openai_messages(3))
    with pytest.raises(openai.APIConnectionError):
        ask(client.with_options(base_url="http://127.0.0.1:1/v1", max_retries=0), openai_messages(3))
    assert not sessions.totals
    ask(client, openai_messages(3))
    assert sessions.totals["USD"].requests == 1


def test_a_slash_at_the_end_changes_nothing(provider: Provider, sessions: Sessions) -> None:
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions)) as client:
        client.post(f"{provider.url}/v1/chat/completions/", json={"model": MODEL, "messages": openai_messages(3)})
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(openai_messages(3)))
    assert not sessions.reasons


def test_errors_of_the_provider_reach_the_caller(client: openai.OpenAI, provider: Provider, sessions: Sessions) -> None:
    provider.failures = [400]
    with pytest.raises(openai.BadRequestError):
        ask(client, openai_messages(1))
    assert not sessions.reasons


def test_one_line_set_up(provider: Provider) -> None:
    with openai.OpenAI(
        api_key="k", base_url=f"{provider.url}/v1", http_client=http_client(policy="balanced")
    ) as client:
        assert ask(client, openai_messages(3)).choices[0].message.content == "done"
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(openai_messages(3)))


def test_the_proxy_of_the_environment_is_used(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", provider.url)
    elsewhere = "http://provider.invalid/v1"

    async def run(inner: httpx2.AsyncClient) -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=elsewhere, http_client=inner) as client:
            await client.chat.completions.create(model=MODEL, messages=openai_messages(3))

    with openai.OpenAI(api_key="k", base_url=elsewhere, http_client=http_client()) as client:
        ask(client, openai_messages(3))
    asyncio.run(run(async_http_client()))
    assert provider.paths == [f"{elsewhere}/chat/completions"] * 2
    assert len(provider.bodies[0]) == len(provider.bodies[1]) < 0.6 * len(json.dumps(openai_messages(3)))


def test_the_one_line_client_has_its_sessions(provider: Provider) -> None:
    inner = http_client()
    with openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=inner) as client:
        list(ask(client, openai_messages(3), stream=True, stream_options={"include_usage": True}))
        client.chat.completions.create(model="unheard-of", messages=openai_messages(1))
    assert inner.is_closed
    assert inner.sessions.session(MODEL).calibration.billed == 100
    assert dict(inner.sessions.reasons) == {"not packed: UnknownModelError": 1}


def test_async_client(provider: Provider) -> None:
    async def run() -> str:
        inner = async_http_client()
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{provider.url}/v1", http_client=inner) as client:
            answer = await client.chat.completions.create(model=MODEL, messages=openai_messages(3))
            return answer.choices[0].message.content or ""

    assert asyncio.run(run()) == "done"
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(openai_messages(3)))


def test_redirects_are_followed_as_the_sdks_own_clients_do() -> None:
    own = openai.DefaultHttpxClient(), openai.DefaultAsyncHttpxClient()
    assert [one.follow_redirects for one in (http_client(), async_http_client())] == [
        one.follow_redirects for one in own
    ]
