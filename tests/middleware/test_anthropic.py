"""The anthropic SDK against a real server: what arrives there, and what the caller sees."""

import asyncio
import copy
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from typing import Any

import anthropic
import anyio
import pytest

from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.packing import Policy, Session, SQLiteOriginals, Summaries, SummaryRequest
from ctxpack.packing.packer import Packer
from tests.middleware.conversations import anthropic_messages
from tests.middleware.server import Provider
from tests.packing.conversations import bodies, working

MODEL = "claude-opus-4-6"


def ask(client: anthropic.Anthropic, messages: list[dict[str, Any]], **more: Any) -> anthropic.types.Message:
    return client.messages.create(model=MODEL, max_tokens=16, messages=messages, **more)


@pytest.fixture
def middleware() -> CtxpackMiddleware:
    return CtxpackMiddleware()


@pytest.fixture
def client(provider: Provider, middleware: CtxpackMiddleware):
    with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as made:
        yield made


def test_a_conversation_arrives_smaller_valid_and_append_only(client, provider, middleware) -> None:
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


def test_usage_is_recorded(client, middleware) -> None:
    ask(client, anthropic_messages(1))
    assert middleware.sessions.session(MODEL).calibration.requests == 1
    assert middleware.sessions.session(MODEL).calibration.billed == 100


def test_a_retry_sends_the_same_bytes(client, provider) -> None:
    ask(client, anthropic_messages(2))
    provider.failures = [529]
    ask(client, anthropic_messages(3))
    assert provider.bodies[-1] == provider.bodies[-2] != provider.bodies[-3]


def test_removed_text_comes_back_by_its_handle(client, provider, middleware) -> None:
    ask(client, anthropic_messages(3))
    handle = provider.bodies[-1].decode().partition("[ctxpack:")[2][:8]
    assert middleware.sessions.original(handle) == anthropic_messages(3)[-1]["content"][0]["content"]


@pytest.mark.parametrize(
    ("model", "reason"),
    [("gpt-unheard-of", "not packed: UnknownModelError"), (MODEL, "not packed: internal error: KeyError")],
)
def test_what_cannot_be_packed_is_sent_as_it_is(client, provider, middleware, monkeypatch, model, reason) -> None:
    def fail(*args: object) -> None:
        raise KeyError("secret text")

    monkeypatch.setattr(Packer, "pack", fail)
    messages = anthropic_messages(3)
    client.messages.create(model=model, max_tokens=16, messages=messages)
    assert json.loads(provider.bodies[-1])["messages"] == messages
    assert dict(middleware.sessions.reasons) == {reason: 1}


def test_a_budget_that_cannot_be_met_breaks_no_call(provider) -> None:
    tight = CtxpackMiddleware(budget=5)
    with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[tight]) as client:
        ask(client, anthropic_messages(1))
    assert json.loads(provider.bodies[-1])["messages"] == anthropic_messages(1)
    assert dict(tight.sessions.reasons) == {"not packed: BudgetError": 1}


def test_a_store_that_may_only_be_read_breaks_no_call(provider, tmp_path) -> None:
    with closing(SQLiteOriginals(tmp_path / "store.db")) as store:
        store._database.execute("PRAGMA query_only = ON")
        middleware = CtxpackMiddleware(store=store)
        with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as client:
            ask(client, anthropic_messages(3))
    assert json.loads(provider.bodies[-1])["messages"] == anthropic_messages(3)
    assert dict(middleware.sessions.reasons) == {"not packed: StoreError": 1}


def test_errors_of_the_provider_reach_the_caller(client, provider, middleware) -> None:
    provider.failures = [400]
    with pytest.raises(anthropic.BadRequestError):
        ask(client, anthropic_messages(1))
    assert not middleware.sessions.reasons


def recorded(middleware: CtxpackMiddleware) -> tuple[int, int]:
    """Requests recorded, and their input tokens as billed."""
    calibration = middleware.sessions.session(MODEL).calibration
    return calibration.requests, calibration.billed


@pytest.mark.parametrize("compresses", [False, True])
def test_usage_of_streams_is_recorded_when_they_end(client, provider, middleware, compresses) -> None:
    provider.compresses = compresses
    with client.messages.stream(model=MODEL, max_tokens=16, messages=anthropic_messages(3)) as stream:
        assert stream.get_final_text() == "done"
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(anthropic_messages(3)))
    events = [event.type for event in ask(client, anthropic_messages(3), stream=True)]
    assert events[0] == "message_start"
    assert events[-1] == "message_stop"
    with client.messages.with_streaming_response.create(
        model=MODEL, max_tokens=16, messages=anthropic_messages(3), stream=True
    ) as response:
        assert sum(line.startswith("data:") for line in response.iter_lines()) == len(events)
    assert recorded(middleware) == (3, 300)
    assert not middleware.sessions.reasons


def test_a_stream_that_is_closed_early_was_billed_for_its_input(client, provider, middleware) -> None:
    stream = ask(client, anthropic_messages(3), stream=True)
    assert next(stream).type == "message_start"
    stream.close()
    assert recorded(middleware) == (1, 100)


