"""The anthropic SDK against a real server: what arrives there, and what the caller sees."""

import asyncio
import copy
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.packing import SQLiteOriginals
from ctxpack.packing.packer import Packer
from tests.middleware.asking import MODEL, ask, recorded
from tests.middleware.conversations import anthropic_messages
from tests.middleware.server import Provider


def test_a_conversation_arrives_smaller_valid_and_append_only(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware
) -> None:
    for turns in range(4):
        messages = anthropic_messages(turns)
        before = copy.deepcopy(messages)
        assert ask(client, messages).content[0].text == "done"
        assert messages == before
    sent = [json.loads(body) for body in provider.bodies]
    for earlier, later in pairwise(sent):
        assert later["messages"][: len(earlier["messages"])] == earlier["messages"]
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(anthropic_messages(3)))
    assert {key: value for key, value in sent[-1].items() if key != "messages"} == {"model": MODEL, "max_tokens": 16}
    assert not middleware.sessions.reasons


@pytest.mark.parametrize("name", ["our-assistant", f"us.anthropic.{MODEL}-v1:0", f"anthropic/{MODEL}"])
def test_messages_are_recorded_whatever_the_model_is_called(provider: Provider, name: str) -> None:
    middleware = CtxpackMiddleware(models={"our-assistant": MODEL})
    with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as client:
        client.messages.create(model=name, max_tokens=16, messages=[{"role": "user", "content": "Hello"}])
    assert middleware.sessions.session(name).calibration.billed == 100
    assert not middleware.sessions.reasons


def test_vertex_is_packed_before_it_gets_a_path_of_its_own(provider: Provider, middleware: CtxpackMiddleware) -> None:
    vertex = {"access_token": "k", "project_id": "p", "region": "r", "base_url": provider.url}
    with anthropic.AnthropicVertex(**vertex, middleware=[middleware]) as client:
        ask(client, anthropic_messages(3))
    assert provider.paths[-1].endswith(f"/{MODEL}:rawPredict")
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(anthropic_messages(3)))
    assert recorded(middleware) == (1, 100)


def test_usage_is_recorded(client: anthropic.Anthropic, middleware: CtxpackMiddleware) -> None:
    ask(client, anthropic_messages(1))
    assert middleware.sessions.session(MODEL).calibration.requests == 1
    assert middleware.sessions.session(MODEL).calibration.billed == 100


def test_an_answer_may_be_read_raw(client: anthropic.Anthropic, middleware: CtxpackMiddleware) -> None:
    create = client.messages.with_streaming_response.create
    with create(model=MODEL, max_tokens=16, messages=anthropic_messages(1)) as response:
        assert json.loads(b"".join(response.http_response.iter_raw()))["content"][0]["text"] == "done"
    assert recorded(middleware) == (1, 100)
    assert not middleware.sessions.reasons


def test_the_answer_itself_may_be_asked_for(client: anthropic.Anthropic, middleware: CtxpackMiddleware) -> None:
    body = {"model": MODEL, "max_tokens": 16, "messages": anthropic_messages(1)}
    answer = client.post("/v1/messages", cast_to=httpx2.Response, body=body)
    assert answer.json()["content"][0]["text"] == "done"
    assert recorded(middleware) == (1, 100)


def test_a_middleware_behind_may_answer_in_place_of_the_provider(middleware: CtxpackMiddleware) -> None:
    kept = anthropic.types.Message.model_construct(content=[])

    async def kept_async(*_: object) -> anthropic.types.Message:
        return kept

    async def run() -> object:
        async with anthropic.AsyncAnthropic(api_key="k", middleware=[middleware, kept_async]) as client:
            return await client.messages.create(model=MODEL, max_tokens=16, messages=anthropic_messages(1))

    with anthropic.Anthropic(api_key="k", middleware=[middleware, lambda *_: kept]) as client:
        assert ask(client, anthropic_messages(1)) is kept
    assert asyncio.run(run()) is kept
    assert not middleware.sessions.reasons
    assert not middleware.sessions.totals


