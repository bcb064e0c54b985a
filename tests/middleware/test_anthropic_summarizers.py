"""Summarizers behind the anthropic SDK: with its own client, in any event loop, and without holding one up."""

import asyncio
import json
import threading

import anthropic
import anyio
import pytest

from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.packing import Policy, Summaries, SummaryRequest
from tests.middleware.asking import MODEL, ask
from tests.middleware.server import Provider
from tests.packing.conversations import bodies, working

ASKING = Policy("asking", summaries=Summaries(tokens=500, keep_turns=2, patience=0.0))


def test_a_summarizer_may_use_the_same_client(provider: Provider) -> None:
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
def test_a_summarizer_in_any_event_loop(provider: Provider, backend: str) -> None:
    pytest.importorskip(backend)
    packing = CtxpackMiddleware(ASKING, summarizer=lambda request: "done")

    async def talk() -> None:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, middleware=[packing]) as client:
            for body in bodies(working(12, size=30), "anthropic.messages"):
                await client.messages.create(model=MODEL, max_tokens=16, messages=body["messages"])

    anyio.run(talk, backend=backend)
    assert not packing.sessions.reasons
    assert json.loads(provider.bodies[-1])["messages"][0]["content"][-1]["text"].endswith("\ndone")


def test_an_event_loop_goes_on_while_a_summarizer_is_asked(provider: Provider) -> None:
    asked, free = threading.Event(), threading.Event()
    went_on: list[bool] = []

    def summarizer(request: SummaryRequest) -> str:
        asked.set()
        went_on.append(free.wait(20))
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