def test_streams_pass_event_by_event(client, provider, middleware) -> None:
    provider.go_on.clear()
    stream = ask(client, anthropic_messages(3), stream=True)
    assert next(stream).type == "message_start", "while the server holds the rest back"
    provider.go_on.set()
    assert [event.type for event in stream][-1] == "message_stop"
    assert recorded(middleware) == (1, 100)


def test_async_streams(provider, middleware) -> None:
    async def run() -> list[str]:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as client:
            asked = {"model": MODEL, "max_tokens": 16, "messages": anthropic_messages(3)}
            async with client.messages.stream(**asked) as stream:
                text = await stream.get_final_text()
            early = await client.messages.create(**asked, stream=True)
            first = await anext(aiter(early))
            await early.close()
            return [text, first.type]

    assert asyncio.run(run()) == ["done", "message_start"]
    assert recorded(middleware) == (2, 200)


def test_an_error_in_recording_reaches_no_reader_of_a_stream(client, middleware, monkeypatch) -> None:
    def fail(*args: object) -> None:
        raise KeyError("secret text")

    monkeypatch.setattr(Session, "record", fail)
    assert [event.type for event in ask(client, anthropic_messages(3), stream=True)][-1] == "message_stop"
    assert dict(middleware.sessions.reasons) == {"usage not recorded: KeyError": 1}


def test_other_endpoints_pass_through(client, provider) -> None:
    messages = anthropic_messages(3)
    assert client.messages.count_tokens(model=MODEL, messages=messages).input_tokens == 7
    assert json.loads(provider.bodies[-1])["messages"] == messages


def test_async_client(provider, middleware) -> None:
    async def run() -> str:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as client:
            answer = await client.messages.create(model=MODEL, max_tokens=16, messages=anthropic_messages(3))
            return answer.content[0].text

    assert asyncio.run(run()) == "done"
    assert len(provider.bodies[-1]) < 0.6 * len(json.dumps(anthropic_messages(3)))
    assert middleware.sessions.session(MODEL).calibration.requests == 1


def test_threads_share_a_client(client, provider, middleware) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda turns: ask(client, anthropic_messages(turns)), [0, 1, 2, 3] * 4))
    assert middleware.sessions.session(MODEL).calibration.requests == 16
    assert len(set(provider.bodies)) == 4


def test_answers_go_back_into_the_conversation(client, provider) -> None:
    messages: list[dict[str, Any]] = anthropic_messages(1)
    answer = ask(client, messages)
    ask(client, [*messages, {"role": "assistant", "content": answer.content}, {"role": "user", "content": "and?"}])
    assert json.loads(provider.bodies[-1])["messages"][-2]["content"] == [{"type": "text", "text": "done"}]


ASKING = Policy("asking", summaries=Summaries(tokens=500, keep_turns=2, patience=0.0))


def test_a_summarizer_may_use_the_same_client(provider) -> None:
    def summarizer(request: SummaryRequest) -> str:
        return client.messages.create(**request.body).content[0].text

    packing, requests = (
        CtxpackMiddleware(ASKING, summarizer=summarizer),
        bodies(working(12, size=30), "anthropic.messages"),
    )
    with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[packing]) as client:
        for body in requests:
            ask(client, body["messages"])
    assert set(packing.sessions.reasons) == {"not packed: a summarizer's own request"}
    assert len(provider.bodies) == len(requests) + sum(packing.sessions.reasons.values())
    assert packing.sessions.session(MODEL).calibration.requests == len(requests)
    assert json.loads(provider.bodies[-1])["messages"][0]["content"][-1]["text"].endswith("\ndone")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_summarizer_in_any_event_loop(provider, backend: str) -> None:
    pytest.importorskip(backend)
    packing = CtxpackMiddleware(ASKING, summarizer=lambda request: "done")

    async def talk() -> None:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, middleware=[packing]) as client:
            for body in bodies(working(12, size=30), "anthropic.messages"):
                await client.messages.create(model=MODEL, max_tokens=16, messages=body["messages"])

    anyio.run(talk, backend=backend)
    assert not packing.sessions.reasons
    assert json.loads(provider.bodies[-1])["messages"][0]["content"][-1]["text"].endswith("\ndone")


def test_an_event_loop_goes_on_while_a_summarizer_is_asked(provider) -> None:
    asked, free = threading.Event(), threading.Event()
    went_on: list[bool] = []

    def summarizer(request: SummaryRequest) -> str:
        asked.set()
        went_on.append(free.wait(5))
        return "done"

    async def talk(client: anthropic.AsyncAnthropic) -> None:
        for body in bodies(working(12, size=30), "anthropic.messages"):
            await client.messages.create(model=MODEL, max_tokens=16, messages=body["messages"])

    async def run() -> None:
        packing = CtxpackMiddleware(ASKING, summarizer=summarizer)
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, middleware=[packing]) as client:
            talking = asyncio.create_task(talk(client))
            await asyncio.to_thread(asked.wait, 20)
            free.set()
            await talking

    asyncio.run(run())
    assert went_on
    assert all(went_on)