def test_a_retry_sends_the_same_bytes(client: anthropic.Anthropic, provider: Provider) -> None:
    ask(client, anthropic_messages(2))
    provider.failures = [529]
    ask(client, anthropic_messages(3))
    assert provider.bodies[-1] == provider.bodies[-2] != provider.bodies[-3]


def test_removed_text_comes_back_by_its_handle(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware
) -> None:
    ask(client, anthropic_messages(3))
    handle = provider.bodies[-1].decode().partition("[ctxpack:")[2][:8]
    assert middleware.sessions.original(handle) == anthropic_messages(3)[-1]["content"][0]["content"]


@pytest.mark.parametrize(
    ("model", "reason"),
    [("gpt-unheard-of", "not packed: UnknownModelError"), (MODEL, "not packed: internal error: KeyError")],
)
def test_what_cannot_be_packed_is_sent_as_it_is(
    client: anthropic.Anthropic,
    provider: Provider,
    middleware: CtxpackMiddleware,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    reason: str,
) -> None:
    def fail(*args: object) -> None:
        raise KeyError("secret text")

    monkeypatch.setattr(Packer, "pack", fail)
    messages = anthropic_messages(3)
    client.messages.create(model=model, max_tokens=16, messages=messages)
    assert json.loads(provider.bodies[-1])["messages"] == messages
    assert dict(middleware.sessions.reasons) == {reason: 1}


def test_a_budget_that_cannot_be_met_breaks_no_call(provider: Provider) -> None:
    tight = CtxpackMiddleware(budget=5)
    with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[tight]) as client:
        ask(client, anthropic_messages(1))
    assert json.loads(provider.bodies[-1])["messages"] == anthropic_messages(1)
    assert dict(tight.sessions.reasons) == {"not packed: BudgetError": 1}


def test_a_store_that_may_only_be_read_breaks_no_call(provider: Provider, tmp_path: Path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as store:
        store._database.execute("PRAGMA query_only = ON")
        middleware = CtxpackMiddleware(store=store)
        with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as client:
            ask(client, anthropic_messages(3))
    assert json.loads(provider.bodies[-1])["messages"] == anthropic_messages(3)
    assert dict(middleware.sessions.reasons) == {"not packed: StoreError": 1}


def test_errors_of_the_provider_reach_the_caller(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware
) -> None:
    provider.failures = [400]
    with pytest.raises(anthropic.BadRequestError):
        ask(client, anthropic_messages(1))
    assert not middleware.sessions.reasons


def test_other_endpoints_pass_through(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware
) -> None:
    messages = anthropic_messages(3)
    assert client.messages.count_tokens(model=MODEL, messages=messages).input_tokens == 7
    assert json.loads(provider.bodies[-1])["messages"] == messages
    assert dict(middleware.sessions.reasons) == {"not packed: /count_tokens": 1}


def test_async_client(provider: Provider, middleware: CtxpackMiddleware) -> None:
    async def run() -> str:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as client:
            answer = await client.messages.create(model=MODEL, max_tokens=16, messages=anthropic_messages(3))
            return answer.content[0].text

    assert asyncio.run(run()) == "done"
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(anthropic_messages(3)))
    assert middleware.sessions.session(MODEL).calibration.requests == 1


def test_threads_share_a_client(client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda turns: ask(client, anthropic_messages(turns)), [0, 1, 2, 3] * 4))
    assert middleware.sessions.session(MODEL).calibration.requests == 16
    assert len(set(provider.bodies)) == 4


def test_answers_go_back_into_the_conversation(client: anthropic.Anthropic, provider: Provider) -> None:
    messages: list[dict[str, Any]] = anthropic_messages(1)
    answer = ask(client, messages)
    ask(client, [*messages, {"role": "assistant", "content": answer.content}, {"role": "user", "content": "and?"}])
    assert json.loads(provider.bodies[-1])["messages"][-2]["content"] == [{"type": "text", "text": "done"}]
