"""Streamed answers of the anthropic SDK: they pass as they come, and are recorded when they end."""

import asyncio
import json

import anthropic
import pytest

from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.packing import Session
from tests.middleware.asking import MODEL, ask, recorded
from tests.middleware.conversations import anthropic_messages
from tests.middleware.server import Provider


@pytest.mark.parametrize("compresses", [False, True])
def test_usage_of_streams_is_recorded_when_they_end(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware, compresses: bool
) -> None:
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


def test_a_stream_that_is_closed_early_was_billed_for_its_input(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware
) -> None:
    stream = ask(client, anthropic_messages(3), stream=True)
    assert next(stream).type == "message_start"
    stream.close()
    assert recorded(middleware) == (1, 100)


def test_streams_pass_event_by_event(
    client: anthropic.Anthropic, provider: Provider, middleware: CtxpackMiddleware
) -> None:
    provider.go_on.clear()
    stream = ask(client, anthropic_messages(3), stream=True)
    assert next(stream).type == "message_start", "while the server holds the rest back"
    provider.go_on.set()
    assert [event.type for event in stream][-1] == "message_stop"
    assert recorded(middleware) == (1, 100)


def test_async_streams(provider: Provider, middleware: CtxpackMiddleware) -> None:
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


def test_an_error_in_recording_reaches_no_reader_of_a_stream(
    client: anthropic.Anthropic, middleware: CtxpackMiddleware, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise KeyError("secret text")

    monkeypatch.setattr(Session, "record", fail)
    assert [event.type for event in ask(client, anthropic_messages(3), stream=True)][-1] == "message_stop"
    assert dict(middleware.sessions.reasons) == {"usage not recorded: KeyError": 1}
